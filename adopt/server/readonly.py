"""Look at a database without being able to change it.

The server (or SQLite itself) refuses every write on these connections, whoever sends it: nothing depends on reading SQL.

    PostgreSQL       a setting of the session, or transactions that begin as READ ONLY: see readonly_postgresql.py
    MySQL, MariaDB   SET SESSION TRANSACTION READ ONLY
    SQLite           the file is opened with mode=ro, so that a missing one is an error; and PRAGMA query_only=ON
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import event, exc, text

from ..base.errors import DatabaseLocked, DatabaseMissing, DatabaseUnreachable, error_code, first_line
from ..base.urls import backend, make_url, redact, replace, sqlite_path
from . import engines, lock_watch, readonly_postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import URL, Connection, Engine

    from ..base.errors import AdoptError


STATEMENTS = {
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only=ON",
}


def protect(dbapi_connection: Any, dialect_name: str) -> None:
    """Make a fresh DBAPI connection read-only until it is closed; other dialects than those above raise KeyError.

    Raises:
        readonly_postgresql.NotKept: it cannot be.
    """
    if dialect_name == "postgresql":
        readonly_postgresql.protect(dbapi_connection)
        return
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(STATEMENTS[dialect_name])
    finally:
        cursor.close()
    dbapi_connection.commit()


def read_only_engine(url: URL | str, connect_args: Mapping[str, Any] | None = None) -> Engine:
    """An engine whose every connection is protected; nothing is connected yet, and no connection is kept between uses."""
    url = make_url(url)
    if backend(url) == "sqlite":
        engine = engines.engine(url, creator=lambda: open_sqlite(url, engines.to_connect(connect_args)))
    else:
        own = arguments(url.get_driver_name(), {})
        engine = engines.engine(url, connect_args, own_args=own, is_looking=True, has_values=False)
    event.listen(engine, "connect", lambda connection, record: protect(connection, engine.dialect.name))
    return engine


def end(connection: Connection) -> None:
    """End what a connection has begun, on every SQLAlchemy."""
    getattr(connection, "rollback", connection.connection.rollback)()


def arguments(driver: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the driver is given, so that `protect` has its way with the connection."""
    return readonly_postgresql.with_factory(options) if driver == "psycopg2" else engines.without_writing(options)


@contextlib.contextmanager
def connect(url: URL | str, connect_args: Mapping[str, Any] | None = None) -> Iterator[Connection]:
    """A protected connection to the database at `url`.

    Raises:
        DatabaseMissing: there is no such file, or no such database on the server.
        DatabaseUnreachable: every other reason why it cannot be opened.
    """
    url = make_url(url)
    engine = read_only_engine(url, connect_args)
    try:
        connection = engine.connect()
    except exc.DBAPIError as error:
        raise why_not(error, url, connect_args) from None
    except readonly_postgresql.NotKept as error:
        raise DatabaseUnreachable(str(error), redact(url)) from None
    with connection:
        yield connection


def of(database: Any) -> AbstractContextManager[Connection]:
    """`connect` for what has `url` and `connect_args`."""
    return connect(database.url, database.connect_args)


def why_not(error: BaseException, url: URL | str, connect_args: Mapping[str, Any] | None = None) -> AdoptError:
    """The error of ours for a failed connection: missing only where the server (or the file system) says so."""
    url = make_url(url)
    if backend(url) == "sqlite":
        missing = sqlite_path(url) is not None and not os.path.exists(sqlite_path(url))  # type: ignore[arg-type]
    elif backend(url) == "postgresql":
        # Drivers do not hand on the code of a failed connection, and the server may speak any language: ask it.
        missing = error_code(error) == "3D000" or (str(url.database) in str(error) and not _is_listed(url, connect_args))
    else:
        missing = error_code(error) == "1049"
    if missing:
        return DatabaseMissing("the database does not exist", redact(url))
    lockers = lock_watch.lockers_of_file(url) if "locked" in str(error) else []
    if lockers:
        return DatabaseLocked("the database is locked by " + "; ".join(lockers), redact(url))
    return DatabaseUnreachable(first_line(error), redact(url))


def _is_listed(url: URL, connect_args: Mapping[str, Any] | None) -> bool:
    for maintenance in ("postgres", "template1"):
        engine = read_only_engine(replace(url, database=maintenance), connect_args)
        try:
            with engine.connect() as connection:
                found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": url.database})
                return found.first() is not None
        except exc.DBAPIError:
            continue
    return True  # nobody says that it is missing


def open_sqlite(url: URL | str, connect_args: Mapping[str, Any] | None = None) -> sqlite3.Connection:
    """Open a SQLite file for reading only; neither it nor a file beside it is created or changed.

    A file in WAL mode needs its `-shm` index even for reading, and SQLite would create it. So where nobody has the database open
    (no `-wal` and `-shm` beside it) it is opened as immutable, and a `-wal` that a crash left alone is read on a copy.
    """
    path = sqlite_path(url)
    options = {name: value for name, value in (connect_args or {}).items() if name != "uri"}
    if path is None:
        return sqlite3.connect(":memory:", **options)  # type: ignore[no-any-return]  # options of any kind
    mode = "?mode=ro"
    if is_wal(path) and not os.path.exists(path + "-shm"):
        if os.path.exists(path + "-wal") and os.path.getsize(path + "-wal") > 0:
            return _read_copy(path, options)
        mode += "&immutable=1"
    connection: sqlite3.Connection = sqlite3.connect("file:" + quote(path) + mode, uri=True, **options)
    keep_journal_mode(connection)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # a damaged or interrupted file fails here, not later
    return connection


def keep_journal_mode(connection: sqlite3.Connection) -> None:
    """Let `PRAGMA journal_mode=...` do nothing here: applications send it on every connection, and it is a write."""

    def authorize(action: int, name: Any, value: str | None, database: str | None, trigger: str | None) -> int:
        is_change = action == sqlite3.SQLITE_PRAGMA and name.lower() == "journal_mode" and value is not None
        return sqlite3.SQLITE_IGNORE if is_change else sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)


def is_wal(path: str) -> bool:
    """True when the header of the file says write-ahead log: https://www.sqlite.org/fileformat.html (offset 18)."""
    try:
        with open(path, "rb") as file:
            return file.read(20)[18:20] == b"\x02\x02"
    except OSError:
        return False


def _read_copy(path: str, options: Mapping[str, Any]) -> sqlite3.Connection:
    folder = tempfile.mkdtemp(prefix="read_only_")
    memory: sqlite3.Connection = sqlite3.connect(":memory:", **options)
    try:
        for ending in ("", "-wal"):
            shutil.copyfile(path + ending, os.path.join(folder, "copy.db" + ending))
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "copy.db"))) as copy:
            copy.backup(memory)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return memory
