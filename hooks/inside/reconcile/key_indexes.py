"""The index that MySQL makes for a foreign key stays when the key goes: it is dropped as well, where nobody else asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import inspect

from .risks import dropped_reference

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation, UpgradeOps
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.reflection import Inspector

    from adopt.base.types import Snapshot


def drop_with_keys(changes: UpgradeOps, base: Snapshot, connection: Connection) -> None:
    """Add to `changes` the drop of every such index; `base` is the snapshot of the database of `connection`, without them."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return
    inspector = inspect(connection)
    for table in changes.ops:
        if isinstance(table, ops.ModifyTableOps):
            table.ops = [part for one in table.ops for part in with_index(one, table.table_name, base, inspector)]


def with_index(operation: MigrateOperation, table: str, base: Snapshot, inspector: Inspector) -> list[MigrateOperation]:
    """The operation, and after it the drop of the index that it leaves behind."""
    key = dropped_reference(operation)
    if key is None:
        return [operation]
    columns = [element.parent.name for element in key.elements]
    kept = base["tables"][table]["indexes"]
    left: list[Any] = [one for one in inspector.get_indexes(table) if one["column_names"] == columns and one["name"] not in kept]
    others = [one for one in inspector.get_foreign_keys(table) if one["constrained_columns"] == columns]
    if len(others) > 1 or not left or left[0]["unique"]:
        return [operation]
    drop: Any = ops.DropIndexOp(left[0]["name"], table, _reverse=ops.CreateIndexOp(left[0]["name"], table, columns))
    drop.goes_with_key = True
    return [operation, drop]
