"""The primary key of a table in the order in which the models' own CREATE TABLE has it.

Before:  sa.PrimaryKeyConstraint('tree', 'number')      SQLAlchemy puts a column that counts first, where no order is given
After:   sa.PrimaryKeyConstraint('number', 'tree')
"""

from alembic.autogenerate import render


def render_primary_key(constraint, autogen_context):
    """The text of a primary key whose order SQLAlchemy decides; False for "as usual".

    What is rendered is a copy, which no longer says who decides: the model does.
    """
    copy = constraint.table
    given = autogen_context.opts.get("target_metadata")
    models = [one.tables.get(copy.key) for one in (given if isinstance(given, (list, tuple)) else [given]) if one is not None]
    keys = [constraint] + [table.primary_key for table in models if table is not None]
    names = [str(column.name) for column in constraint.columns]
    for key in keys:
        wanted = [str(column.name) for column in key.columns_autoinc_first]
        if getattr(key, "_implicit_generated", False) and sorted(wanted) == sorted(names) and wanted != names:
            name = ", name={!r}".format(render._render_gen_name(autogen_context, constraint.name)) if constraint.name else ""
            columns = ", ".join(map(repr, wanted))
            return "{}PrimaryKeyConstraint({}{})".format(autogen_context.opts["sqlalchemy_module_prefix"], columns, name)
    return False
