"""Give a play database the tables of the existing one, without their rows: for applications that read their tables as they start.

What makes a table what it is to a reader is copied: its columns, types, keys and comments; views become tables. Defaults, CHECK
constraints and triggers are not, for nothing is verified on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import MetaData
    from sqlalchemy.engine import URL, Connection

    from ..base.types import Adopt, AnyURL, ConnectArgs


def copy_schema(adopt: Adopt, url: AnyURL, connect_args: ConnectArgs | None, play: URL) -> None:
    """Make the tables of the database at `url` in the one at `play`, which is empty.

    Raises:
        AdoptError: it cannot be read.
        SQLAlchemyError: what is there cannot be made again.
    """
    with adopt("readonly").connect(url, connect_args) as connection:
        if connection.dialect.name == "sqlite":
            statements, metadata = [row[0] for row in plain(connection)(SQLITE)], None
        else:
            statements, metadata = [], reflected(connection)
    engine = adopt("engines").engine(play, connect_args)
    with engine.begin() as connection:
        if metadata is not None:
            metadata.create_all(connection)
        for statement in statements:
            plain(connection)(statement)


def plain(connection: Connection) -> Callable[..., Any]:
    """What runs a statement in which nothing is a parameter, on every SQLAlchemy."""
    return getattr(connection, "exec_driver_sql", connection.execute)


SQLITE = (
    "SELECT sql FROM sqlite_master WHERE type IN ('table', 'view') AND sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    " ORDER BY type, rowid"
)


def reflected(connection: Connection) -> MetaData:
    """The tables and views of a database, as tables without what only writing needs."""
    from sqlalchemy import CheckConstraint, MetaData

    metadata = MetaData()
    metadata.reflect(connection, views=True)
    for table in metadata.tables.values():
        table.indexes.clear()
        for constraint in [one for one in table.constraints if isinstance(one, CheckConstraint)]:
            table.constraints.discard(constraint)
        for column in table.columns:
            column.server_default = column.computed = column.identity = None
    return metadata
