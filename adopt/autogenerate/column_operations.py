"""Operations on columns, and what of a model's column is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

if TYPE_CHECKING:
    from sqlalchemy import Column, Table


def is_alteration(operation: Any, column_name: str) -> bool:
    return isinstance(operation, ops.AlterColumnOp) and operation.column_name == column_name


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


def plain(column: Any) -> Column[Any]:
    """A copy of a column of a model, without what becomes an operation of its own."""
    made: Column[Any] = column._copy() if hasattr(column, "_copy") else column.copy()
    made.index = made.unique = None
    return made
