"""Which of servers/ a URL leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..base.errors import NotPermitted
from ..base.urls import backend, redact
from .connecting import query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine import URL, Connection


def server_of(url: URL | str, connect_args: Mapping[str, Any] | None = None) -> Any:
    """The server (for SQLite: the folder of temporary files) behind `url`.

    Each has: create(name) -> (url, extensions that are missing there), drop(name) -> True, unused(prefix) -> names,
    and for the database of `url` itself: objects() -> names of what a new one must not hold, contents() -> all that it holds, of
    whatever kind, in words; exists(), empty(existed), which takes away what was made since contents() found nothing; and
    create_missing(), which makes it where it is absent.

    Raises:
        NotPermitted: no scratch database can be made for this dialect.
    """
    server: Callable[..., Any]
    if backend(url) == "postgresql":
        from .servers.postgresql import PostgreSQL as server
    elif backend(url) == "mysql":
        from .servers.mysql import MySQL as server
    elif backend(url) == "sqlite":
        from .servers.sqlite import SQLite as server
    else:
        raise NotPermitted("scratch databases are made on SQLite, PostgreSQL, MySQL and MariaDB only", redact(url))
    return server(url, connect_args)


def kind(connection: Connection) -> tuple[Any, ...]:
    """What two databases have in common when the same revisions build the same snapshot in both."""
    dialect: Any = connection.dialect
    if dialect.name == "sqlite":
        return ("sqlite",)
    question = "SELECT @@character_set_database, @@collation_database, @@sql_mode, @@lower_case_table_names"
    if dialect.name == "postgresql":
        question = "SELECT current_schema(), ARRAY(SELECT e.extname::text FROM pg_extension e ORDER BY 1)::text"
    version = tuple(dialect.server_version_info[:1] if dialect.name == "postgresql" else dialect.server_version_info)
    return (dialect.name, version) + tuple(query(connection, question)[0])
