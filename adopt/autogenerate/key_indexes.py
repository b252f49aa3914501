"""MySQL keeps an index while a foreign key needs it: a retrofit drops the key before the index, and makes it again.

Before:  batch_op.drop_index('ix_lines_order_id')                     Cannot drop index ...: needed in a foreign key constraint
After:   batch_op.drop_constraint('lines_ibfk_1', type_='foreignkey')
         batch_op.drop_index('ix_lines_order_id')
         batch_op.create_foreign_key('lines_ibfk_1', ...)             which brings the server's own index along

So it is with the way back of an index that is new on a foreign key, too: the server has dropped its own one by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate.render import render_op, renderers
from alembic.operations import ops
from sqlalchemy import inspect
from sqlalchemy.sql.elements import conv

from .constraint_names import columns_of
from .key_order import is_not_dropped_key, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy.engine.reflection import Inspector

    from ..base.types import ConnectedContext


class DropIndexUnderKeyOp(ops.DropIndexOp):
    """`keys` are pairs of operations: the drop of a foreign key that needs the index, and what makes it again."""


class CreateIndexOverKeyOp(ops.CreateIndexOp):
    """The index that foreign keys will use in the place of the server's own; `keys` as above, for the way back."""

    keys: list[Any]

    def reverse(self) -> Any:
        return under(super().reverse(), self.keys)


def under(operation: Any, keys: Any) -> Any:
    operation.__class__, operation.keys = DropIndexUnderKeyOp, keys
    return operation


@renderers.dispatch_for(DropIndexUnderKeyOp)
def _drop_under_key(context: AutogenContext, operation: Any) -> list[str]:
    plain = ops.DropIndexOp.__new__(ops.DropIndexOp)
    plain.__dict__.update(operation.__dict__)
    every = [drop for drop, _ in operation.keys] + [plain] + [made for _, made in operation.keys]
    return [line for one in every for line in render_op(context, one)]


def cover(context: ConnectedContext, upgrade_ops: Any, downgrade_ops: Any) -> None:
    """Keep the server from refusing to drop an index that a foreign key needs, here and on the way back."""
    if context.dialect.name not in ("mysql", "mariadb"):
        return
    inspector = inspect(context.connection)
    come_or_go = {key(one) for one in upgrade_ops.ops if isinstance(one, (ops.CreateTableOp, ops.DropTableOp))}
    tables = [one for one in upgrade_ops.ops if isinstance(one, ops.ModifyTableOps) and key(one) not in come_or_go]
    changed = [table for table in tables if covered(table, inspector)]
    if changed:
        upgrade_ops.reverse_into(downgrade_ops)


def covered(table: Any, inspector: Inspector) -> bool:
    """Do it for the changes of one table; whether there was anything to do."""
    indexes = [one for one in table.ops if isinstance(one, (ops.DropIndexOp, ops.CreateIndexOp))]
    if not indexes:
        return False
    there: Any = inspector.get_indexes(table.table_name, schema=table.schema)
    there = {one["name"]: one["column_names"] for one in there}
    there[None] = inspector.get_pk_constraint(table.table_name, schema=table.schema)["constrained_columns"]
    dropped = {one.index_name: one for one in indexes if isinstance(one, ops.DropIndexOp)}
    made = {one.index_name: one for one in indexes if isinstance(one, ops.CreateIndexOp)}
    after = dict(  # type: ignore[arg-type]  # each has a name
        {name: columns for name, columns in there.items() if name not in dropped}, **{n: columns_of(one) for n, one in made.items()}
    )
    changed = False
    for found in staying(table, inspector):
        columns = found["constrained_columns"]
        own = (found["name"], columns[0])
        pair = operations(found, table)
        if not serving(after, columns):
            for name in serving(there, columns):
                under(dropped[name], getattr(dropped[name], "keys", []) + [pair])
                changed = True
        elif not [name for name in serving(there, columns) if name not in own]:
            for name in set(serving(after, columns)).intersection(made):
                over(made[name], pair)
                changed = True
    return changed


def over(operation: Any, pair: Any) -> None:
    operation.__class__, operation.keys = CreateIndexOverKeyOp, getattr(operation, "keys", []) + [pair]


def staying(table: Any, inspector: Inspector) -> Iterator[Any]:
    """The foreign keys of the database that the changes of their table leave alone."""
    ends = {getattr(one, "column_name", None) for one in table.ops if isinstance(one, ops.DropColumnOp)}
    gone = {one.constraint_name for one in table.ops if not is_not_dropped_key(one)}
    for found in inspector.get_foreign_keys(table.table_name, schema=table.schema):
        if found["name"] not in gone and ends.isdisjoint(found["constrained_columns"]):
            yield found


def serving(indexes: Mapping[str, Sequence[str]], columns: Sequence[str]) -> list[str]:
    """The names of those that begin with these columns."""
    return [name for name, names in indexes.items() if names[: len(columns)] == columns]


def operations(found: Mapping[str, Any], table: Any) -> tuple[Any, Any]:
    """(what drops a foreign key, what makes it again)."""
    options = {name: value for name, value in (found.get("options") or {}).items() if value}
    schemas = {"source_schema": table.schema, "referent_schema": found["referred_schema"]}
    options.update({name: value for name, value in schemas.items() if value})
    names = conv(found["name"]), table.table_name
    make = ops.CreateForeignKeyOp(
        *names, found["referred_table"], found["constrained_columns"], found["referred_columns"], **options
    )
    return ops.DropConstraintOp(*names, type_="foreignkey", schema=table.schema), make
