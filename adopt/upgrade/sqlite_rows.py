"""No row gets lost while SQLite builds a table anew: they are counted in its copy, and around the drop of the old one.

Alembic's batch mode copies a table into `_alembic_tmp_<table>`, drops the old one and renames the copy. Where foreign keys are
enforced all the same (a connection of the caller's, inside a transaction), dropping it deletes the rows that refer to it.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from ..base.errors import RowsLost
from ..base.urls import redact
from ..server.connecting import listening, quoted
from .sqlite_keys import is_enforced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection


COPY = re.compile(r'\s*INSERT INTO ("?_alembic_tmp_.+?) \(.*\sFROM (.+?)\s*$', re.S)
DROP = re.compile(r"\s*DROP TABLE (.+?)\s*$")
REFERRING = (
    "SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND lower(f.[table]) = ?"
)


@contextlib.contextmanager
def counted(connection: Connection) -> Iterator[None]:
    """Count the rows of tables that are built anew inside the block; every database but SQLite is left alone.

    Raises:
        RowsLost: some would not be there afterwards; from the statement that loses them, before anything is committed.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    copied, counts = set(), {}

    def before(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        dropped = DROP.match(statement)
        if dropped and dropped.group(1) in copied:
            counter = connection.connection.cursor()
            if is_enforced(counter):
                counts.update({table: count(counter, table) for table in referring(counter, dropped.group(1))})

    def after(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        copy = COPY.match(statement)
        counter = connection.connection.cursor()
        if copy:
            temporary, table = copy.groups()
            copied.add(table)
            require_equal(connection, table, count(counter, table), count(counter, temporary))
        elif DROP.match(statement):
            while counts:
                table, number = counts.popitem()
                require_equal(connection, table, number, count(counter, table))

    with listening(connection, before_cursor_execute=before, after_cursor_execute=after):
        yield


def referring(cursor: Any, table: str) -> list[str]:
    """The tables, quoted, whose foreign keys lead to this one, also by way of others."""
    found, names = set(), [table.strip('"')]
    while names:
        for (name,) in cursor.execute(REFERRING, (names.pop().lower(),)).fetchall():
            if name not in found:
                found.add(name)
                names.append(name)
    return [quoted(name) for name in found - {table.strip('"')}]


def count(cursor: Any, table: str) -> Any:
    return cursor.execute("SELECT COUNT(*) FROM " + table).fetchone()[0]


def require_equal(connection: Connection, table: str, before: int, after: int) -> None:
    if before != after:
        raise RowsLost(table, before, after, redact(connection.engine.url))
