"""Rows survive while SQLite builds a table anew: with foreign keys enforced, dropping the old table would delete or refuse the rows
that refer to it.

SQLite's own procedure for such a change: https://www.sqlite.org/lang_altertable.html#otheralter
"""

import contextlib


class KeysViolated(Exception):
    """Rows refer to rows that are gone; carries (table, rowid, table referred to) of each."""

    def __init__(self, violations):
        super().__init__(
            "the migration left rows that refer to nothing: "
            + "; ".join("{} (rowid {}) to {}".format(*one) for one in sorted(violations, key=str)[:10])
        )
        self.violations = violations


@contextlib.contextmanager
def unenforced(connection):
    """Enforce no foreign key of SQLite inside the block, and check them all after it; every other database is left alone.

    Raises:
        KeysViolated: rows refer to nothing that did not before the block.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    enforced = cursor.execute("PRAGMA foreign_keys").fetchone()[0]
    if not enforced:
        yield
        return
    before = violations(cursor)
    cursor.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, and none has begun
    try:
        yield
        new = violations(cursor) - before
    finally:
        cursor.execute("PRAGMA foreign_keys=ON")
    if new:
        raise KeysViolated(new)


def violations(cursor):
    return {tuple(row[:3]) for row in cursor.execute("PRAGMA foreign_key_check").fetchall()}
