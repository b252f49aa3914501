"""A statement of an upgrade waits a bounded time for a table that somebody else uses; meanwhile everybody else waits behind it.

    PostgreSQL       lock_timeout, in every transaction; not in an `autocommit_block()`: CREATE INDEX CONCURRENTLY blocks nobody
                     while it waits, and would leave an invalid index when it is given up
    MySQL, MariaDB   lock_wait_timeout, whose default is a day

MIGRATIONS_LOCK_TIMEOUT_S is the limit in seconds, 30 where it is not set, 0 for none. A limit that the role, the database or the
application has set already is kept.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ..base.errors import LockTimedOut, error_code
from ..base.urls import redact
from ..server import lock_holders, lock_watch, locking
from ..server.connecting import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection


VARIABLE = "MIGRATIONS_LOCK_TIMEOUT_S"
DEFAULT_S = 30
LONGEST_OF_MYSQL_S = 31536000
SET_POSTGRESQL = (
    "SELECT CASE current_setting('lock_timeout') WHEN '0' THEN set_config('lock_timeout', '{:d}', true)"
    " ELSE current_setting('lock_timeout') END, pg_backend_pid()"
)


@contextlib.contextmanager
def limited(connection: Connection, statements: Any) -> Iterator[None]:
    """No statement on `connection` inside the block waits longer for a lock; other servers than those above are left alone.

    `statements` are those of this connection: an error of another database passes through.

    Raises:
        LockTimedOut: one did; says which, and who had the lock.
    """
    limit = locking.seconds(VARIABLE, DEFAULT_S)
    apply = {"postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}.get(connection.dialect.name, _not)
    stop = lock_watch.watch(connection, locking.own_connection)
    with apply(connection, limit) as numbers:
        try:
            yield
        except exc.DBAPIError as error:
            if error_code(error) not in ("55P03", "1205") or not statements.is_one(error):
                raise
            statement = " ".join((error.statement or "").split())
            is_rolled_back = connection.dialect.name == "postgresql"
            holders = _holders(connection, statement, numbers)
            raise LockTimedOut(statement, holders, is_rolled_back, redact(connection.engine.url)) from error
        finally:
            stop()


@contextlib.contextmanager
def _postgresql(connection: Connection, limit: float) -> Iterator[list[Any]]:
    numbers: list[int] = []

    def begin(begun: Connection) -> None:
        if begun._execution_options.get("isolation_level") != "AUTOCOMMIT":
            cursor = begun.connection.cursor()
            cursor.execute(SET_POSTGRESQL.format(int(limit * 1000)))
            numbers.append(cursor.fetchone()[1])  # type: ignore[index]  # one row

    with listening(connection, begin=begin):
        yield numbers


@contextlib.contextmanager
def _mysql(connection: Connection, limit: float) -> Iterator[list[int]]:
    cursor = connection.connection.cursor()
    cursor.execute("SELECT @@SESSION.lock_wait_timeout, CONNECTION_ID()")
    before, number = cursor.fetchone()  # type: ignore[misc]  # one row
    wanted = min(before, max(1, int(limit)) if limit else LONGEST_OF_MYSQL_S)
    cursor.execute(f"SET SESSION lock_wait_timeout = {wanted}")
    try:
        yield [number]
    finally:
        if not connection.closed and not connection.invalidated:
            cursor.execute(f"SET SESSION lock_wait_timeout = {before}")


@contextlib.contextmanager
def _not(connection: Connection, limit: float) -> Iterator[list[Any] | None]:
    yield []


def _holders(connection: Connection, statement: str, own_numbers: Any) -> list[str]:
    """Who has the lock now, asked over another connection: this one may be in a transaction that has failed."""
    try:
        with locking.own_connection(connection) as own:
            return lock_holders.of_tables(own, connection.dialect.name, statement, own_numbers)
    except Exception:  # noqa: BLE001 -- a message without names is better than another one
        return []
