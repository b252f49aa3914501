"""Triggers and views of SQLite, with the statement that made each in the table where SQLite keeps it."""

from ..server.connecting import literal

QUERY = (
    "SELECT type, name, CASE type WHEN 'trigger' THEN tbl_name END FROM sqlite_master"
    " WHERE type = '{}' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
)


def queries(connection, schemas):
    """(kind, query for rows of kind, name, table)."""
    return [(kind, QUERY.format(kind)) for kind in ("trigger", "view")]


def definition(kind, name, table):
    return f"SELECT sql FROM sqlite_master WHERE type = '{kind}' AND name = {literal(name)}"
