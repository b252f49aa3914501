"""The primary key of a table in the order in which the models' own CREATE TABLE has it.

Before:  sa.PrimaryKeyConstraint('tree', 'number')      SQLAlchemy puts a column that counts first, where no order is given
After:   sa.PrimaryKeyConstraint('number', 'tree')
"""

from alembic.autogenerate import render


def render_primary_key(constraint, autogen_context):
    """The text of a primary key whose order SQLAlchemy decides; False for "as usual"."""
    columns = list(constraint.columns)
    if not getattr(constraint, "_implicit_generated", False) or len(columns) < 2:
        return False
    name = ", name={!r}".format(render._render_gen_name(autogen_context, constraint.name)) if constraint.name else ""
    names = ", ".join(repr(str(column.name)) for column in constraint.columns_autoinc_first)
    return "{}PrimaryKeyConstraint({}{})".format(autogen_context.opts["sqlalchemy_module_prefix"], names, name)
