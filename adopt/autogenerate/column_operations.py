"""Operations on columns, and what of a model's column is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

if TYPE_CHECKING:
    from sqlalchemy import Column, Table


def is_on_column(operation: Any, column_name: str, kinds: Any = ops.AlterColumnOp) -> bool:
    """Whether it is of these kinds, and on this column."""
    column = getattr(operation, "column", None)
    return isinstance(operation, kinds) and getattr(operation, "column_name", getattr(column, "name", None)) == column_name


def alteration(table: Table, there: Column[Any], kind: type[ops.AlterColumnOp] = ops.AlterColumnOp) -> ops.AlterColumnOp:
    """An operation on a column that changes nothing yet."""
    return kind(
        table.name,
        there.name,
        schema=table.schema,
        existing_type=there.type,
        existing_nullable=there.nullable,
        existing_server_default=there.server_default,
        existing_comment=getattr(there, "comment", None),
    )


def copied(part: Any) -> Any:
    """A copy of a column or a constraint; SQLAlchemy 1.4 has another name for it than those before."""
    return part._copy() if hasattr(part, "_copy") else part.copy()


def plain(column: Any) -> Any:
    """A copy of a column of a model, without what becomes an operation of its own."""
    made = copied(column)
    made.index = made.unique = None
    return made
