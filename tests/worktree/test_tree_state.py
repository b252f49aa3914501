"""Whatever is done to a project's files is told, file by file; what is somebody else's code, or the run's own, is not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hooks.base.facts import Change
from hooks.base.git import find_repository
from hooks.worktree.journal import digest
from hooks.worktree.tree_state import TreeState


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a package, an ignored folder with a database, a link, an empty folder, and an environment."""
    folder = tmp_path / "shop"
    for name in ("pkg", "instance", "empty", ".venv/bin", "node_modules/x", "pkg/__pycache__"):
        (folder / name).mkdir(parents=True)
    (folder / "pkg" / "app.py").write_text("app = 1\n")
    (folder / "instance" / "shop.db").write_bytes(b"SQLite format 3\0")
    (folder / ".venv" / "pyvenv.cfg").touch()
    (folder / "link").symlink_to("pkg/app.py")
    for command in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=folder, check=True)
    return folder


def state(root: Path) -> TreeState:
    return TreeState.take(root, find_repository(root))


def same_size_and_time(root: Path) -> None:
    path = root / "pkg" / "app.py"
    before = path.stat()
    path.write_text("app = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def commit(root: Path) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "two"]
    subprocess.run(command, cwd=root, check=True)


CHANGES: dict[str, tuple[Callable[[Path], object], list[Change]]] = {
    "bytes, with the time set back": (same_size_and_time, [Change("pkg/app.py", "changed")]),
    "an ignored file": (lambda root: (root / "instance" / "shop.db").write_bytes(b""), [Change("instance/shop.db", "changed")]),
    "mode": (lambda root: (root / "pkg" / "app.py").chmod(0o600), [Change("pkg/app.py", "changed")]),
    "a new file": (lambda root: (root / "empty" / "log").touch(), [Change("empty/log", "added")]),
    "a new folder": (lambda root: (root / "new").mkdir(), [Change("new", "added")]),
    "a folder that is gone": (lambda root: (root / "empty").rmdir(), [Change("empty", "removed")]),
    "a file that is gone": (lambda root: (root / "pkg" / "app.py").unlink(), [Change("pkg/app.py", "removed")]),
    "a link to elsewhere": (lambda root: ((root / "link").unlink(), (root / "link").symlink_to("x")), [Change("link", "changed")]),
    "a commit": (commit, [Change(".git/refs/heads/main", "changed")]),
    "a hook of git's": (lambda root: (root / ".git/hooks/pre-commit").write_text("x"), [Change(".git/hooks/pre-commit", "added")]),
    "an environment": (lambda root: (root / ".venv" / "bin" / "tool").touch(), []),
    "packages of node": (lambda root: (root / "node_modules" / "x" / "y.js").touch(), []),
    "byte code": (lambda root: (root / "pkg" / "__pycache__" / "app.pyc").touch(), []),
    "what git refreshes": (lambda root: (root / ".git" / "index").touch(), []),
    "what readers of SQLite write": (lambda root: (root / "instance" / "shop.db-wal").touch(), []),
    "nothing": (lambda root: None, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_change(root: Path, name: str) -> None:
    """What was done, and nothing else."""
    change, expected = CHANGES[name]
    before = state(root)

    change(root)

    assert before.changes(state(root)) == expected


def test_what_the_run_has_written(root: Path) -> None:
    """It counts by its bytes, owner and mode: a file that was replaced by one of the same is the same."""
    before = state(root)
    raw = (root / "pkg" / "app.py").read_bytes()
    (root / "pkg" / "app.py").unlink()
    (root / "pkg" / "app.py").write_bytes(raw)
    (root / "rendered.txt").write_text("by Copier\n")
    assert before.changes(state(root), {"pkg/app.py": digest(raw), "rendered.txt": digest(b"by Copier\n")}) == []

    (root / "pkg" / "app.py").chmod(0o700)

    found = before.changes(state(root), {"pkg/app.py": digest(raw), "rendered.txt": ""})
    assert found == [Change("pkg/app.py", "changed"), Change("rendered.txt", "changed")]
