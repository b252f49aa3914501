"""Which files belong to the project: tracked, or untracked and not ignored; never somebody else's code.

Where git does not know the folder (no repository, no git, or the folder itself is ignored) the tree is walked instead.
Left out either way: virtual environments, committed ones included, node_modules, site-packages, links, and anything that is
not a regular file.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CACHE = "__pycache__"
# Folders of these names hold what somebody else wrote, or what a tool can write again.
FOREIGN = frozenset({"node_modules", "site-packages", "dist-packages", "bower_components", "__pypackages__", CACHE})
FOREIGN |= {".git", ".hg", ".svn", ".tox", ".nox", ".eggs"}
# A folder that holds one of these is an environment. Those of virtualenv before 20 have no pyvenv.cfg.
ENVIRONMENT_MARKS = (
    "pyvenv.cfg",
    "bin/activate",
    "bin/activate_this.py",
    "Scripts/activate",
    "Scripts/activate.bat",
    "conda-meta/history",
)

TEST_FOLDER = re.compile(r"(^|/)(_*tests?_*|testing)/|(^|/)conftest\.py$")
TEST_NAME = re.compile(r"(^|/)(test_[^/]*|[^/]*_tests?|tests)\.py$")
# Each begins with fixed text, which `re` finds ten times as fast as what begins at any line.
TESTS = tuple(map(re.compile, (rb"def[ \t]+test", rb"\nclass[ \t]+\w*[Tt]est", rb"TestCase\b", rb">>> ")))
MODEL_FOLDER = re.compile(r"(^|/)(models?|entities|domain)/")  # models/test_result.py is a table of test results


@cache
def is_test_file(path: str) -> bool:
    """Whether tests live there, by the names that pytest and unittest look for."""
    if TEST_FOLDER.search(path):
        return True
    return TEST_NAME.search(path) is not None and MODEL_FOLDER.search(path) is None


def has_tests(raw: bytes | None) -> bool:
    """Whether a file holds a test that pytest or unittest would run."""
    text = b"\n" + (raw or b"")
    return any(pattern.search(text) for pattern in TESTS)


@dataclass(frozen=True)
class Listing:
    """The files of a project, sorted, relative to its root, with "/" between folders; and what was left out.

    `foreign` are the outermost folders of other people's code that hold files, caches aside.
    """

    files: tuple[str, ...]
    foreign: tuple[str, ...] = ()
    in_git: bool = False


def list_files(root: Path) -> Listing:
    """Every file of the project, by git or by walking."""
    tracked = _ask_git(root)
    if not tracked:
        return _walk(root)
    paths, foreign = without_foreign(tracked)
    folders: dict[str, frozenset[str]] = {}
    kept = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = _regular_files(root / folder)
        if name in folders[folder]:
            kept.append(path)
    return Listing(tuple(kept), foreign, in_git=True)


def without_foreign(listed: Iterable[str]) -> tuple[list[str], tuple[str, ...]]:
    """`listed` without environments and other people's folders, sorted and each once; and those folders."""
    paths = sorted(set(listed))
    marks = tuple("/" + mark for mark in ENVIRONMENT_MARKS)
    marked = [path for path in paths if path.endswith(marks)]
    environments = {path[: -len(mark)] for path in marked for mark in marks if path.endswith(mark)}
    foreign: dict[str, str | None] = {"": None}  # the outermost one that a folder is or is in

    def outermost(folder: str) -> str | None:
        if folder not in foreign:
            parent, _, name = folder.rpartition("/")
            foreign[folder] = outermost(parent) or (folder if folder in environments or name in FOREIGN else None)
        return foreign[folder]

    kept = [path for path in paths if outermost(path.rpartition("/")[0]) is None]
    return kept, tuple(sorted({one for one in foreign.values() if one and not one.endswith(CACHE)}))


def _regular_files(folder: Path) -> frozenset[str]:
    """The names of a folder's regular files; links, and what git remembers but is gone, are none."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    except OSError:
        return frozenset()


def _ask_git(root: Path) -> tuple[str, ...]:
    command = ["git", "-C", os.fspath(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return ()
    if done.returncode:
        return ()
    return tuple(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)


def _walk(root: Path) -> Listing:
    files: list[str] = []
    foreign: list[str] = []
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            entries = list(os.scandir(root / prefix))
        except OSError:
            continue
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                files.append(prefix + entry.name)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in FOREIGN and not _is_environment(entry.path):
                    pending.append(f"{prefix}{entry.name}/")
                elif entry.name != CACHE:
                    foreign.append(prefix + entry.name)
    return Listing(tuple(sorted(files)), tuple(sorted(foreign)))


def _is_environment(folder: str) -> bool:
    return any(Path(folder, mark).exists() for mark in ENVIRONMENT_MARKS)
