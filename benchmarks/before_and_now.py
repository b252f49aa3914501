"""The whole `copier copy` of the working tree against that of another commit.

    python -m benchmarks.before_and_now [COMMIT] [--tables 50] [--databases sqlite postgresql mariadb] [--rounds 5] [--check 1.0]

Both work on fresh copies of the same project and the same populated database, in turns, each first as often as second; only
`copier copy` is timed, from start to exit. COMMIT is the one before the newest where none is named. The ratio is the median of
those of the rounds. With --check the exit status is 1 where a ratio is above that number.
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.servers import empty_database
from benchmarks.whole_run import Bench, NotDone, run
from tests.end_to_end.tools import ROOT, TEMPLATE_PATHS, commit_all, git, template_source
from tests.servers import DIALECTS, SERVERS, execute, why_unreachable


class BeforeAndNow(Bench):
    """One number of tables on one kind of database; on MariaDB, too."""

    def of(self, template: Path) -> float:
        """Seconds that `copier copy` from this template takes."""
        project = self.fresh("before")
        answers = ["-d", f"python={sys.executable}"]
        seconds = run(project, sys.executable, "-m", "copier", "copy", "--trust", "--defaults", *answers, str(template), ".")
        self.require_stamped(project)
        return seconds

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


def measure(tables: int, dialect: str, rounds: int, before: Path) -> float:
    """Print one row of the table and return its ratio."""
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
            seconds = {template: made.of(template) for template in order}
            pairs.append((seconds[before], seconds[template_source()]))
    theirs, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(now / then for then, now in pairs)
    spread = " ".join(f"{then:.2f}/{now:.2f}" for then, now in pairs)
    print(f"{tables:>6}  {dialect:<10}  {theirs:>6.2f} s  {ours:>6.2f} s  {ratio:>5.2f}  {spread}", flush=True)
    return ratio


def main() -> int:
    """Measure everything asked for; a server that does not answer is named and left out."""
    parser = argparse.ArgumentParser(description="Time copier copy of the working tree against that of another commit.")
    parser.add_argument("commit", nargs="?", default="HEAD~1")
    parser.add_argument("--tables", type=int, nargs="+", default=[50])
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=DIALECTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", type=float, metavar="RATIO", help="exit with 1 where a ratio is above this")
    options = parser.parse_args()
    print(f"{'tables':>6}  {'database':<10}  {'before':>8}  {'now':>8}  {'ratio':>5}  every round")
    failed, ratios = False, []
    with tempfile.TemporaryDirectory() as folder:
        before = template_at(options.commit, Path(folder))
        for tables in options.tables:
            for dialect in options.databases:
                if dialect != "sqlite" and (reason := why_unreachable(dialect)):
                    print(f"{tables:>6}  {dialect:<10}  not measured: {reason}")
                    continue
                try:
                    ratios.append(measure(tables, dialect, options.rounds, before))
                except NotDone as reason:
                    print(f"{tables:>6}  {dialect:<10}  not measured: {reason}")
                    failed = True
    return 1 if failed or (options.check is not None and max(ratios, default=0) > options.check) else 0


if __name__ == "__main__":
    sys.exit(main())
