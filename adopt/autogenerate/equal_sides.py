"""What Alembic proposes although the server says the same of both sides: it would be proposed again after each revision.

So would a foreign key of a table whose engine has none (Aria, MyISAM): not even `create_all()` makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from .constraint_names import columns_of
from .extra_operations import qualified

if TYPE_CHECKING:
    from ..base.types import Snapshot, TableFacts


def leave_what_is_equal(upgrade_ops: Any, *snapshots: Snapshot) -> None:
    """Take it out, where it is about a column or an index that is in both; the first snapshot is that of the models."""
    sides = [one["tables"] for one in snapshots]
    for one in upgrade_ops.ops:
        if isinstance(one, ops.ModifyTableOps) and all(qualified(one) in side for side in sides):
            tables = [side[qualified(one)] for side in sides]
            one.ops[:] = [part for part in one.ops if not is_equal(part, *tables)]
    upgrade_ops.ops[:] = [one for one in upgrade_ops.ops if not isinstance(one, ops.ModifyTableOps) or one.ops]


def is_equal(operation: Any, *tables: TableFacts) -> bool:
    """Whether what an operation is about is the same in these tables."""
    if isinstance(operation, ops.CreateForeignKeyOp):
        return columns_of(operation) not in [key["columns"] for key in tables[0]["foreign_keys"]]
    is_index = isinstance(operation, (ops.CreateIndexOp, ops.DropIndexOp))
    if not is_index and not isinstance(operation, ops.AlterColumnOp):
        return False
    name = str(operation.index_name if is_index else operation.column_name)
    found = [table["indexes" if is_index else "columns"].get(name) for table in tables]
    return found[0] is not None and found[0] == found[1]
