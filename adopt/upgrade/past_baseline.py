"""A downgrade past the baseline drops no rows: that is asked before its first statement, on every database that it concerns.

The baseline's own `downgrade()` refuses too, but only when it is its turn: by then later revisions are undone already, which
MySQL cannot take back, and other databases are committed.
"""

import ast

from sqlalchemy import inspect, text

from ..base.errors import RowsAtStake
from ..base.urls import redact
from ..rows import operations

REFUSAL = "refuse_to_drop_rows"


def require_no_rows(connection, steps, tables, functions):
    """Raise where one of these steps drops tables that hold rows, though its revision was written to refuse that.

    `steps` are Alembic's; `functions` the names of those of a revision that run on this database, such as "downgrade_users";
    `tables` are the models': what a later revision has renamed or created is not in the baseline, and goes with it all the same.

    Raises:
        RowsAtStake: names the tables; nothing was changed.
    """
    paths = [step.revision.path for step in steps if hasattr(getattr(step, "revision", None), "path") and not step.is_upgrade]
    named = {name for path in paths for name in refused(path, functions)}
    if not named:
        return
    schemas = {table.schema for table in tables}
    quote = connection.dialect.identifier_preparer.quote
    named |= {qualified(table.name, table.schema, quote) for table in tables}
    inspector = inspect(connection)
    present = {qualified(name, schema, quote) for schema in {None} | schemas for name in inspector.get_table_names(schema=schema)}
    at_stake = [name for name in sorted(named & present) if has_rows(connection, name)]
    if at_stake:
        raise RowsAtStake(at_stake, redact(connection.engine.url))


def refused(path, functions):
    """The tables, quoted, that the revision in this file does not drop while they hold rows."""
    with open(path, encoding="utf-8") as file:
        source = file.read()
    if REFUSAL not in source:
        return []
    wanted = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name in functions]
    calls = [node for function in wanted for node in ast.walk(function) if isinstance(node, ast.Call)]
    literals = [one for call in calls if getattr(call.func, "id", "") == REFUSAL for one in call.args]
    return [one.replace("\\:", ":") for one in map(operations.string, literals) if one is not None]


def qualified(name, schema, quote):
    return (quote(schema) + "." if schema else "") + quote(name)


def has_rows(connection, name):
    limited = "SELECT 1 FROM {} LIMIT 1".format(name)
    return connection.execute(text(limited.replace(":", "\\:"))).first() is not None
