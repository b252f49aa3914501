"""The whole `copier copy` of the working tree against that of another commit.

    python -m benchmarks.before_and_now [COMMIT] [--tables 50] [--databases sqlite postgresql mariadb] [--rounds 5] [--check 1.0]

Both work on fresh copies of the same project and the same populated database, in turns, each first as often as second; only
`copier copy` is timed, from start to exit. COMMIT is the one before the newest where none is named. The ratio is the median of
those of the rounds. With --check the exit status is 1 where a ratio is above that number.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.results import Result, Times, compared, each_database, told
from benchmarks.servers import empty_database
from benchmarks.whole_run import Bench, run
from tests.end_to_end.tools import ROOT, TEMPLATE_PATHS, commit_all, git, template_source
from tests.servers import DIALECTS, SERVERS, execute


class BeforeAndNow(Bench):
    """One number of tables on one kind of database; on MariaDB, too."""

    def of(self, template: Path) -> Times:
        """What `copier copy` from this template takes."""
        project = self.fresh("before")
        answers = ["-d", f"python={sys.executable}"]
        times = run(project, sys.executable, "-m", "copier", "copy", "--trust", "--defaults", *answers, str(template), ".")
        self.require_stamped(project)
        return times

    def copy_database(self, source: str, target: str) -> None:
        """Let the server copy a whole database, or its tools."""
        if self.dialect != "mariadb":
            super().copy_database(source, target)
            return
        old, new = make_url(source), make_url(target)
        execute(SERVERS["mariadb"], f"DROP DATABASE IF EXISTS `{new.database}`", f"CREATE DATABASE `{new.database}`")
        login = ["-h", str(old.host), "-P", str(old.port or 3306), "-u", str(old.username)]
        password = {"MYSQL_PWD": str(old.password)} if old.password else {}
        dumped = subprocess.run(["mariadb-dump", *login, str(old.database)], env=password, capture_output=True, check=True)
        subprocess.run(["mariadb", *login, str(new.database)], env=password, input=dumped.stdout, check=True)

    def restore_database(self) -> None:
        """Make the existing database as it was put aside."""
        if self.dialect == "sqlite":
            super().restore_database()
        else:
            self.copy_database(self.kept_url, self.url)


def template_at(commit: str, folder: Path) -> Path:
    """The template as it was at that commit, in a repository of its own."""
    there = git(ROOT, "ls-tree", "--name-only", commit).splitlines()
    paths = [path for path in TEMPLATE_PATHS if path in there]
    archive = subprocess.run(["git", "archive", commit, "--", *paths], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    commit_all(folder)
    return folder


def measure(dialect: str, tables: int, rounds: int, before: Path, most: float | None) -> Result:
    """One kind of database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, empty_url = (empty_database(dialect, folder, stack) for _ in range(2))
        made = BeforeAndNow(tables, dialect, folder, url, empty_url)
        if dialect != "sqlite":
            quote = "`" if dialect == "mariadb" else '"'
            name = quote + str(make_url(made.kept_url).database) + quote
            stack.callback(execute, SERVERS[dialect], f"DROP DATABASE IF EXISTS {name}")
        made.prepare()
        pairs = []
        for number in range(rounds):
            order = (before, template_source()) if number % 2 else (template_source(), before)
            times = {template: made.of(template) for template in order}
            pairs.append((times[template_source()], times[before]))
    return compared(f"copier copy, {tables} tables, {dialect}", pairs, most)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="Time copier copy of the working tree against that of another commit.")
    parser.add_argument("commit", nargs="?", default="HEAD~1")
    parser.add_argument("--tables", type=int, nargs="+", default=[50])
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=DIALECTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", type=float, metavar="RATIO", help="exit with 1 where a ratio is above this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        timed = partial(measure, rounds=options.rounds, before=template_at(options.commit, Path(folder)), most=options.check)
        sizes = (
            each_database(f"copier copy, {tables} tables", options.databases, partial(timed, tables=tables))
            for tables in options.tables
        )
        return told(chain.from_iterable(sizes), check=options.check is not None)


if __name__ == "__main__":
    sys.exit(main())
