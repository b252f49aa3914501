"""A `flask db upgrade` that has nothing to do, with our migrations/ and with the one that `flask db init` makes.

    python -m benchmarks.upgrade [--databases sqlite postgresql mariadb] [--rounds 15] [--tables 50] [--check]

One project, twice, each with a database of its own at the one revision there is, the same file on both sides; the command is what
a team runs at every deployment. Whole processes are timed, in turns, the first of a round being the second of the next one; the
ratio is the median of those of the rounds, and beside it stands that of the processor time, which a busy machine disturbs less.
With --check the exit status is 1 where the ratio of the times is above the budget.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from benchmarks import sample_app
from benchmarks.adopting import FLASK, MIGRATIONS
from benchmarks.whole_run import NotDone, run
from tests.end_to_end.tools import heads, stamped_at
from tests.servers import DIALECTS, new_database, why_unreachable

BUDGET = 1.05


class Bench:
    """Both projects on one kind of database, each at head."""

    def __init__(self, dialect: str, tables: int, folder: Path, stack: ExitStack) -> None:
        self.dialect, self.folder, self.stack = dialect, folder, stack
        self.urls = {"ours": self.new_database(), "theirs": self.new_database()}
        for name, url in self.urls.items():
            sample_app.write(folder / name, tables, url, by_hand=True)
        ours, theirs = (folder / name / "migrations" for name in self.urls)
        shutil.copytree(MIGRATIONS, ours, ignore=shutil.ignore_patterns("*.jinja", "__pycache__"))
        (ours / "versions").mkdir()
        run(folder / "ours", *FLASK, "migrate", "-m", "baseline", env={"DATABASE_URL": self.new_database()})
        run(folder / "theirs", *FLASK, "init")
        shutil.copytree(ours / "versions", theirs / "versions", dirs_exist_ok=True)
        for name in self.urls:
            self.upgrade(name)
            self.upgrade(name)  # the bytecode of what only the second one imports

    def new_database(self) -> str:
        """The URL of an empty database, with the driver that the application uses."""
        url = sa.make_url(self.stack.enter_context(new_database(self.dialect, self.folder)))
        driver = "postgresql+psycopg2" if self.dialect == "postgresql" else url.drivername
        return url.set(drivername=driver).render_as_string(hide_password=False)

    def upgrade(self, name: str) -> tuple[float, float]:
        """(seconds, seconds of the processor) of one `flask db upgrade`; the database is at the newest revision afterwards."""
        before = processor_s()
        seconds = run(self.folder / name, *FLASK, "upgrade")
        processor = processor_s() - before
        if len(heads(self.folder / name)) != 1 or stamped_at(self.urls[name]) != heads(self.folder / name):
            raise NotDone(f"the database is at {stamped_at(self.urls[name])}, the revisions are {heads(self.folder / name)}")
        return seconds, processor

    def pair(self, number: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Ours and theirs, one right after the other."""
        measured = {name: self.upgrade(name) for name in sorted(self.urls, reverse=bool(number % 2))}
        return measured["ours"], measured["theirs"]


def processor_s() -> float:
    """What the processes that have ended took of the processor so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(dialect: str, tables: int, rounds: int) -> float:
    """Print one row of the table and return its ratio."""
    with ExitStack() as stack:
        bench = Bench(dialect, tables, Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        pairs = [bench.pair(number) for number in range(rounds)]
    ours, theirs = (statistics.median(seconds for seconds, _ in side) for side in zip(*pairs, strict=True))
    ratios = [a / b for (a, _), (b, _) in pairs]
    ratio = statistics.median(ratios)
    processor = statistics.median(a / b for (_, a), (_, b) in pairs)
    spread = " ".join(f"{one:.2f}" for one in ratios)
    print(
        f"{dialect:<10}  {ours:>6.3f} s  {theirs:>8.3f} s  {ratio:>5.2f}  {BUDGET:>6.2f}  {processor:>9.2f}  {spread}", flush=True
    )
    return ratio


def main() -> int:
    """Measure every kind of database; a server that does not answer is named and left out."""
    parser = argparse.ArgumentParser(
        description="Time a flask db upgrade with nothing to do, with our env.py and with Flask-Migrate's."
    )
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=DIALECTS)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="exit with 1 where a ratio is above the budget")
    options = parser.parse_args()

    print(f"{'server':<10}  {'ours':>8}  {'theirs':>10}  {'ratio':>5}  {'budget':>6}  {'processor':>9}  every round")
    failed, ratios = False, [0.0]
    for dialect in options.databases:
        if dialect != "sqlite" and (reason := why_unreachable(dialect)):
            print(f"{dialect:<10}  not measured: {reason}")
            continue
        try:
            ratios.append(measure(dialect, options.tables, options.rounds))
        except NotDone as reason:
            print(f"{dialect:<10}  not measured: {reason}")
            failed = True
    return 1 if failed or (options.check and max(ratios) > BUDGET) else 0


if __name__ == "__main__":
    sys.exit(main())
