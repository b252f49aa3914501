"""The primary key of a table in the order in which the models' own CREATE TABLE has it, with all that it says.

Before:  sa.PrimaryKeyConstraint('tree', 'number')      SQLAlchemy puts a column that counts first, where no order is given
After:   sa.PrimaryKeyConstraint('number', 'tree')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import render

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext


def render_primary_key(constraint: Any, autogen_context: AutogenContext) -> Any:
    """The text of a primary key whose order SQLAlchemy decides, or that has options; False for "as usual".

    What is rendered is a copy, which no longer says who decides: the model does.
    """
    copy = constraint.table
    given = autogen_context.opts.get("target_metadata")
    models = [one.tables.get(copy.key) for one in (given if isinstance(given, (list, tuple)) else [given]) if one is not None]
    keys = [constraint] + [table.primary_key for table in models if table is not None]
    said = [(name, getattr(constraint, name)) for name in ("deferrable", "initially")] + sorted(constraint.dialect_kwargs.items())
    options = ["{}={!r}".format(*one) for one in said if one[1] not in (None, [])]
    columns = names = [str(column.name) for column in constraint.columns]
    for key in keys:
        wanted = [str(column.name) for column in key.columns_autoinc_first]
        if getattr(key, "_implicit_generated", False) and sorted(wanted) == sorted(names):
            columns = wanted
    if columns == names and not options:
        return False
    name = [f"name={render._render_gen_name(autogen_context, constraint.name)!r}"] if constraint.name else []
    arguments = ", ".join(list(map(repr, columns)) + name + options)
    return "{}PrimaryKeyConstraint({})".format(autogen_context.opts["sqlalchemy_module_prefix"], arguments)
