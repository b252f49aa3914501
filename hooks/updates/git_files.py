"""What git has of a project, and of the template: its files in a commit."""

from __future__ import annotations

import subprocess
from pathlib import Path


def files(folder: Path, commit: str, below: str) -> set[str]:
    """The files that a commit has below a folder; none where git does not know it."""
    return set(filter(None, asked(folder, "ls-tree", "-r", "-z", "--name-only", commit, "--", below).decode().split("\0")))


def asked(folder: Path, *arguments: str) -> bytes:
    """What git says in a folder, nothing where it fails."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False).stdout
