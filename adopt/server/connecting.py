"""Connections of our own to a server: none is kept, statements go in as they are, refusals become errors of ours."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, exc, text

from ..base.errors import NotPermitted, first_line, is_permission_error
from ..base.urls import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import TextClause
    from sqlalchemy.engine import URL, Connection


def open_connection(url: URL | str, connect_args: Mapping[str, Any] | None) -> Connection:
    """Raises: DatabaseMissing, DatabaseUnreachable."""
    from . import engines, readonly  # which an upgrade without work has no use for

    try:
        return engines.engine(url, connect_args, isolation_level="AUTOCOMMIT").connect()
    except exc.DBAPIError as error:
        raise readonly.why_not(error, url, connect_args) from None


@contextlib.contextmanager
def permitted(url: URL | str, action: str) -> Iterator[None]:
    """Turn a missing privilege into NotPermitted("the role may not <action>: ...")."""
    try:
        yield
    except exc.DBAPIError as error:
        if not is_permission_error(error):
            raise
        raise NotPermitted("the role may not " + action + ": " + first_line(error), redact(url)) from None


@contextlib.contextmanager
def listening(target: Any, retval: bool = False, **listeners: Any) -> Iterator[None]:
    """Have SQLAlchemy call these, by the names of its events, inside the block."""
    for name, listener in listeners.items():
        event.listen(target, name, listener, retval=retval)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(target, name, listener)


def sql(statement: str) -> TextClause:
    """A statement without parameters; a colon in it is a colon."""
    return text(statement.replace(":", "\\:"))


def query(connection: Connection, statement: str) -> Any:
    """The rows of a statement that goes to the driver as it is, with nothing that SQLAlchemy would look at in it."""
    return command(connection, statement).fetchall()


def command(connection: Connection, statement: str) -> Any:
    """The same for a statement that gives none."""
    run: Any = connection.exec_driver_sql if hasattr(connection, "exec_driver_sql") else connection.execute
    return run(statement)


def literal_for(connection: Connection, value: str) -> str:
    """`literal` for these two."""
    return escaped(connection, literal(value))


def escaped(connection: Connection, statement: str) -> str:
    """A statement, or a part of one, for these two: some drivers take a percent sign for the start of a parameter."""
    return statement.replace("%", "%%") if connection.dialect.paramstyle in ("format", "pyformat") else statement


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as all but MySQL have it in a statement."""
    return '"' + name.replace('"', '""') + '"'


def lock_number(name: str) -> int:
    """The number for PostgreSQL's advisory locks, which have no names."""
    return int(hashlib.sha1(name.encode("utf-8")).hexdigest()[:15], 16)
