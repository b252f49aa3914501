"""Files that are SQLite databases: rows, where everything else in the tree is source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

MAGIC = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html#the_database_header
SUFFIXES = (".db", ".db3", ".sqlite", ".sqlite3")


def is_database(path: Path) -> bool:
    """Whether a file is one; an empty file with such a name is one, too."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    return start == MAGIC or (not start and path.suffix in SUFFIXES)


def databases(root: Path, paths: Iterable[str]) -> list[str]:
    """Those of `paths`, relative to `root`, whose name says that they are one, and that are."""
    return [path for path in paths if path.endswith(SUFFIXES) and is_database(root / path)]
