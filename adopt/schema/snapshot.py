"""What the schema of a database is, as plain data that two databases of one server can be compared by.

    {"dialect": "postgresql",
     "tables": {"users": {"columns": {"email": {"type": "VARCHAR(120)", "nullable": false, "default": null}},
                          "primary_key": ["id"], "foreign_keys": [...], "unique": [...], "indexes": {...}, "checks": [...]}},
     "enums": {"color": ["red", "green"]}, "views": ["report"], "extension_tables": ["spatial_ref_sys"]}

The order of columns and the names that servers invent for constraints are not in it. Text is as the server prints it, so
snapshots of two dialects, or of two major versions of one, are not to be compared.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, inspect

from . import known_tables, mysql_columns, snapshot_postgresql, snapshot_reflected
from .comparing import is_servers_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import Connection

    from ..base.types import Located, Snapshot


def take(connection: Connection, *, ignore: Sequence[str] = ("alembic_version",), schemas: Iterable[str] = ()) -> Snapshot:
    """Return the snapshot of the default schema and of `schemas`, whose tables are named "schema.table"; reads only.

    `ignore` are names of tables that are left out. Parts of snapshots are shared among them: nobody may change one.
    """
    dialect = connection.dialect
    if dialect.name == "postgresql":
        result = snapshot_postgresql.take(connection, schemas)
    else:
        result = {"tables": {}, "enums": {}, "views": [], "extension_tables": []}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", exc.SAWarning)  # of what SQLAlchemy cannot reflect
            for schema in (None,) + tuple(schemas):
                _take_schema(connection, schema, result)
    result["dialect"] = "mysql" if dialect.name == "mariadb" else dialect.name
    result["tables"] = {name: table for name, table in sorted(result["tables"].items()) if name not in ignore}
    return result


def of(database: Located, connection: Connection) -> Snapshot:
    """That of one database of the application, or of a scratch database for it, without the table of its stamp."""
    return take(connection, ignore=(database.version_table, "alembic_version"), schemas=database.schemas)


def _take_schema(connection: Connection, schema: str | None, result: Snapshot) -> None:
    inspector = inspect(connection)
    prefix = schema + "." if schema else ""
    if getattr(connection.dialect, "is_mariadb", False):
        found: Any = mysql_columns.sequences(connection, schema)
        result.setdefault("sequences", {}).update((prefix + name, words) for name, words in found)
    names = [name for name in inspector.get_table_names(schema=schema) if not is_servers_own(name, connection.dialect.name)]
    result["views"] += [prefix + name for name in sorted(inspector.get_view_names(schema=schema))]
    found = known_tables.tables(connection, names, schema, lambda unknown: snapshot_reflected.read(connection, unknown, schema))
    result["tables"].update((prefix + name, found[name]) for name in names)
