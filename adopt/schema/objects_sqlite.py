"""Triggers and views of SQLite, with the statement that made each in the table where SQLite keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..server.connecting import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection


QUERY = (
    "SELECT type, name, CASE type WHEN 'trigger' THEN tbl_name END FROM sqlite_master"
    " WHERE type = '{}' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
)


def queries(connection: Connection, schemas: Sequence[Any]) -> list[tuple[str, str]]:
    """(kind, query for rows of kind, name, table)."""
    return [(kind, QUERY.format(kind)) for kind in ("trigger", "view")]


def definition(kind: str, name: str, table: str | None) -> str:
    return f"SELECT sql FROM sqlite_master WHERE type = '{kind}' AND name = {literal(name)}"
