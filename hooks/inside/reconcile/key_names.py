"""A new foreign key gets no name that MySQL has given to another one, whose drop may be commented out: both would have it.

Before:  batch_op.create_foreign_key(batch_op.f('lines_ibfk_1'), 'books', ['book_id'], ['id'])
After:   batch_op.create_foreign_key(batch_op.f('lines_ibfk_2'), 'books', ['book_id'], ['id'])
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import inspect
from sqlalchemy.sql.elements import conv

from .risks import dropped_reference

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation, UpgradeOps
    from sqlalchemy.engine import Connection


def set_apart(changes: UpgradeOps, connection: Connection) -> None:
    """Name the new keys of `changes` so; a name that the models give stays."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return
    inspector = inspect(connection)
    table: Any  # most of Alembic's operations have a table, each in a way of its own
    for table in changes.ops:
        parts = getattr(table, "ops", ())
        gone = {one.constraint_name: columns_of(one) for one in parts if dropped_reference(one) is not None}
        made = [one for one in parts if isinstance(one, ops.CreateForeignKeyOp)]
        taken = {one["name"] for one in inspector.get_foreign_keys(table.table_name)} if gone else set()
        taken |= {str(one.constraint_name) for one in made}
        for one in made:
            if gone.get(one.constraint_name, one.local_cols) != one.local_cols and isinstance(one.constraint_name, conv):
                names = (f"{table.table_name[:55]}_ibfk_{number}" for number in itertools.count(1))
                one.constraint_name = conv(next(name for name in names if name not in taken))
                taken.add(str(one.constraint_name))


def columns_of(dropped: MigrateOperation) -> list[str]:
    return [element.parent.name for element in dropped_reference(dropped).elements]  # type: ignore[union-attr]  # it drops one
