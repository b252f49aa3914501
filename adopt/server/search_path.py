"""Where unqualified names lead in PostgreSQL, when the URL, the role or the database itself says which schemas are searched.

A bind may differ from another one in nothing but that:  postgresql://db/shop?options=-csearch_path=tenant
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .connecting import literal, literal_for, query, sql
from .reading import looking

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


NAMES = re.compile(r'"((?:[^"]|"")*)"|([^\s,"]+)')
VISIBLE = (
    "SELECT n.nspname, current_schema() FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relname = {} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND pg_table_is_visible(c.oid)"
)


def version_table(connection: Connection, name: str) -> tuple[str | None, bool]:
    """(the schema to name for `alembic_version`, whether it is there) on PostgreSQL.

    The schema is None but where the search path leads to the table of another one: with "tenant, public" that of `public` is seen
    until `tenant` has one, and what it says is about other tables.
    """
    for found, own in query(connection, VISIBLE.format(literal_for(connection, name))):
        return (None, True) if found == own else (own, False)
    return None, False


def keep_to_own(options: dict[str, Any], connection: Connection) -> None:
    """Let the arguments of `context.configure` name that schema; an upgrade would have nothing to do otherwise.

    None is an argument as well: Alembic keeps those of the bind before.
    """
    if options.get("version_table_schema"):
        return
    with looking(connection):
        name = options.get("version_table") or "alembic_version"
        options["version_table_schema"] = version_table(connection, name)[0] if connection.dialect.name == "postgresql" else None


def names(connection: Connection) -> list[str]:
    """The schemas that are searched, whether they are there or not."""
    path: Any = connection.execute(sql("SHOW search_path")).scalar()
    found = [quoted.replace('""', '"') or plain for quoted, plain in NAMES.findall(path)]
    return [name for name in found if name != "$user"]


def why_none(connection: Connection) -> str:
    """Why there is no current schema: it is not there, or the role may not use it."""
    wanted = names(connection)
    listed = ", ".join(map(literal, wanted)) or "NULL"
    there = connection.execute(sql(f"SELECT 1 FROM pg_namespace WHERE nspname IN ({listed})")).first()
    if wanted and there is None:
        quote = connection.dialect.identifier_preparer.quote
        return "no schema of its search_path is there; make the one for its tables:  CREATE SCHEMA " + quote(wanted[0])
    return "the role may use no schema of its search_path"
