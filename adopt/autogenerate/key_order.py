"""What a revision drops on MySQL is put into an order that works there: it keeps an index while a foreign key needs it.

Before:  batch_op.drop_index('ix_lines_order_id')                     Cannot drop index ...: needed in a foreign key constraint
         batch_op.drop_constraint('lines_ibfk_1', type_='foreignkey')
After:   batch_op.drop_constraint('lines_ibfk_1', type_='foreignkey')
         batch_op.drop_index('ix_lines_order_id')

The indexes of a table that goes as a whole go with it. Where the foreign key stays, see constraint_changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

if TYPE_CHECKING:
    from ..base.types import ConnectedContext


def order(context: ConnectedContext, *containers: Any) -> None:
    """Do that for the upgrade and the downgrade of one comparison; the reverse of either order works."""
    for container in containers:
        if context.dialect.name in ("mysql", "mariadb"):
            container.ops[:] = ordered(container.ops)
        for table in container.ops:
            if isinstance(table, ops.ModifyTableOps):
                table.ops.sort(key=step)


def ordered(operations: Any) -> Any:
    gone = {key(one) for one in operations if isinstance(one, ops.DropTableOp)}
    result = []
    for table in operations:
        if isinstance(table, ops.ModifyTableOps):
            kept = [one for one in table.ops if not (key(table) in gone and isinstance(one, ops.DropIndexOp))]
            if not kept and table.ops:
                continue
            table.ops[:] = kept
        result.append(table)
    return result


def key(operation: Any) -> Any:
    return operation.schema, operation.table_name


def step(operation: Any) -> int:
    """When it is done among the changes of a table: an index or a constraint may need a type, or stand in its way."""
    if isinstance(operation, (ops.DropIndexOp, ops.DropConstraintOp)):
        return is_not_dropped_key(operation)
    return 3 if isinstance(operation, (ops.CreateIndexOp, ops.AddConstraintOp)) else 2


def is_not_dropped_key(operation: Any) -> bool:
    return not (isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "foreignkey")
