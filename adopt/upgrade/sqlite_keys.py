"""Rows survive while SQLite builds a table anew: with foreign keys enforced, dropping the old table would delete or refuse the rows
that refer to it.

SQLite's own procedure for such a change: https://www.sqlite.org/lang_altertable.html#otheralter
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..base.errors import KeysViolated
from ..base.urls import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection


@contextlib.contextmanager
def unenforced(connection: Connection) -> Iterator[Callable[[], None]]:
    """Enforce no foreign key of SQLite inside the block; every other database is left alone.

    No transaction may have begun. The block gets a function to call before it commits, which raises KeysViolated where rows refer
    to nothing that did not before the block.
    """
    if connection.dialect.name != "sqlite" or not is_enforced(connection.connection.cursor()):
        yield lambda: None
        return
    cursor = connection.connection.cursor()
    before = violations(cursor)
    cursor.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, and none has begun

    def check() -> None:
        new = violations(cursor) - before
        if new:
            raise KeysViolated(new, redact(connection.engine.url))

    try:
        yield check
    finally:
        cursor.execute("PRAGMA foreign_keys=ON")


def is_enforced(cursor: Any) -> bool:
    """Whether SQLite enforces foreign keys on this connection at this moment."""
    return bool(cursor.execute("PRAGMA foreign_keys").fetchone()[0])


def violations(cursor: Any) -> set[Any]:
    return {tuple(row[:3]) for row in cursor.execute("PRAGMA foreign_key_check").fetchall()}
