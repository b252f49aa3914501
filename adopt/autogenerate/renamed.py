"""Renames that somebody confirms: `flask db migrate -x rename=users.name:full_name -x rename=team:teams`.

Before:  batch_op.add_column(sa.Column('full_name', sa.String(80)))      the values are lost
         batch_op.drop_column('name')
After:   batch_op.alter_column('name', existing_type=sa.String(80), new_column_name='full_name')

A rename of a column stands after what drops constraints and indexes, and before all else, which speaks of the new name. That of a
table is alone: what else it differs in is in the next revision.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint

from ..base.errors import SettingUnreadable
from ..base.log import log
from .column_operations import alteration
from .extra_operations import LinesOp, qualified
from .late_foreign_keys import referred

if TYPE_CHECKING:
    from ..base.types import ConnectedContext


OPTION = "rename="
WRONG = "-x rename={0}:{1} is no change of the models: they must lack {0}, and the database {1}"


class RenamedColumnOp(ops.AlterColumnOp):
    """Alembic's own forgets the name on the way back."""

    def reverse(self) -> Any:
        other: Any = super().reverse()
        other.column_name, other.modify_name = self.modify_name, self.column_name
        return other


def write(context: ConnectedContext, upgrade_ops: Any, downgrade_ops: Any, is_last: bool) -> bool:
    """Put the renames in the place of what would lose the values; the models are compared with several databases, one by one.

    True where a table is renamed: all else is for the next revision.

    Raises:
        SettingUnreadable: no database has such a rename, and this is the last one.
    """
    asked = [one[len(OPTION) :] for one in getattr(context.config.cmd_opts, "x", None) or () if one.startswith(OPTION)]
    done, tables = context.config.attributes.setdefault(OPTION, set()), []
    for one in asked:
        old, _, new = one.partition(":")
        tables.append(rename_table(upgrade_ops.ops, old, new))
        if tables[-1] or rename_column(context.dialect, upgrade_ops.ops, old, new):
            upgrade_ops.reverse_into(downgrade_ops)
            done.add(one)
        elif is_last and one not in done:
            raise SettingUnreadable(WRONG.format(old, new))
    return any(tables)


def rename_column(dialect: Any, operations: list[Any], place: str, new: str) -> bool:
    """Whether one of the operations on the table was an add, and another one a drop."""
    table, _, old = place.rpartition(".")
    for modified in operations:
        parts: Any = modified.ops if isinstance(modified, ops.ModifyTableOps) and qualified(modified) == table else ()
        gone = [one for one in parts if isinstance(one, ops.DropColumnOp) and one.column_name == old]
        made = [one for one in parts if isinstance(one, ops.AddColumnOp) and one.column.name == new]
        if gone and made:
            there, column = gone[0].to_column(), made[0].column
            is_same = [side.type.compile(dialect=dialect) for side in (there, column)]
            renamed = alteration(there.table, there, RenamedColumnOp)
            renamed.modify_name = new
            renamed.modify_type = None if is_same[0] == is_same[1] else column.type
            renamed.modify_nullable = None if there.nullable == column.nullable else column.nullable
            parts[:] = [one for one in parts if one not in gone + made]
            operations.insert(0, ops.ModifyTableOps(modified.table_name, [renamed], schema=modified.schema))
            return True
    return False


def rename_table(operations: list[Any], old: str, new: str) -> bool:
    """Whether one of the operations made the table, and another one dropped it."""
    gone = [one for one in operations if isinstance(one, ops.DropTableOp) and qualified(one) == old]
    made = [one for one in operations if isinstance(one, ops.CreateTableOp) and qualified(one) == new]
    if not gone or not made or gone[0].schema != made[0].schema:
        return False
    names, schema = (gone[0].table_name, made[0].table_name), gone[0].schema
    place = f", schema={schema!r}" if schema else ""
    lines = [["op.rename_table({!r}, {!r}{})".format(*pair, place)] for pair in (names, names[::-1])]
    rest = [one for one in operations if not hasattr(one, "table_name") or qualified(one) not in (old, new)]
    for one in rest:
        if isinstance(one, ops.ModifyTableOps):
            keys = {columns_to(part, old) for part in one.ops} - {None}  # which go with the table
            one.ops[:] = [part for part in one.ops if not keys & {columns_to(part, old), tuple(getattr(part, "local_cols", ()))}]
    operations[:] = [LinesOp(*lines), *rest]
    log.warning("What else differs in %s is for the next revision: upgrade, and run `flask db migrate` again.", new)
    return True


def columns_to(operation: Any, table: str) -> tuple[Any, ...] | None:
    """The columns of a foreign key to a table that an operation drops, None for every other one."""
    key = operation.to_constraint() if isinstance(operation, ops.DropConstraintOp) else None
    if isinstance(key, ForeignKeyConstraint) and referred(key) == table:
        return tuple(key.column_keys)
    return None


def order(upgrade_ops: Any, downgrade_ops: Any) -> None:
    """Where a column is renamed: drop what is on it before, and there and back create it after."""
    if any(isinstance(part, RenamedColumnOp) for one in upgrade_ops.ops for part in getattr(one, "ops", ())):
        upgrade_ops.ops[:0] = apart(upgrade_ops.ops, ops.DropConstraintOp, ops.DropIndexOp)
        downgrade_ops.ops += apart(downgrade_ops.ops, ops.AddConstraintOp, ops.CreateIndexOp)


def apart(operations: list[Any], *kinds: type[Any]) -> list[Any]:
    """The changes of tables of these kinds, taken out of the operations."""
    result = []
    for one in [one for one in operations if isinstance(one, ops.ModifyTableOps)]:
        other = copy.copy(one)
        other.ops = [part for part in one.ops if isinstance(part, kinds)]
        one.ops[:] = [part for part in one.ops if not isinstance(part, kinds)]
        result += [other] if other.ops else []
    return result
