"""Operations on columns, and what of a model's column is in them."""

import copy

from alembic.operations import ops
from sqlalchemy import String


def is_alteration(operation, column_name):
    return isinstance(operation, ops.AlterColumnOp) and operation.column_name == column_name


def alteration(table, there, kind=ops.AlterColumnOp):
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


def with_collation(type_, collation):
    """SQLite does not tell SQLAlchemy the collation of a column."""
    if collation is None or not isinstance(type_, String):
        return type_
    made = copy.copy(type_)
    made.collation = collation
    return made


def plain(column):
    """A copy of a column of a model, without what becomes an operation of its own."""
    made = column._copy() if hasattr(column, "_copy") else column.copy()
    made.index = made.unique = None
    return made
