"""`flask db upgrade` and `flask db migrate` with nothing to do: our migrations/ against those that `flask db init` makes.

    python -m benchmarks.daily [--commands upgrade migrate] [--databases sqlite ...] [--rounds 15] [--tables 50] [--check]

One project, twice, each with a database of its own at the one revision there is, the same file on both sides; the first command
is what a team runs at every deployment, the second compares all tables. Whole processes are timed, in turns, the first of a round
being the second of the next one. With --check the exit status is 1 where a ratio of the times is above its budget.
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

BUDGETS = {"upgrade": 1.05, "migrate": 1.3}
ROUNDS = 15


def measure(dialect: str, command: str, tables: int, rounds: int) -> Result:
    """One command on one kind of database."""
    both = dict.fromkeys(("ours", "theirs"), (*FLASK, command))
    with ExitStack() as stack:
        projects = TwoProjects(dialect, tables, Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        pairs = [projects.pair(both, number) for number in range(rounds)]
    return compared(f"flask db {command}, {tables} tables, {dialect}", pairs, BUDGETS[command])


def results(
    commands: Sequence[str] = tuple(BUDGETS), dialects: Sequence[str] = DIALECTS, tables: int = 50, rounds: int = ROUNDS
) -> Iterator[Result]:
    """Every command on every kind of database."""
    for command in commands:
        timed = partial(measure, command=command, tables=tables, rounds=rounds)
        yield from each_database(f"flask db {command}, {tables} tables", dialects, timed)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description="Time flask db upgrade and flask db migrate with nothing to do, with our env.py and with Flask-Migrate's."
    )
    parser.add_argument("--commands", nargs="+", choices=BUDGETS, default=list(BUDGETS))
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=DIALECTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    add_check(parser)
    options = parser.parse_args()
    return told(results(options.commands, options.databases, options.tables, options.rounds), check=options.check)


if __name__ == "__main__":
    sys.exit(main())
