"""EXCLUDE constraints of PostgreSQL on expressions and with operator classes, which SQLAlchemy cannot copy.

Before:  KeyError: 0, or a constraint without its `ops`
After:   postgresql.ExcludeConstraint((sa.literal_column('tstzrange(begins, ends)'), '&&'), ops={...}, using='gist')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, literal_column
from sqlalchemy.dialects import postgresql

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext


def mend() -> None:
    """Let copies of a table have its EXCLUDE constraints: Alembic renders and reverses copies."""
    constraint = postgresql.ExcludeConstraint
    for name in ("_copy", "copy"):
        if name in vars(constraint):
            setattr(constraint, name, copied)


def copied(self: Any, *_: object, **__: object) -> Any:
    """The constraint for a table with the same columns."""
    made = type(self)(
        *[(element(expression), operator) for expression, _, operator in self._render_exprs],
        name=self.name,
        deferrable=self.deferrable,
        initially=self.initially,
        where=self.where if self.where is None else literal_column(text_of(self.where)),
        using=self.using,
        **({"ops": self.ops} if getattr(self, "ops", None) else {}),
    )
    made.dispatch._update(self.dispatch)
    return made


def element(expression: Any) -> Any:
    """A part of the constraint that belongs to no table: the name of a column, or SQL."""
    if isinstance(expression, (str, Column)):
        return getattr(expression, "name", expression)
    return literal_column(text_of(expression))


def text_of(expression: Any) -> str:
    """SQL without the names of tables."""
    options = {"literal_binds": True, "include_table": False}
    # SQLAlchemy's has no types
    return str(expression.compile(dialect=postgresql.dialect(), compile_kwargs=options)).replace("%%", "%")  # type: ignore[no-untyped-call]


def render_exclusion(constraint: Any, autogen_context: AutogenContext) -> Any:
    """The text of one that stands in a table and has operator classes; False for "as usual"."""
    if not getattr(constraint, "ops", None):
        return False
    from alembic.ddl.postgresql import _exclude_constraint

    text = _exclude_constraint(constraint, autogen_context, False)
    classes = {str(name): value for name, value in constraint.ops.items()}
    return text[:-1] + f", ops={classes!r})"
