"""Where this project's migrations are: beside migrations/adopt.py; run as a package, those of the current directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import StrPath


FILE = os.path.abspath(__file__)
MIGRATIONS = os.path.dirname(FILE) if os.path.basename(FILE) == "adopt.py" else os.path.abspath("migrations")
ROOT = os.path.dirname(MIGRATIONS)
LARGEST_SOURCE = 1000000


def source_bytes(path: StrPath) -> bytes:
    """What a file of source or settings holds; nothing where it is too large for one, no regular file, or cannot be read."""
    try:
        if os.path.isfile(path) and os.path.getsize(path) <= LARGEST_SOURCE:
            with open(path, "rb") as file:
                return file.read()
    except OSError:
        pass
    return b""
