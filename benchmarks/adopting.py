"""Adopting a fleet of databases, each one verified, against one `flask db stamp head` process for each of them.

    python -m benchmarks.adopting [--count 200] [--tables 50] [--databases sqlite postgresql mariadb] [--rounds 3] [--check]

The databases are at four different revisions, and one in twenty is drifted. After every round each must be stamped with the
revision whose schema it has, and the drifted ones with none; otherwise there is no number. `flask db stamp head` verifies nothing;
it is timed several times before and after every round, with Flask-Migrate's own env.py, and the median is multiplied by the number
of databases. With --check the exit status is 1 where a ratio is above the budget.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from benchmarks import sample_app
from benchmarks.results import NotDone, Result, Times, add_check, compared, each_database, told
from benchmarks.servers import empty_database
from benchmarks.whole_run import ENVIRON, file_of, run
from tests.servers import DIALECTS, SERVERS, engine_for, execute
from tests.template.conftest import put_migrations

BUDGET = 0.04
STAMPS = 3  # timed before and after every round
DRIFT = "ALTER TABLE table_0001 ADD COLUMN by_hand VARCHAR(20)"
FLASK = (sys.executable, "-m", "flask", "--app", "big", "db")
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = {name!r}, {down!r}, None, None


def upgrade():
    {body}


def downgrade():
    pass
"""
LATER = {
    "second": "op.add_column('table_0003', sa.Column('phone', sa.String(20)))",
    "third": "op.create_table('later', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(80)))",
    "fourth": "op.create_index('ix_later_name', 'later', ['name'])",
}


class Bench:
    """The fleet on one kind of database; `expected` is what each is to be stamped with."""

    def __init__(self, dialect: str, count: int, tables: int, folder: Path, stack: ExitStack) -> None:
        self.dialect, self.count, self.folder, self.stack = dialect, count, folder, stack
        self.ours, self.theirs, self.expected = folder / "ours", folder / "theirs", dict[str, str | None]()
        sample_app.write(self.ours, tables, self.new_database(), by_hand=True)
        shutil.copytree(self.ours, self.theirs)
        self.revisions = self.write_revisions()
        self.make_databases()

    def new_database(self) -> str:
        """The URL of an empty database, which is dropped in the end."""
        return empty_database(self.dialect, self.folder, self.stack)

    def write_revisions(self) -> list[str]:
        """Four revisions in both projects: the baseline as it is generated, and three more."""
        put_migrations(self.ours)
        versions = self.ours / "migrations" / "versions"
        versions.mkdir()
        run(self.ours, *FLASK, "migrate", "-m", "baseline", env={"DATABASE_URL": self.new_database()})
        names = [path.name.split("_")[1] for path in versions.glob("*.py")]
        for name, body in LATER.items():
            (versions / f"{name}.py").write_text(REVISION.format(name=name, down=names[-1], body=body))
            names.append(name)
        run(self.theirs, *FLASK, "init")
        shutil.copytree(versions, self.theirs / "migrations" / "versions", dirs_exist_ok=True)
        return names

    def make_databases(self) -> None:
        """One database at each revision, and from then on copies of those."""
        models = []
        for revision in self.revisions:
            models.append(self.new_database())
            run(self.ours, *FLASK, "upgrade", revision, env={"DATABASE_URL": models[-1]})
            execute(models[-1], "DROP TABLE alembic_version")
        lines = []
        for number in range(self.count):
            url = self.copy(models[number % len(models)])
            is_drifted = number % 20 == 7
            if is_drifted:
                execute(url, DRIFT)
            self.expected[url] = None if is_drifted else self.revisions[number % len(models)]
            lines.append(f"customer-{number} = {url}\n")
        (self.ours / "customers.txt").write_text("".join(lines))

    def copy(self, model: str) -> str:
        """The URL of another database like `model`."""
        url = self.new_database()
        if self.dialect == "sqlite":
            shutil.copyfile(file_of(model), file_of(url))
        elif self.dialect == "postgresql":
            old, new = sa.make_url(model).database, sa.make_url(url).database
            execute(SERVERS[self.dialect], f'DROP DATABASE "{new}"', f'CREATE DATABASE "{new}" TEMPLATE "{old}"')
        else:
            with engine_for(model).connect() as connection:
                names = connection.exec_driver_sql("SHOW TABLES").scalars().all()
                statements = [connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").one()[1] for name in names]
            with engine_for(url).connect() as connection:
                for statement in ["SET foreign_key_checks = 0", *statements]:
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        return url

    def adopt(self) -> tuple[Times, float]:
        """What the one command takes, and its MiB at the most; every database is then as it must be, and unstamped again."""
        command = [sys.executable, "-m", "migrations.adopt", "--urls-from", "customers.txt"]
        began = time.perf_counter()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                command, cwd=self.ours, env={**ENVIRON, "FLASK_APP": "big"}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != int(None in self.expected.values()):
                said.seek(0)
                raise NotDone(f"{' '.join(command)} ended with {process.returncode}:\n{said.read().decode()}")
        for url, expected in self.expected.items():
            if stamped(url) != expected:
                raise NotDone(f"a database at {expected} is stamped with {stamped(url)}")
            if expected:
                execute(url, "DROP TABLE alembic_version")
        return Times(seconds, used.ru_utime + used.ru_stime), used.ru_maxrss / 1024

    def stamp(self) -> Times:
        """What one `flask db stamp head` takes."""
        url = next(iter(self.expected))
        times = run(self.theirs, *FLASK, "stamp", "head", env={"DATABASE_URL": url})
        if stamped(url) != self.revisions[-1]:
            raise NotDone(f"flask db stamp head has stamped {stamped(url)}")
        execute(url, "DROP TABLE alembic_version")
        return times


def stamped(url: str) -> str | None:
    """What `alembic_version` holds."""
    engine = engine_for(url)
    if not sa.inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return ", ".join(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())


def measure(dialect: str, count: int, tables: int, rounds: int) -> Result:
    """One kind of database; the numbers are those of one more database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = Bench(dialect, count, tables, folder, stack)
        bench.stamp()
        pairs, most = [], 0.0
        for _ in range(rounds):
            stamps = [bench.stamp() for _ in range(STAMPS)]
            times, memory = bench.adopt()
            stamps += [bench.stamp() for _ in range(STAMPS)]
            most = max(most, memory)
            pairs.append((times, Times(*map(statistics.median, zip(*map(astuple, stamps), strict=True))) * count))
    result = compared(f"adopt {count} databases, {tables} tables, {dialect}", pairs, BUDGET)
    return replace(result, rounds=f"{result.rounds} ({most:.0f} MiB)")


def results(dialects: Sequence[str] = DIALECTS, count: int = 200, tables: int = 50, rounds: int = 3) -> Iterator[Result]:
    """Every kind of database that is asked for."""
    timed = partial(measure, count=count, tables=tables, rounds=rounds)
    return each_database(f"adopt {count} databases, {tables} tables", dialects, timed)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="Time the adoption of many databases against flask db stamp head for each.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=DIALECTS)
    parser.add_argument("--rounds", type=int, default=3)
    add_check(parser)
    options = parser.parse_args()
    return told(results(options.databases, options.count, options.tables, options.rounds), check=options.check)


if __name__ == "__main__":
    sys.exit(main())
