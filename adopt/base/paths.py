"""Where this project's migrations are: beside migrations/adopt.py; run as a package, those of the current directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .types import StrPath


FILE = os.path.abspath(__file__)
MIGRATIONS = os.path.dirname(FILE) if os.path.basename(FILE) == "adopt.py" else os.path.abspath("migrations")
ROOT = os.path.dirname(MIGRATIONS)
LARGEST_SOURCE = 1000000
NOT_OURS = ("migrations", "tests", "test", "node_modules", "site-packages", "__pycache__")


def source_bytes(path: StrPath) -> bytes:
    """What a file of source or settings holds; nothing where it is too large for one, no regular file, or cannot be read."""
    try:
        if os.path.isfile(path) and os.path.getsize(path) <= LARGEST_SOURCE:
            with open(path, "rb") as file:
                return file.read()
    except OSError:
        pass
    return b""


def python_files(root: StrPath) -> Iterator[str]:
    """Those of a project: no environment, no revisions, nothing hidden, no tests."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in NOT_OURS
            and os.path.join(folder, name) != MIGRATIONS
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        )
        for name in sorted(files):
            if name.endswith(".py") and not name.startswith("test_"):
                yield os.path.join(folder, name)
