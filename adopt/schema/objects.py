"""What a database has beside its tables, as plain data: routines, triggers, policies, rules, sequences, types, views.

    {"kind": "trigger", "name": "touch", "table": "users", "definition": "SHOW CREATE TRIGGER `touch`"}

`table` is the one that it is on, as a snapshot names it; `definition` is what shows the statement that makes it. Objects of
extensions and of the server are not among them, nor any outside of the default schema and of those that are asked for.
Where the server does not let the role read one kind of object, there is one of that kind whose name is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ..server.connecting import sql
from . import objects_mysql, objects_postgresql, objects_sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection


SERVERS = {
    "postgresql": objects_postgresql,
    "mysql": objects_mysql,
    "mariadb": objects_mysql,
    "sqlite": objects_sqlite,
}


def take(connection: Connection, schemas: Sequence[Any] = ()) -> list[dict[str, str | None]]:
    """The objects in a stable order; reads only, and never raises because a role may not read something."""
    server = SERVERS[connection.dialect.name]
    result = []
    for kind, query in server.queries(connection, schemas):
        rows = allowed(connection, query)
        if rows is None:
            result.append({"kind": kind, "name": None, "table": None, "definition": None})
        for row in rows or ():
            kind, name, table = row
            definition = server.definition(kind, name, table)
            result.append({"kind": kind, "name": name, "table": table, "definition": definition})
    return result


def allowed(connection: Connection, query: str) -> Sequence[Any] | None:
    """The rows, or None where the server refuses; PostgreSQL ends a transaction with a refusal, unless it was in a savepoint."""
    try:
        if connection.dialect.name != "postgresql":
            return connection.execute(sql(query)).fetchall()
        savepoint = connection.begin_nested()
        try:
            return connection.execute(sql(query)).fetchall()
        finally:
            savepoint.rollback()
    except exc.DBAPIError:
        return None
