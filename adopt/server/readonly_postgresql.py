"""Keep a connection to PostgreSQL from writing, also where a pooler lends a session of the server for one transaction.

A session may say so for good: `default_transaction_read_only`. Behind PgBouncer and its like the next client would get the session
with that setting, and could not write any more. Such a pooler gives each client a process number of its own, so the setting is made
only where the server says that the number is its; elsewhere the driver begins every transaction as READ ONLY, and none is committed
by itself.

Imports nothing of SQLAlchemy, which applications may not have imported yet when they connect.
"""

from __future__ import annotations

import contextlib
import inspect
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


SET = "SELECT CASE WHEN pg_backend_pid() = {:d} THEN set_config('default_transaction_read_only', 'on', false) END"


class NotKept(Exception):
    """The connection goes through such a pooler, and its driver does not begin transactions as READ ONLY."""

    def __init__(self, driver: str) -> None:
        super().__init__(
            f"a pooler stands before the server, and through it {driver} cannot be kept from writing; "
            "connect to the server itself, or with psycopg2 or psycopg"
        )


def protect(connection: Any) -> None:
    """Make a fresh DBAPI connection, which has begun nothing, read-only until it is closed. Raises NotKept; it is closed then."""
    with at_once(connection) as cursor:
        cursor.execute(SET.format(process_number(connection)))
        if cursor.fetchone()[0] == "on":
            return
    if hasattr(connection, "keep_read_only"):
        connection.keep_read_only()
    elif hasattr(connection, "set_read_only"):
        connection.set_autocommit(False)
        connection.set_read_only(True)
        connection.__class__ = kept_psycopg(type(connection))
    else:
        connection.close()
        raise NotKept(driver_of(connection))


async def protect_async(connection: Any) -> None:
    """The same for psycopg's AsyncConnection."""
    cursor = sys.modules["psycopg"].AsyncCursor(connection, row_factory=sys.modules["psycopg"].rows.tuple_row)
    await cursor.execute(SET.format(process_number(connection)))
    is_set = (await cursor.fetchone())[0] == "on"
    await connection.commit()
    if not is_set:
        await connection.set_autocommit(False)
        await connection.set_read_only(True)
        connection.__class__ = kept_psycopg(type(connection))


def release(connection: Any) -> bool:
    """Let a protected DBAPI connection, on which nothing is begun, write what the role may; whether it can now."""
    with at_once(connection) as cursor:
        cursor.execute("RESET default_transaction_read_only")
        cursor.execute("SHOW transaction_read_only")
        return cursor.fetchone()[0] == "off"  # type: ignore[no-any-return]  # of a driver


@contextlib.contextmanager
def at_once(connection: Any) -> Iterator[Any]:
    """A cursor whose statements need no BEGIN and no COMMIT, each of which is a question more."""
    connection.rollback()  # what SQLAlchemy or the application asks each new connection
    before, connection.autocommit = connection.autocommit, True
    cursor = plain_cursor(connection)
    yield cursor
    cursor.close()
    connection.rollback()  # one that is kept read-only behind a pooler has begun a transaction all the same
    connection.autocommit = before


def plain_cursor(connection: Any) -> Any:
    """A cursor whose rows are tuples, whatever the application has told its connections to make of them."""
    psycopg2, psycopg = sys.modules.get("psycopg2.extensions"), sys.modules.get("psycopg")
    if psycopg2 is not None and isinstance(connection, psycopg2.connection):
        return psycopg2.connection.cursor(connection, cursor_factory=psycopg2.cursor)
    if psycopg is not None and isinstance(connection, psycopg.Connection):
        return psycopg.Cursor(connection, row_factory=psycopg.rows.tuple_row)
    return connection.cursor()


def process_number(connection: Any) -> Any:
    """The number that the driver was told when it connected; 0, which no server process has, where it does not tell."""
    if hasattr(connection, "get_backend_pid"):  # psycopg2
        return connection.get_backend_pid()
    if hasattr(connection, "info"):  # psycopg
        return connection.info.backend_pid
    told = getattr(connection, "_backend_key_data", None) or b""  # pg8000
    return struct.unpack(">i", told[:4])[0] if len(told) >= 4 else 0


def driver_of(connection: object) -> str:
    return type(connection).__module__.partition(".")[0]


def with_factory(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Arguments for psycopg2 with a class of connections that `protect` can keep read-only; a function in its place stays."""
    from psycopg2.extensions import connection  # type: ignore[import-untyped]

    factory = options.get("connection_factory") or connection
    return dict(options, connection_factory=kept_psycopg2(factory)) if isinstance(factory, type) else options


def kept_psycopg2(base: Any) -> Any:
    class Connection(base):  # type: ignore[misc]  # of the driver, or the application's own
        _is_kept = False

        def keep_read_only(self) -> None:
            base.set_session(self, readonly=True, autocommit=False)
            self._is_kept = True

        def set_session(self, *args: Any, **options: Any) -> None:
            if not self._is_kept:
                base.set_session(self, *args, **options)

        def set_isolation_level(self, level: Any) -> None:
            if not self._is_kept:
                base.set_isolation_level(self, level)

    for name in ("autocommit", "readonly"):
        if hasattr(base, name):  # psycopg2 2.7 and later
            setattr(Connection, name, unless_kept(getattr(base, name)))
    return Connection


def unless_kept(attribute: Any) -> property:
    """The attribute of a class, which cannot be set any more once the connection is kept read-only."""

    def put(self: Any, value: Any) -> None:
        if not self._is_kept:
            attribute.__set__(self, value)

    return property(lambda self: attribute.__get__(self), put)


def kept_psycopg(base: type[Any]) -> type[Any]:
    """A class for psycopg's connections on which neither is changed any more."""
    namespace: dict[str, Any] = {
        "autocommit": property(lambda self: False, lambda self, value: None),
        "read_only": property(lambda self: True, lambda self, value: None),
    }
    for name in ("set_autocommit", "set_read_only"):
        namespace[name] = _nothing_async if inspect.iscoroutinefunction(getattr(base, name)) else _nothing
    return type(base.__name__, (base,), namespace)


def _nothing(self: object, value: object) -> None:
    pass


async def _nothing_async(self: object, value: object) -> None:
    pass
