"""What `flask db upgrade` would run on a database, as SQL in a file for somebody to read first; nothing is run.

Plain `flask db upgrade --sql` begins at the first revision, whatever the database has. This one looks, read-only, where the
database is and begins there. A revision that reads rows to decide what to do cannot be written as SQL; it is named.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.util import CommandError
from sqlalchemy import exc

from ..base.errors import DatabaseMissing, NotWritableAsSql
from ..base.urls import redact
from ..history.replay import alembic_config
from ..server import readonly
from ..verdict import stamp

if TYPE_CHECKING:
    from ..history.loading import Database


def preview(database: Database) -> tuple[str, Any]:
    """(SQL, the revisions that the database is at): text that brings this database to the newest revision, "" where it is there.

    Raises:
        NotWritableAsSql: a revision needs a database to run on, or the database is at several revisions at once.
        DatabaseUnreachable: nobody can say where it is.
    """
    at = revisions_of(database)
    if len(at) > 1:
        raise NotWritableAsSql("it is at several revisions, " + ", ".join(at), redact(database.url))
    config = alembic_config(bind_keys=database.keys)
    config.output_buffer = io.StringIO()
    try:
        command.upgrade(config, at[0] + ":head" if at else "head", sql=True)
    except (exc.SQLAlchemyError, CommandError, AttributeError, TypeError, NotImplementedError) as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise NotWritableAsSql(words[0], redact(database.url)) from error
    return config.output_buffer.getvalue(), at


def revisions_of(database: Database, is_required: bool = False) -> Any:
    """The revisions in its version table, () where the database is empty or not stamped, and where it is absent.

    Raises:
        DatabaseMissing: it is absent, and `is_required`.
    """
    try:
        with readonly.of(database) as connection:
            return stamp.revisions_in(connection, database.version_table, database.version_table_schema)
    except DatabaseMissing:
        if is_required:
            raise
        return ()


def file_name(database: Database) -> str:
    """ "preview.sql"; "preview-users.sql" for the bind `users`."""
    return "preview{}.sql".format("-" + database.name if database.name else "")


def heading(database: Database, at: Any) -> str:
    """The first line of the file."""
    return "-- What `flask db upgrade` would run on {}, which is at {}.\n\n".format(
        redact(database.url), ", ".join(at) or "no revision"
    )
