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
    is_mysql = context.dialect.name in ("mysql", "mariadb")
    for container in containers:
        gone = {key(one) for one in container.ops if is_mysql and isinstance(one, ops.DropTableOp)}
        for table in [one for one in container.ops if isinstance(one, ops.ModifyTableOps)]:
            kept = [one for one in table.ops if not (key(table) in gone and isinstance(one, ops.DropIndexOp))]
            if table.ops and not kept:
                container.ops.remove(table)
            table.ops[:] = sorted(kept, key=step)


def key(one: Any) -> Any:
    return one.schema, one.table_name


def step(one: Any) -> tuple[bool, ...]:
    """When it is done among the changes of a table: an index or a constraint may need a type, or stand in its way."""
    kinds = (ops.DropIndexOp, ops.DropConstraintOp), (ops.CreateIndexOp, ops.AddConstraintOp)
    return is_not_dropped_key(one), not isinstance(one, kinds[0]), isinstance(one, kinds[1])


def is_not_dropped_key(one: Any) -> bool:
    return not (isinstance(one, ops.DropConstraintOp) and one.constraint_type == "foreignkey")
