"""Write the revision into `alembic_version`: the one function that writes to an existing database."""

import contextlib
import os
import sqlite3
from urllib.parse import quote

from alembic.migration import MigrationContext
from sqlalchemy import create_engine, event, exc, text
from sqlalchemy.pool import NullPool

from . import differences, snapshot
from .errors import (
    AlreadyStamped,
    ChangedSinceVerified,
    DatabaseMissing,
    DatabaseUnreachable,
    NotPermitted,
    StampNotRead,
    error_code,
    is_permission_error,
)
from .readonly import keep_journal_mode
from .urls import backend, hide_password, make_url, redact, sqlite_path

LOCK_NUMBER = 4021938475601
WAIT_S = 10


def stamp(
    engine_or_url,
    revision,
    *,
    expected_snapshot,
    version_table="alembic_version",
    version_table_schema=None,
    schemas=(),
    connect_args=None,
):
    """Say in the database that it is at `revision`, and return what a new connection then reads there.

    In one transaction, under a lock that a second stamper waits for: the schema is still `expected_snapshot` (what
    `snapshot.take` returned when it was verified; None: not looked at), `alembic_version` is absent, empty or says `revision`
    already; then the table is created where it is absent, and the row written where it is not there. MySQL and MariaDB commit
    a CREATE TABLE by themselves: there an empty `alembic_version` is left when the row cannot be written.

    Raises:
        AlreadyStamped: it says another revision; nothing was written.
        ChangedSinceVerified: the schema is another one by now; nothing was written.
        NotPermitted: the role may not create or write the table.
        DatabaseMissing, DatabaseUnreachable: it cannot be opened, or another stamper does not end.
        StampNotRead: another connection does not see the row.
    """
    url = make_url(getattr(engine_or_url, "url", engine_or_url))
    options = {"version_table": version_table, "version_table_schema": version_table_schema}
    if backend(url) == "sqlite" and not os.path.exists(sqlite_path(url) or ""):
        raise DatabaseMissing("the database does not exist", redact(url))
    engine = _engine(url, connect_args)
    try:
        with engine.connect() as connection, _transaction(connection):
            context = MigrationContext.configure(connection, opts=options)
            found = context.get_current_heads()
            if found and found != (revision,):
                raise AlreadyStamped(found, redact(url))
            if expected_snapshot is not None:
                present = snapshot.take(connection, ignore=(version_table, "alembic_version"), schemas=schemas)
                if present != expected_snapshot:
                    raise ChangedSinceVerified(differences.compare(expected_snapshot, present), redact(url))
            if not found:
                context._version.create(connection, checkfirst=True)
                connection.execute(context._version.insert().values(version_num=revision))
    except exc.DBAPIError as error:
        if is_permission_error(error) or "readonly database" in str(error.orig):
            raise NotPermitted(
                "the role may not write alembic_version: " + hide_password(_first_line(error), url), redact(url)
            ) from None
        raise
    with engine.connect() as connection:
        found = revisions_in(connection, version_table, version_table_schema)
    if found != (revision,):
        raise StampNotRead("alembic_version holds {} instead of {}".format(", ".join(found) or "nothing", revision), redact(url))
    return revision


def revisions_in(connection, version_table="alembic_version", version_table_schema=None):
    """What `alembic_version` holds, () where it is absent or empty; reads only."""
    options = {"version_table": version_table, "version_table_schema": version_table_schema}
    return MigrationContext.configure(connection, opts=options).get_current_heads()


def _first_line(error):
    return (str(error.orig).strip().splitlines() or [error_code(error)])[0]


def _engine(url, connect_args):
    if backend(url) != "sqlite":
        return create_engine(url, poolclass=NullPool, connect_args=dict(connect_args or {}))
    options = {name: value for name, value in (connect_args or {}).items() if name != "uri"}

    def connect():
        # mode=rw creates no file. Python's sqlite3 would begin a transaction too late, after the look at the table:
        # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
        connection = sqlite3.connect("file:" + quote(sqlite_path(url)) + "?mode=rw", uri=True, **options)
        connection.isolation_level = None
        keep_journal_mode(connection)
        return connection

    engine = create_engine(url, poolclass=NullPool, creator=connect)
    event.listen(engine, "begin", lambda connection: connection.connection.cursor().execute("BEGIN IMMEDIATE"))
    return engine


@contextlib.contextmanager
def _transaction(connection):
    """One transaction that no other stamper is in at the same time; it waits for it at most WAIT_S seconds."""
    dialect = connection.dialect.name
    with connection.begin():
        if dialect == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '{}s'".format(WAIT_S)))
            connection.execute(text("SELECT pg_advisory_xact_lock({})".format(LOCK_NUMBER)))
        elif dialect in ("mysql", "mariadb"):
            got = connection.execute(
                text("SELECT GET_LOCK(CONCAT('alembic_version.', SHA1(DATABASE())), {})".format(WAIT_S))
            ).scalar()
            if got != 1:
                raise DatabaseUnreachable("somebody else has been stamping it for {} seconds".format(WAIT_S))
        yield
