"""What a driver raises while a command works on a database, in words for the person who gave the command in a terminal.

A program that calls `flask_migrate.upgrade()` or Alembic's functions gets what the driver raised, as with any other env.py.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from alembic.script import ScriptDirectory
from sqlalchemy import exc

from ..base.errors import StatementFailed, error_code
from ..base.urls import redact
from ..project import command_line
from .committed_statements import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from ..project.targets import Target


OF_NO_USE = re.compile(r"LINE \d+:|\s*\^\s*$|\(Background on this error")

NO_VALUE = "Rows would have no value: give the column a server_default, or add it nullable, fill it, then alter it."
ALIKE = "Several rows have the same value: let the revision make them differ first."
NO_PARENT = "Rows refer to rows that are not there: let the revision change or delete them first."
UNSATISFIED = "Rows do not satisfy the condition: let the revision change them first."
NO_FIT = "Rows have values that do not fit: let the revision change them first."
NO_CAST = 'The server is to be told how to convert the values:  op.alter_column(..., postgresql_using="...")'
NOT_AS_LEFT = "The database is not what the revisions before have left; see:  python -m migrations.adopt status"
NOT_ALLOWED = "Run it as a role that may do this, as the one that owns the tables."
CODES = {
    NO_VALUE: "23502 1048 1138",
    ALIKE: "23505 1062",
    NO_PARENT: "23503 1451 1452",
    UNSATISFIED: "23514 3819 4025",
    NO_FIT: "22001 22003 22007 22P02 1264 1265 1292 1366 1406",
    NO_CAST: "42804",
    NOT_AS_LEFT: "42P01 42P07 42701 42703 42704 42710 1050 1051 1054 1060 1061 1072 1091 1146",
    NOT_ALLOWED: "42501 1044 1142 1227",
}
WORDS_OF_SQLITE = {  # whose errors have no codes
    "NOT NULL constraint failed": NO_VALUE,
    "Cannot add a NOT NULL column with default value NULL": NO_VALUE,
    "UNIQUE constraint failed": ALIKE,
    "FOREIGN KEY constraint failed": NO_PARENT,
    "CHECK constraint failed": UNSATISFIED,
    "no such table": NOT_AS_LEFT,
    "no such column": NOT_AS_LEFT,
    "no such index": NOT_AS_LEFT,
    "already exists": NOT_AS_LEFT,
    "duplicate column name": NOT_AS_LEFT,
}


def connect(target: Target) -> Any:
    """A connection to the database of a Target.

    Raises:
        DatabaseMissing, DatabaseUnreachable: for a person; for a program it is what the driver raises.
    """
    try:
        return target.engine.connect()
    except exc.DBAPIError as error:
        if not command_line.is_given():
            raise
        from ..history import loading
        from ..server import readonly

        database = loading.Database(target)
        raise readonly.why_not(error, database.url, database.connect_args) from error


@contextlib.contextmanager
def explained(connection: Connection, context: Any, statements: Any) -> Iterator[None]:
    """A statement that the database refuses inside the block: which revision's, why, and what the database is left with.

    Raises:
        StatementFailed: for a person; for a program it is what the driver raises.
    """
    try:
        yield
    except exc.DBAPIError as error:
        if not command_line.is_given() or not statements.is_one(error):
            raise
        from ..history import replay

        found = replay.failed(error, ScriptDirectory.from_config(replay.alembic_config()))
        raise StatementFailed(
            reasons(error),
            revision=found.revision,
            place=found.place,
            statement=shortened(error.statement or ""),
            committed=statements.committed,
            at=heads(connection, context),
            advice=advice(error, connection.dialect.name),
            url=redact(connection.engine.url),
        ) from error


def heads(connection: Connection, context: Any) -> tuple[Any, ...] | None:
    """The revisions that the database is at, now that what could be rolled back is; None where it does not say."""
    try:
        with connection.begin():
            return tuple(context.get_current_heads())
    except exc.SQLAlchemyError:
        return None


def advice(error: Any, dialect: str) -> str:
    """A sentence on what to do about the cause, or ""."""
    if dialect == "sqlite":
        return next((advice for words, advice in WORDS_OF_SQLITE.items() if words in str(error.orig)), "")
    return next((advice for advice, codes in CODES.items() if error_code(error) in codes.split()), "")


def reasons(error: Any) -> list[str]:
    """What the server said, without a picture of the statement."""
    said = [" ".join(line.split()) for line in str(error.orig).splitlines() if not OF_NO_USE.match(line)]
    said = [line for line in said if line][:4] or ["no message"]
    return [f"{type(error).__name__}: {said[0]}"] + said[1:]
