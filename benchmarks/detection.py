"""Looking through a large tree, against reading its Python files once.

    python -m benchmarks.detection [--files 10000] [--rounds 7] [--check]

Both sides run in this process, in turns, on the same files, which the system has in memory. The measure is the time that passes, as
a user waits for it and as in `whole_run`; the ratio of processor time, that of git included, is printed beside it.
With --check the exit status is 1 where a ratio is above its budget.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import large_tree
from hooks.detect.project import detect
from tests.end_to_end.tools import commit_all, git
from tests.plain_environ import plain_environ

BUDGET = 2.0  # at most so many times reading the files
FOREIGN_APP_FILES = 200  # of the project that has an environment and node_modules beside it
NODE_PACKAGES = 500


@dataclass(frozen=True)
class Times:
    """Seconds of one side of one round."""

    processor: float
    passed: float


def timed(work: Callable[[], object]) -> Times:
    """What `work` costs here and in the processes that it starts."""
    gc.collect()
    before, began = os.times(), time.perf_counter()
    result = work()
    passed, after = time.perf_counter() - began, os.times()
    del result
    return Times(sum(after[:4]) - sum(before[:4]), passed)


def read_all(folder: Path) -> int:
    """Find the Python files and read each once, in the plain way."""
    return sum(len(path.read_text(encoding="utf-8", errors="replace")) for path in python_files(folder))


def python_files(folder: Path) -> Iterator[Path]:
    """The Python files below a folder, without looking into git's own."""
    tops = [path for path in folder.iterdir() if path.is_dir() and path.name != ".git"]
    return (path for top in tops for path in top.rglob("*.py"))


def found_all(folder: Path) -> bool:
    """Look, and say whether what the tree was written with was found."""
    project = detect(folder)
    models = [model for model in project.models if not model.in_tests]
    return len(models) == large_tree.MODEL_FILES and [app.name for app in project.apps if not app.in_tests] == ["create_app"]


def measure(name: str, folder: Path, rounds: int) -> float:
    """Print one row of the table and return its ratio."""
    files = sum(1 for _ in python_files(folder))
    if not found_all(folder):
        raise SystemExit(f"{name}: the application or its models were not found, so there is no number")
    read_all(folder)
    pairs = [(timed(lambda: detect(folder)), timed(lambda: read_all(folder))) for _ in range(rounds)]
    ours, theirs = (statistics.median(times.passed for times in side) for side in zip(*pairs, strict=True))
    processor = [statistics.median(times.processor for times in side) for side in zip(*pairs, strict=True)]
    spread = " ".join(f"{a.passed:.2f}/{b.passed:.2f}" for a, b in pairs)
    print(
        f"{name:<30}  {files:>6}  {ours:>6.2f} s  {theirs:>6.2f} s  {ours / theirs:>5.2f}  {BUDGET:>6.2f}"
        f"  {processor[0] / processor[1]:>9.2f}  {spread}",
        flush=True,
    )
    return ours / theirs


def trees(folder: Path, files: int) -> dict[str, Path]:
    """The trees to look through, by what they are."""
    large, plain, foreign = folder / "large", folder / "plain", folder / "foreign"
    large_tree.write(large, files)
    shutil.copytree(large, plain)
    large_tree.write(foreign, FOREIGN_APP_FILES)
    large_tree.add_environment(foreign, "backend/env")
    large_tree.add_node_modules(foreign, NODE_PACKAGES)
    unversioned = folder / "foreign_plain"
    shutil.copytree(foreign, unversioned)
    for repository in (large, foreign):
        git(repository, "init", "-q")
        git(repository, "config", "gc.auto", "0")  # nothing in the background
        commit_all(repository)
    return {
        "large application, git": large,
        "large application": plain,
        "environment, node_modules, git": foreign,
        "environment, node_modules": unversioned,
    }


def main() -> int:
    """Measure every tree."""
    parser = argparse.ArgumentParser(description="Time the look through a large tree against reading its Python files once.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="exit with 1 where a ratio is above its budget")
    options = parser.parse_args()

    os.environ.clear()
    os.environ.update(plain_environ())
    print(f"{'tree':<30}  {'files':>6}  {'looking':>8}  {'reading':>8}  {'ratio':>5}  {'budget':>6}  {'processor':>9}  every round")
    with tempfile.TemporaryDirectory() as folder:
        made = trees(Path(folder), options.files)
        ratios = [measure(name, tree, options.rounds) for name, tree in made.items()]
    return 1 if options.check and max(ratios) > BUDGET else 0


if __name__ == "__main__":
    sys.exit(main())
