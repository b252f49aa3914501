"""`flask db upgrade` and `flask db migrate` with nothing to do: our migrations/ against those that `flask db init` makes.

    python -m benchmarks.daily [--commands upgrade migrate] [--databases sqlite ...] [--rounds 15] [--tables 50] [--check]

One project, twice, each with a database of its own at the one revision there is, the same file on both sides; the first command
is what a team runs at every deployment, the second compares all tables. Whole processes are timed, in turns, the first of a round
being the second of the next one; the ratio is the median of those of the rounds, and beside it stands that of the processor time,
which a busy machine disturbs less. With --check the exit status is 1 where a ratio of the times is above its budget.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.adopting import FLASK
from benchmarks.servers import measure_each
from benchmarks.two_projects import TwoProjects
from tests.servers import DIALECTS

BUDGETS = {"upgrade": 1.05, "migrate": 1.3}


def pair(projects: TwoProjects, command: str, number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ours and theirs, one right after the other."""
    measured = {name: projects.run(name, *FLASK, command) for name in sorted(projects.urls, reverse=bool(number % 2))}
    return measured["ours"], measured["theirs"]


def measure(command: str, dialect: str, tables: int, rounds: int) -> float:
    """Print one row of the table and return its ratio."""
    with ExitStack() as stack:
        projects = TwoProjects(dialect, tables, Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        pairs = [pair(projects, command, number) for number in range(rounds)]
    ours, theirs = (statistics.median(seconds for seconds, _ in side) for side in zip(*pairs, strict=True))
    ratios = [a / b for (a, _), (b, _) in pairs]
    ratio = statistics.median(ratios)
    processor = statistics.median(a / b for (_, a), (_, b) in pairs)
    spread = " ".join(f"{one:.2f}" for one in ratios)
    print(
        f"{command:<8}  {dialect:<10}  {ours:>6.3f} s  {theirs:>8.3f} s  {ratio:>5.2f}  {BUDGETS[command]:>6.2f}  {processor:>9.2f}"
        f"  {spread}",
        flush=True,
    )
    return ratio


def main() -> int:
    """Measure every kind of database; a server that does not answer is named and left out."""
    parser = argparse.ArgumentParser(
        description="Time flask db upgrade and flask db migrate with nothing to do, with our env.py and with Flask-Migrate's."
    )
    parser.add_argument("--commands", nargs="+", choices=BUDGETS, default=list(BUDGETS))
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=DIALECTS)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="exit with 1 where a ratio is above its budget")
    options = parser.parse_args()

    print(
        f"{'command':<8}  {'server':<10}  {'ours':>8}  {'theirs':>10}  {'ratio':>5}  {'budget':>6}  {'processor':>9}  every round"
    )
    status = 0
    for command in options.commands:
        timed = partial(measure, command, tables=options.tables, rounds=options.rounds)
        status = max(status, measure_each(options, timed, BUDGETS[command], may_be_absent=True))
    return status


if __name__ == "__main__":
    sys.exit(main())
