"""Verifying one existing database against its revisions, and `flask db check` on the same one.

    python -m benchmarks.verifying [--tables 1000] [--databases postgresql] [--rounds 3] [--check]

Ours is `python -m migrations.adopt status`: the revisions are replayed on a scratch database, and the schema that they build is
compared with that of the existing database. `flask db check` compares the models with the database, and no revision. Whole
processes are timed, in turns. With --check the exit status is 1 where the ratio is above the budget.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.adopting import FLASK
from benchmarks.results import Result, add_check, compared, each_database, told
from benchmarks.two_projects import TwoProjects
from tests.servers import DIALECTS

BUDGET = 0.6
COMMANDS = {"ours": (sys.executable, "-m", "migrations.adopt", "status"), "theirs": (*FLASK, "check")}


def measure(dialect: str, tables: int, rounds: int) -> Result:
    """One kind of database."""
    with ExitStack() as stack:
        projects = TwoProjects(dialect, tables, Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        pairs = [projects.pair(COMMANDS, number) for number in range(rounds)]
    return compared(f"adopt status, {tables} tables, {dialect}", pairs, BUDGET)


def results(dialects: Sequence[str] = ("postgresql",), tables: int = 1000, rounds: int = 3) -> Iterator[Result]:
    """Every kind of database that is asked for."""
    return each_database(f"adopt status, {tables} tables", dialects, partial(measure, tables=tables, rounds=rounds))


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="Time the verification of one existing database against flask db check.")
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=("postgresql",))
    parser.add_argument("--rounds", type=int, default=3)
    add_check(parser)
    options = parser.parse_args()
    return told(results(options.databases, options.tables, options.rounds), check=options.check)


if __name__ == "__main__":
    sys.exit(main())
