"""Looking through a large tree, against reading its Python files once.

    python -m benchmarks.detection [--files 10000] [--rounds 7] [--check]

Both sides run in this process, in turns, on the same files, which the system has in memory. The measure is the time that passes, as
a user waits for it and as in `whole_run`. With --check the exit status is 1 where a ratio is above its budget.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import large_tree
from benchmarks.results import Result, Times, add_check, compared, processor_s, told
from hooks.detect.project import detect
from tests.end_to_end.tools import commit_all, git
from tests.plain_environ import plain_environ

BUDGET = 2.0  # at most so many times reading the files
FOREIGN_APP_FILES = 200  # of the project that has an environment and node_modules beside it
NODE_PACKAGES = 500


def timed(work: Callable[[], object]) -> Times:
    """What `work` costs here and in the processes that it starts."""
    gc.collect()
    before, began = processor_s(), time.perf_counter()
    result = work()
    times = Times(time.perf_counter() - began, processor_s() - before)
    del result
    return times


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


def measure(name: str, folder: Path, rounds: int) -> Result:
    """One tree."""
    what = f"look through {sum(1 for _ in python_files(folder))} files, {name}"
    if not found_all(folder):
        return Result(what, problem="the application or its models were not found")
    read_all(folder)
    return compared(what, [(timed(lambda: detect(folder)), timed(lambda: read_all(folder))) for _ in range(rounds)], BUDGET)


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
        "git": large,
        "no git": plain,
        "environment": foreign,
        "environment, no git": unversioned,
    }


def results(files: int = 10_000, rounds: int = 7, names: Sequence[str] = ()) -> Iterator[Result]:
    """Every tree, or those of `names`."""
    os.environ.clear()
    os.environ.update(plain_environ())
    with tempfile.TemporaryDirectory() as folder:
        for name, tree in trees(Path(folder), files).items():
            if name in names or not names:
                yield measure(name, tree, rounds)


def main() -> int:
    """Measure every tree."""
    parser = argparse.ArgumentParser(description="Time the look through a large tree against reading its Python files once.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    add_check(parser)
    options = parser.parse_args()
    return told(results(options.files, options.rounds), check=options.check)


if __name__ == "__main__":
    sys.exit(main())
