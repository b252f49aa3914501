"""Operations on columns, and what of a model's column is in them."""

from alembic.operations import ops


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


def plain(column):
    """A copy of a column of a model, without what becomes an operation of its own."""
    made = column._copy() if hasattr(column, "_copy") else column.copy()
    made.index = made.unique = None
    return made
