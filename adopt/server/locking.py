"""One process at a time changes the schema of a database; the others wait for it, a bounded time, and look at the database again.

    PostgreSQL       an advisory lock in a transaction that is open until the end, on a connection of its own
    MySQL, MariaDB   GET_LOCK on the connection that does the work
    SQLite           BEGIN IMMEDIATE: the transaction that the work is done in

PostgreSQL's has a connection of its own since a lock of the working transaction ends at the first `autocommit_block()`, and one of
its session would stay behind in a PgBouncer that lends a session for one transaction. Waiting is asking again and again, never a
statement that waits: CREATE INDEX CONCURRENTLY waits for each statement that runs, so the two would wait for each other.
MIGRATIONS_LOCK_WAIT_S is how long to wait, in seconds; 60 where it is not set.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from ..base.errors import LockNotTaken
from ..base.log import log
from ..base.urls import redact
from . import lock_holders, lock_watch
from .connecting import listening
from .engines import own_connection
from .lock_watch import VARIABLE, seconds, wait_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor


NUMBER = 4021938475601
NAME = "CONCAT('alembic_version.', SHA1(IFNULL(DATABASE(), '')))"  # locks of MySQL are those of the whole server
TRY = f"SELECT pg_try_advisory_xact_lock({NUMBER})"
READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"  # what was committed while it waited is seen
LONGEST_PAUSE_S = 1.0

__all__ = ["VARIABLE", "held", "own_connection", "seconds", "transaction", "wait_s"]


@contextlib.contextmanager
def held(connection: Connection) -> Iterator[None]:
    """Nobody else changes the schema of this database inside the block.

    SQLite has no lock beside its transactions: there it is taken when one begins on `connection`, and given back with it. For the
    others no transaction may have begun, so that all that is read inside is what the one before has left.

    Raises:
        LockNotTaken: somebody else still has it after the wait; names who, where the server tells.
    """
    name = connection.dialect.name
    if name == "postgresql":
        with own_connection(connection) as own:
            _wait_for(lambda: _try_postgresql(own, connection.dialect), lock_holders.of_advisory_lock(own, NUMBER), connection)
            yield
    elif name in ("mysql", "mariadb"):
        cursor = connection.connection.cursor()
        _wait_for(_mysql(cursor), lock_holders.of_named_lock(cursor, NAME), connection)
        try:
            yield
        finally:
            ask(cursor, f"SELECT RELEASE_LOCK({NAME})")
    elif name == "sqlite":
        with _begins_immediately(connection):
            yield
    else:
        yield


@contextlib.contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One short transaction on `connection` under the same lock, committed at the end of the block.

    Raises:
        LockNotTaken: as `held`.
    """
    if connection.dialect.name == "postgresql":
        begun = []

        def attempt() -> bool:
            begun.append(connection.begin())
            cursor = connection.connection.cursor()
            cursor.execute(READ_COMMITTED)
            if ask(cursor, TRY):
                return True
            begun.pop().rollback()
            return False

        holder = lock_holders.of_advisory_lock(connection.connection, NUMBER)
        _wait_for(attempt, holder, connection)
        with begun[0]:
            yield
        return
    with held(connection), connection.begin():
        yield


def _try_postgresql(own: DBAPIConnection, dialect: Any) -> bool:
    cursor = own.cursor()
    cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
    if not ask(cursor, TRY):
        cursor.execute("ROLLBACK")
        return False
    limits = ["idle_in_transaction_session_timeout"] * (dialect.server_version_info >= (9, 6))
    limits += ["transaction_timeout"] * (dialect.server_version_info >= (17,))
    for limit in limits:
        cursor.execute(f"SET LOCAL {limit} = 0")
    cursor.execute(f"SET LOCAL application_name = '{own_name()}'")
    return True


def _mysql(cursor: DBAPICursor) -> Callable[[], bool]:
    """The attempts on MySQL: the first does not wait, each of the others a second."""
    waits = iter([0])

    def attempt() -> bool:
        got: int | None = ask(cursor, f"SELECT GET_LOCK({NAME}, {next(waits, 1)})")
        if got is None:
            log.warning("The server gives no lock (GET_LOCK says NULL): nothing keeps two upgrades apart.")
        return got != 0

    return attempt


@contextlib.contextmanager
def _begins_immediately(connection: Connection) -> Iterator[None]:
    """Every transaction of SQLite on `connection` is a real one from its first statement, and has the right to write.

    The driver would begin one only before an INSERT, UPDATE or DELETE, so that half of a failed migration stayed:
    https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
    """

    told: list[str] = []

    def begin(begun: Connection) -> None:
        driver = begun.connection
        if begun._execution_options.get("isolation_level") != "AUTOCOMMIT" and not getattr(driver, "in_transaction", False):
            cursor = driver.cursor()
            _wait_for(lambda: _try_sqlite(cursor), lambda: lock_watch.lockers_of_file(connection.engine.url), connection, told)

    with listening(connection, begin=begin):
        yield


def _try_sqlite(cursor: DBAPICursor) -> bool:
    busy_ms = ask(cursor, "PRAGMA busy_timeout")
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except Exception as error:  # noqa: BLE001 -- sqlite3's, or that of a driver in its place
        if "readonly" in str(error):
            return True  # the first statement that writes fails, as it does without a lock
        if "locked" not in str(error):
            raise
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout={busy_ms}")
    return True


def own_name() -> str:
    """How this process is called in the server's list of sessions: "migrations, process 4711 on web-3"."""
    host = "".join(character for character in socket.gethostname() if character.isalnum() or character in ".-")
    return f"{lock_holders.OWN}process {os.getpid()} on {host}"[:63]


def _wait_for(
    attempt: Callable[[], bool], holder: Callable[[], Sequence[str]], connection: Connection, told: list[str] | None = None
) -> None:
    """Try until it is got; say for whom it waits, once for one list `told`."""
    limit, told = wait_s(), [] if told is None else told
    deadline, pause = time.time() + limit, 0.05
    while not attempt():
        left = deadline - time.time()
        if left <= 0:
            raise LockNotTaken(limit, holder(), redact(connection.engine.url))
        if not told:
            shown = "; ".join(holder()) or "another process"
            log.warning("Waiting up to %g s for the lock on %s. It is held by %s.", limit, redact(connection.engine.url), shown)
            told.append(shown)
        time.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE_S)


def ask(cursor: DBAPICursor, statement: str) -> Any:
    """The one value that a statement gives."""
    cursor.execute(statement)
    return cursor.fetchone()[0]  # type: ignore[index]  # it has one row
