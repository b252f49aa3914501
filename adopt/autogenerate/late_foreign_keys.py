"""Foreign keys of new tables that cannot stand in CREATE TABLE: those with `use_alter`, those of a cycle of tables, and those to
what gets unique in the same revision.

Before:  op.create_table('team', ..., sa.ForeignKeyConstraint(['leader_id'], ['member.id'], use_alter=True))    never created
After:   op.create_foreign_key('fk_leader', 'team', 'member', ['leader_id'], ['id'])                            after both tables
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import Column, Table
from sqlalchemy.schema import ForeignKeyConstraint
from sqlalchemy.sql.ddl import sort_tables_and_constraints

from .column_operations import plain
from .extra_operations import qualified

if TYPE_CHECKING:
    from collections.abc import Collection


def late_foreign_keys(upgrade_ops: Any, dialect: Any, changed: Collection[str]) -> None:
    """Create after all tables the foreign keys that cannot stand in CREATE TABLE; `changed` are the tables whose keys change."""
    if not dialect.supports_alter:
        return
    created = {qualified(one): one for one in upgrade_ops.ops if isinstance(one, ops.CreateTableOp)}
    keys = [key for one in created.values() for key in one.columns if isinstance(key, ForeignKeyConstraint)]
    tables = {key.parent for key in keys if isinstance(key.parent, Table)}
    late = []
    # SQLAlchemy's has no types
    for table, found in sort_tables_and_constraints(sorted(tables, key=lambda table: table.fullname)):  # type: ignore[no-untyped-call]
        late += [key for key in found if table is None]
    waiting = {key.parent.fullname for key in keys if referred(key) in changed}  # with all its keys: MySQL numbers them
    late += [key for key in keys if getattr(key, "use_alter", False) or key.parent.fullname in waiting]
    for key in late:
        operation = created.get(key.parent.fullname)
        if operation is not None and any(key is one for one in operation.columns):
            operation.columns = [uncounted(one, key) for one in operation.columns if one is not key]
            made = ops.CreateForeignKeyOp.from_constraint(key)
            upgrade_ops.ops.append(ops.ModifyTableOps(operation.table_name, [made], schema=operation.schema))


def uncounted(part: Any, key: Any) -> Any:
    """A column of a primary key as it is with this foreign key: without one it would count by itself."""
    if isinstance(part, Column) and part.key in key.column_keys and part.autoincrement == "auto":
        part = plain(part)
        part.autoincrement = False
    return part


def referred(key: Any) -> Any:
    """The table that a foreign key refers to, with its schema."""
    return key.elements[0].target_fullname.rpartition(".")[0]
