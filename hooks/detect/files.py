"""Which files belong to the project: tracked, or untracked and not ignored; never somebody else's code.

Where git does not know the folder (no repository, no git, or the folder itself is ignored) the tree is walked instead.
Left out either way: virtual environments, committed ones included, node_modules, site-packages, links, and anything that is
not a regular file.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

# Folders of these names hold what somebody else wrote, or what a tool can write again.
FOREIGN = frozenset({"node_modules", "site-packages", "dist-packages", "bower_components", "__pypackages__", "__pycache__"})
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

TEST_FOLDER = re.compile(r"(^|/)(tests?|testing)/|(^|/)conftest\.py$")
TEST_NAME = re.compile(r"(^|/)(test_[^/]*|[^/]*_tests?|tests)\.py$")
MODEL_FOLDER = re.compile(r"(^|/)(models?|entities|domain)/")  # models/test_result.py is a table of test results


def is_test_file(path: str) -> bool:
    """Whether tests live there, by the names that pytest and unittest look for."""
    if TEST_FOLDER.search(path):
        return True
    return TEST_NAME.search(path) is not None and MODEL_FOLDER.search(path) is None


def list_files(root: Path) -> tuple[str, ...]:
    """Every file of the project, sorted, relative to `root`, with "/" between folders."""
    listed = _ask_git(root) or tuple(_walk(root))
    folders: dict[str, frozenset[str]] = {}
    kept = []
    for path in without_foreign(listed):
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = _regular_files(root / folder)
        if name in folders[folder]:
            kept.append(path)
    return tuple(kept)


def without_foreign(listed: Iterable[str]) -> list[str]:
    """`listed` without environments and other people's folders, sorted and each once."""
    paths = sorted(set(listed))
    environments = {
        path[: -len(mark) - 1] for path in paths for mark in ENVIRONMENT_MARKS if path.endswith("/" + mark)
    }  # fmt: skip
    kept = []
    known: dict[str, bool] = {"": False}

    def is_foreign(folder: str) -> bool:
        if folder not in known:
            parent, _, name = folder.rpartition("/")
            known[folder] = folder in environments or name in FOREIGN or is_foreign(parent)
        return known[folder]

    for path in paths:
        if not is_foreign(path.rpartition("/")[0]):
            kept.append(path)
    return kept


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


def _walk(root: Path) -> Iterable[str]:
    for folder, subfolders, names in os.walk(root):
        relative = Path(folder).relative_to(root).as_posix()
        prefix = "" if relative == "." else relative
        subfolders[:] = [name for name in subfolders if name not in FOREIGN and not _is_environment(Path(folder, name))]
        for name in names:
            yield posixpath.join(prefix, name)


def _is_environment(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in ENVIRONMENT_MARKS)
