"""What differs between the database servers when a scratch database is made, found again and dropped."""

from ..errors import NotPermitted
from ..urls import backend, redact


def of(url, connect_args=None):
    """The server (for SQLite: the folder of temporary files) behind `url`.

    Each has: create(name) -> (url, extensions that are missing there), drop(name) -> True, unused(prefix) -> names,
    and for the database of `url` itself: objects() -> names, inventory() -> what empty(inventory) leaves in place, and
    create_missing(), which makes it where it is absent.

    Raises:
        NotPermitted: no scratch database can be made for this dialect.
    """
    if backend(url) == "postgresql":
        from .postgresql import PostgreSQL as server
    elif backend(url) == "mysql":
        from .mysql import MySQL as server
    elif backend(url) == "sqlite":
        from .sqlite import SQLite as server
    else:
        raise NotPermitted("scratch databases are made on SQLite, PostgreSQL, MySQL and MariaDB only", redact(url))
    return server(url, connect_args)
