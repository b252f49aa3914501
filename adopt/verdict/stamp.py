"""Write the revision into `alembic_version`: the one function that writes to an existing database."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from alembic.migration import MigrationContext
from sqlalchemy import exc, inspect

from ..base.errors import (
    AlreadyStamped,
    ChangedSinceVerified,
    DatabaseMissing,
    NotPermitted,
    RevisionTooLong,
    StampNotRead,
    error_code,
    first_line,
    is_permission_error,
)
from ..base.log import quiet
from ..base.urls import backend, make_url, redact, sqlite_path
from ..schema import differences, snapshot
from ..server import catalogue, engines, locking, search_path
from ..server.connecting import query
from ..server.readonly import keep_journal_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sqlalchemy.engine import URL, Connection, Engine

    from ..base.types import Snapshot


def stamp(
    engine_or_url: Any,
    revision: Any,
    *,
    expected_snapshot: Snapshot | None,
    expected_mark: str | None = None,
    replaces: Collection[str] = (),
    version_table: str = "alembic_version",
    version_table_schema: str | None = None,
    schemas: Iterable[str] = (),
    connect_args: Mapping[str, Any] | None = None,
) -> Any:
    """Say in the database that it is at `revision`, read it back, and return it.

    `revision` is an id, or several where branches were not merged; with none the table is dropped. In one transaction, under
    the lock that upgrades hold too: the schema is the one that was verified, `expected_mark` (see catalogue.py) and
    `expected_snapshot` (see snapshot.py) being those of that time, the second being looked at where the first is another one by
    now, and neither where both are None; `alembic_version` is absent, empty or says `revision` already, or exactly the ids
    `replaces`, which then give way; then the table is created where it is absent, and the rows written that are not there.
    MySQL and MariaDB commit a CREATE TABLE by themselves, so there the right to write a row is asked for before it.

    Raises:
        AlreadyStamped: it says something else; nothing was written.
        ChangedSinceVerified: the schema is another one by now; nothing was written.
        RevisionTooLong: the column has no room for the id; nothing was written.
        NotPermitted: the role may not create or write the table; nothing was written.
        DatabaseMissing: it cannot be opened.
        LockNotTaken: an upgrade or another stamper does not end.
        StampNotRead: it is not what is read then, after a ROLLBACK: what was not committed is not seen.
    """
    url = make_url(getattr(engine_or_url, "url", engine_or_url))
    wanted = {revision} if isinstance(revision, str) else set(revision)
    if backend(url) == "sqlite" and not os.path.exists(sqlite_path(url) or ""):
        raise DatabaseMissing("the database does not exist", redact(url))
    try:
        with _engine(url, connect_args).connect() as connection:
            with locking.transaction(connection):
                context, rows = version_table_of(connection, version_table, version_table_schema)
                found = set(rows or ())
                if found and found != wanted and found != set(replaces):
                    raise AlreadyStamped(sorted(found), redact(url))
                _require_verified(
                    connection,
                    expected_mark,
                    expected_snapshot,
                    lambda: snapshot.take(connection, ignore=(version_table, "alembic_version"), schemas=schemas),
                )
                if wanted:
                    require_room(context, wanted, rows is not None)
                    _write(context, rows, wanted)
                elif rows is not None:
                    context._version.drop(connection)
            found = set(read_back(context))
    except exc.DBAPIError as error:
        if is_permission_error(error) or "readonly database" in str(error.orig):
            raise NotPermitted("the role may not write alembic_version: " + first_line(error), redact(url)) from None
        raise
    if found != wanted:
        words = [", ".join(sorted(ids)) or "nothing" for ids in (found, wanted)]
        raise StampNotRead("alembic_version holds {} instead of {}".format(*words), redact(url))
    return revision


def _require_verified(connection: Connection, mark: str | None, expected: Snapshot | None, taken: Callable[[], Snapshot]) -> None:
    """Raises ChangedSinceVerified where the mark is another one, and the snapshot that is `taken` then is not as expected."""
    if mark is not None and catalogue.mark(connection) == mark:
        return
    if expected is not None:
        present = taken()
        if present != expected:
            raise ChangedSinceVerified(differences.compare(expected, present), redact(connection.engine.url))
    elif mark is not None:
        raise ChangedSinceVerified((), redact(connection.engine.url))


def read_back(context: Any) -> Any:
    """The rows that are committed, () where they cannot be read any more."""
    context.connection.connection.rollback()
    try:
        return rows_of(context)
    except exc.DBAPIError:
        return ()


def _write(context: Any, present: Collection[str] | None, wanted: set[str]) -> None:
    """Make the rows of `alembic_version` `wanted`; `present` are those that are there, None where the table is not."""
    table, connection, found = context._version, context.connection, set(present or ())
    rows = [table.insert().values(version_num=revision) for revision in sorted(wanted - found)]
    if present is None:
        if connection.dialect.name not in ("mysql", "mariadb") or not _is_written(connection, rows[0]):
            table.create(connection)
        else:
            del rows[0]
    for revision in sorted(found - wanted):
        connection.execute(table.delete().where(table.c.version_num == revision))
    for row in rows:
        connection.execute(row)


def _is_written(connection: Connection, row: Any) -> bool:
    """Try to write before the table is there: a server refuses what the role may not do before it says that there is no table."""
    try:
        connection.execute(row)
    except exc.DBAPIError as error:
        if error_code(error) != "1146":
            raise
        return False
    return True


def require_room(context: Any, revisions: Any, is_there: bool) -> None:
    """Raises RevisionTooLong where the column is, or would be made, too narrow; SQLite keeps text of any length."""
    if context.dialect.name == "sqlite":
        return
    room = context._version.c.version_num.type.length
    if is_there:
        columns = inspect(context.connection).get_columns(context.version_table, schema=context.version_table_schema)
        room = next((getattr(column["type"], "length", None) for column in columns if column["name"] == "version_num"), None)
    longest = max(revisions, key=len)
    if room is not None and len(longest) > room:
        raise RevisionTooLong(longest, room)


def version_table_of(connection: Connection, name: str = "alembic_version", schema: str | None = None) -> tuple[Any, Any]:
    """(Alembic's view of the database, the sorted rows of its version table or None where that is absent); reads only."""
    is_there = None
    if connection.dialect.name == "postgresql" and schema is None:
        schema, is_there = search_path.version_table(connection, name)
    with quiet():
        context = MigrationContext.configure(connection, opts={"version_table": name, "version_table_schema": schema})
    if is_there is None:
        is_there = context._has_version_table()
    return context, rows_of(context) if is_there else None


def rows_of(context: Any) -> Any:
    """The sorted rows of its version table, which is there."""
    name = context.dialect.identifier_preparer.format_table(context._version)
    return tuple(sorted(row[0] for row in query(context.connection, "SELECT version_num FROM " + name)))


def revisions_in(
    connection: Connection, version_table: str = "alembic_version", version_table_schema: str | None = None
) -> tuple[str, ...]:
    """What `alembic_version` holds, () where it is absent or empty; reads only."""
    return version_table_of(connection, version_table, version_table_schema)[1] or ()


def _engine(url: URL | str, connect_args: Mapping[str, Any] | None) -> Engine:
    if backend(url) != "sqlite":
        return engines.engine(url, connect_args, has_values=False)
    options = {name: value for name, value in engines.to_connect(connect_args).items() if name != "uri"}

    def connect() -> Any:
        # mode=rw creates no file
        # no database in memory is stamped
        connection = sqlite3.connect("file:" + quote(sqlite_path(url)) + "?mode=rw", uri=True, **options)  # type: ignore[arg-type]
        keep_journal_mode(connection)
        return connection

    return engines.engine(url, creator=connect)
