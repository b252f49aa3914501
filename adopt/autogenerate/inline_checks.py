"""CHECK constraints that a model has inside of a column; Alembic renders those of tables only.

Before:  sa.Column('url', sa.Text(), nullable=False)
After:   sa.Column('url', sa.Text(), sa.CheckConstraint("url LIKE 'http%'", name='link_url'), nullable=False)

They stay where the model has them: MySQL, MariaDB and SQLite keep the text of CREATE TABLE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import render
from sqlalchemy import CheckConstraint, Sequence

from .column_operations import copied

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext


_in_progress: list[Any] = []  # columns whose usual text is being asked for


def render_column(column: Any, autogen_context: AutogenContext) -> Any:
    """The text of a column with its CHECK constraints, or False for "as usual" where it has none.

    A column that takes its numbers from a sequence that the models name counts by that alone.
    """
    if has_own_sequence(column, autogen_context.dialect) and column.autoincrement is not False and column.table is not None:
        column = copied(column)
        column.autoincrement = False
        return render._render_column(column, autogen_context)
    checks = [one for one in column.constraints if isinstance(one, CheckConstraint) and not getattr(one, "_type_bound", False)]
    if getattr(autogen_context.dialect, "is_mariadb", False):  # which takes no name in a column, so that no table has such a one
        checks = [one for one in checks if not one.name]
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


def has_own_sequence(column: Any, dialect: Any) -> bool:
    """Whether it has a sequence that it names itself, where the server has such."""
    return dialect.supports_sequences and isinstance(column.default, Sequence) and not column.default.optional


def render_check(constraint: Any, autogen_context: AutogenContext) -> str:
    """The text of one CHECK constraint."""
    sql = autogen_context.migration_context.impl.render_ddl_sql_expr(constraint.sqltext)
    name = f", name={render._render_gen_name(autogen_context, constraint.name)!r}" if constraint.name else ""
    return "{}CheckConstraint({!r}{})".format(autogen_context.opts["sqlalchemy_module_prefix"], sql, name)
