"""MySQL keeps an index while a foreign key needs it: what a revision drops is put into an order that works there.

Before:  batch_op.drop_index('ix_lines_order_id')                     Cannot drop index ...: needed in a foreign key constraint
         batch_op.drop_constraint('lines_ibfk_1', type_='foreignkey')
After:   batch_op.drop_constraint('lines_ibfk_1', type_='foreignkey')
         batch_op.drop_index('ix_lines_order_id')

Before:  batch_op.drop_index('ix_lines_order_id')                     the same, where the foreign key stays
After:   batch_op.create_index('lines_ibfk_1', ['order_id'])          as the server makes one by itself, which Alembic leaves alone
         batch_op.drop_index('ix_lines_order_id')

The indexes of a table that goes as a whole go with it.
"""

from alembic.operations import ops
from sqlalchemy import inspect


def cover(context, upgrade_ops, downgrade_ops):
    """Give each foreign key that stays an index of its own before the last one that served it goes."""
    if context.dialect.name not in ("mysql", "mariadb"):
        return
    inspector = inspect(context.connection)
    gone = {key(one) for one in upgrade_ops.ops if isinstance(one, ops.DropTableOp)}
    back = {key(one): one for one in downgrade_ops.ops if isinstance(one, ops.ModifyTableOps)}
    for table in upgrade_ops.ops:
        if isinstance(table, ops.ModifyTableOps) and key(table) not in gone:
            for name, columns in uncovered(table, inspector):
                made = ops.CreateIndexOp(name, table.table_name, columns, schema=table.schema)
                table.ops.insert(0, made)
                if key(table) in back:
                    back[key(table)].ops.append(made.reverse())


def uncovered(table, inspector):
    """(name, columns) of each foreign key of the database that the changes of its table leave without an index."""
    dropped = {one.index_name for one in table.ops if isinstance(one, ops.DropIndexOp)}
    if not dropped:
        return
    facts = inspector.get_indexes(table.table_name, schema=table.schema)
    left = [one["column_names"] for one in facts if one["name"] not in dropped]
    left.append(inspector.get_pk_constraint(table.table_name, schema=table.schema)["constrained_columns"])
    left += [[str(getattr(one, "name", one)) for one in made.columns] for made in table.ops if isinstance(made, ops.CreateIndexOp)]
    ends = {getattr(one, "column_name", None) for one in table.ops if isinstance(one, ops.DropColumnOp)}
    ends_keys = {one.constraint_name for one in table.ops if not is_not_dropped_key(one)}
    for found in inspector.get_foreign_keys(table.table_name, schema=table.schema):
        columns = found["constrained_columns"]
        if found["name"] not in ends_keys and ends.isdisjoint(columns) and not any(one[: len(columns)] == columns for one in left):
            yield found["name"], columns


def order(context, *containers):
    """Do that for the upgrade and the downgrade of one comparison; the reverse of either order works."""
    if context.dialect.name in ("mysql", "mariadb"):
        for container in containers:
            container.ops[:] = ordered(container.ops)


def ordered(operations):
    gone = {key(one) for one in operations if isinstance(one, ops.DropTableOp)}
    result = []
    for table in operations:
        if isinstance(table, ops.ModifyTableOps):
            kept = [one for one in table.ops if not (key(table) in gone and isinstance(one, ops.DropIndexOp))]
            if not kept and table.ops:
                continue
            table.ops[:] = sorted(kept, key=is_not_dropped_key)
        result.append(table)
    return result


def key(operation):
    return operation.schema, operation.table_name


def is_not_dropped_key(operation):
    return not (isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "foreignkey")
