"""CHECK constraints that a model has inside of a column; Alembic renders those of tables only.

Before:  sa.Column('url', sa.Text(), nullable=False)
After:   sa.Column('url', sa.Text(), sa.CheckConstraint("url LIKE 'http%'", name='link_url'), nullable=False)

They stay where the model has them: MySQL, MariaDB and SQLite keep the text of CREATE TABLE.
"""

from alembic.autogenerate import render
from sqlalchemy import CheckConstraint

_in_progress = []  # columns whose usual text is being asked for


def render_column(column, autogen_context):
    """The text of a column with its CHECK constraints, or False for "as usual" where it has none."""
    checks = [one for one in column.constraints if isinstance(one, CheckConstraint) and not getattr(one, "_type_bound", False)]
    if not checks or any(column is one for one in _in_progress):
        return False
    _in_progress.append(column)
    try:
        text = render._render_column(column, autogen_context)
    finally:
        _in_progress.pop()
    head = "{}Column({!r}, {}".format(
        autogen_context.opts["sqlalchemy_module_prefix"], str(column.name), render._repr_type(column.type, autogen_context)
    )
    said = [render_check(one, autogen_context) for one in checks]
    return ", ".join([head] + said) + text[len(head) :] if text.startswith(head) else False


def render_check(constraint, autogen_context):
    """The text of one CHECK constraint."""
    sql = autogen_context.migration_context.impl.render_ddl_sql_expr(constraint.sqltext)
    name = ", name={!r}".format(render._render_gen_name(autogen_context, constraint.name)) if constraint.name else ""
    return "{}CheckConstraint({!r}{})".format(autogen_context.opts["sqlalchemy_module_prefix"], sql, name)
