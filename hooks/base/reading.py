"""One file of the project, where there may be none."""

from __future__ import annotations

from pathlib import Path


def read(root: Path, path: str) -> bytes | None:
    """A file's bytes, None where there is none."""
    try:
        return (root / path).read_bytes()
    except FileNotFoundError:
        return None
