"""Verifying one existing database against its revisions, and `flask db check` on the same one.

    python -m benchmarks.verifying [--tables 1000] [--databases postgresql] [--rounds 3] [--check]

Ours is `python -m migrations.adopt status`: the revisions are replayed on a scratch database, and the schema that they build is
compared with that of the existing database. `flask db check` compares the models with the database, and no revision. Whole
processes are timed, in turns. With --check the exit status is 1 where the ratio is above the budget.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.adopting import FLASK
from benchmarks.servers import measure_each
from benchmarks.two_projects import TwoProjects
from tests.servers import DIALECTS

BUDGET = 0.6
COMMANDS = {"ours": (sys.executable, "-m", "migrations.adopt", "status"), "theirs": (*FLASK, "check")}


def measure(dialect: str, tables: int, rounds: int) -> float:
    """Print one row of the table and return its ratio."""
    with ExitStack() as stack:
        projects = TwoProjects(dialect, tables, Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        times: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for number in range(rounds):
            for name in sorted(COMMANDS, reverse=bool(number % 2)):
                times[name].append(projects.run(name, *COMMANDS[name])[0])
    ours, theirs = (statistics.median(times[name]) for name in COMMANDS)
    spread = " / ".join(" ".join(f"{one:.2f}" for one in times[name]) for name in COMMANDS)
    print(
        f"{dialect:<10}  {tables:>6}  {ours:>6.2f} s  {theirs:>6.2f} s  {ours / theirs:>5.2f}  {BUDGET:>6.2f}  {spread}", flush=True
    )
    return ours / theirs


def main() -> int:
    """Measure every kind of database; one that gives no number is named, and fails."""
    parser = argparse.ArgumentParser(description="Time the verification of one existing database against flask db check.")
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=("postgresql",))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="exit with 1 where a ratio is above the budget")
    options = parser.parse_args()

    print(f"{'server':<10}  {'tables':>6}  {'status':>8}  {'check':>8}  {'ratio':>5}  {'budget':>6}  every time")
    return measure_each(options, lambda dialect: measure(dialect, options.tables, options.rounds), BUDGET)


if __name__ == "__main__":
    sys.exit(main())
