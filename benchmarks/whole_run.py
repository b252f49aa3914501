"""The whole `copier copy`, all checks included, against the three commands of doing it by hand.

    python -m benchmarks.whole_run [--tables 50 1000] [--databases sqlite postgresql] [--rounds 5] [--check]

Both sides work on fresh copies of the same project and the same populated database, in turns; only processes are timed, from
start to exit. By hand means `flask db init`, `flask db migrate` with DATABASE_URL naming an empty database, `flask db stamp head`,
in a project that is wired already; nothing is verified there. With --check the exit status is 1 where a ratio is above its budget.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from benchmarks import sample_app
from benchmarks.results import NotDone, Result, Times, add_check, compared, each_database, processor_s, told
from tests.end_to_end.tools import commit_all, heads, stamped_at, template_source
from tests.plain_environ import plain_environ
from tests.servers import SERVERS, execute, new_database

BUDGETS = {50: 1.3, 1000: 0.9}  # at most so many times the commands by hand
ENVIRON = {name: value for name, value in plain_environ().items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass
class Bench:
    """One number of tables on one kind of database; projects are made once and copied for every round."""

    tables: int
    dialect: str
    folder: Path
    url: str  # the existing database
    empty_url: str

    def prepare(self) -> None:
        """Write both projects and let the unwired one fill the database; bytecode stays, as where a team has run its app."""
        for name, by_hand in (("before", False), ("by_hand", True)):
            sample_app.write(self.folder / name, self.tables, self.url, by_hand=by_hand)
        run(self.folder / "before", sys.executable, "-c", sample_app.POPULATE)
        run(self.folder / "by_hand", sys.executable, "-c", "import big; big.create_app()")
        for name in ("before", "by_hand"):
            commit_all(self.folder / name)
        self.keep_database()

    def fresh(self, name: str) -> Path:
        """An untouched copy of one of the two projects, with an untouched existing database and an empty one."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder / name, copy)
        self.restore_database()
        return copy

    def copier(self) -> Times:
        """What `copier copy` takes."""
        project = self.fresh("before")
        answers = ["-d", f"python={sys.executable}"]
        times = run(project, sys.executable, "-m", "copier", "copy", "--trust", "--defaults", *answers, str(template_source()), ".")
        self.require_stamped(project)
        return times

    def by_hand(self) -> Times:
        """What the three commands take, one after the other."""
        project = self.fresh("by_hand")
        flask = [sys.executable, "-m", "flask", "--app", "big", "db"]
        times = [run(project, *flask, "init")]
        times.append(run(project, *flask, "migrate", env={"DATABASE_URL": self.empty_url}))
        times.append(run(project, *flask, "stamp", "head"))
        self.require_stamped(project)
        return Times(*map(sum, zip(*map(astuple, times), strict=True)))

    def require_stamped(self, project: Path) -> None:
        """Make sure that the measured work was really done."""
        if len(heads(project)) != 1 or stamped_at(self.url) != heads(project):
            raise NotDone(f"the database is at {stamped_at(self.url)}, the revisions are {heads(project)}")

    def keep_database(self) -> None:
        """Put the populated database aside."""
        if self.dialect == "sqlite":
            shutil.copy2(file_of(self.url), self.folder / "kept.db")
        else:
            self.copy_database(self.url, self.kept_url)

    def restore_database(self) -> None:
        """Make the existing database as it was put aside, and the empty one empty."""
        if self.dialect == "sqlite":
            shutil.copy2(self.folder / "kept.db", file_of(self.url))
            file_of(self.empty_url).unlink(missing_ok=True)
        else:
            self.copy_database(self.kept_url, self.url)
            name = make_url(self.empty_url).database
            execute(SERVERS[self.dialect], f'DROP DATABASE "{name}"', f'CREATE DATABASE "{name}"')

    @property
    def kept_url(self) -> str:
        """The database that was put aside."""
        return self.url + "_kept"

    def copy_database(self, source: str, target: str) -> None:
        """Let the PostgreSQL server copy a whole database."""
        old, new = make_url(source).database, make_url(target).database
        execute(SERVERS[self.dialect], f'DROP DATABASE IF EXISTS "{new}"', f'CREATE DATABASE "{new}" TEMPLATE "{old}"')


def file_of(url: str) -> Path:
    """The file of an SQLite URL."""
    return Path(str(make_url(url).database))


def run(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> Times:
    """What one process takes from start to exit; it must end well."""
    before, began = processor_s(), time.perf_counter()
    ended = subprocess.run(
        command, cwd=folder, env={**ENVIRON, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    times = Times(time.perf_counter() - began, processor_s() - before)
    if ended.returncode:
        raise NotDone(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")
    return times


@contextmanager
def bench(tables: int, dialect: str) -> Iterator[Bench]:
    """Two projects and their databases, removed afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, empty_url = (stack.enter_context(new_database(dialect, folder)) for _ in range(2))
        made = Bench(tables, dialect, folder, url, empty_url)
        if dialect != "sqlite":
            stack.callback(execute, SERVERS[dialect], f'DROP DATABASE IF EXISTS "{make_url(made.kept_url).database}"')
        made.prepare()
        yield made


def measure(dialect: str, tables: int, rounds: int) -> Result:
    """One kind of database."""
    with bench(tables, dialect) as made:
        pairs = [(made.copier(), made.by_hand()) for _ in range(rounds)]
    return compared(f"copier copy, {tables} tables, {dialect}", pairs, BUDGETS.get(tables))


def results(
    sizes: Sequence[int] = tuple(BUDGETS), dialects: Sequence[str] = ("sqlite", "postgresql"), rounds: int | None = None
) -> Iterator[Result]:
    """Every number of tables on every kind of database; 5 rounds where none are given, 3 from 500 tables on."""
    for tables in sizes:
        timed = partial(measure, tables=tables, rounds=rounds or (5 if tables < 500 else 3))
        yield from each_database(f"copier copy, {tables} tables", dialects, timed)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="Time the whole copier copy against the three commands of doing it by hand.")
    parser.add_argument("--tables", type=int, nargs="+", default=list(BUDGETS))
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, help="5, and 3 from 500 tables on")
    add_check(parser)
    options = parser.parse_args()
    return told(results(options.tables, options.databases, options.rounds), check=options.check)


if __name__ == "__main__":
    sys.exit(main())
