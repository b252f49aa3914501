"""Foreign keys of new tables that cannot stand in CREATE TABLE: those with `use_alter`, and those of a cycle of tables.

Before:  op.create_table('team', ..., sa.ForeignKeyConstraint(['leader_id'], ['member.id'], use_alter=True))    never created
After:   op.create_foreign_key('fk_leader', 'team', 'member', ['leader_id'], ['id'])                            after both tables
"""

from __future__ import annotations

from typing import Any

from alembic.operations import ops
from sqlalchemy import Table
from sqlalchemy.schema import ForeignKeyConstraint
from sqlalchemy.sql.ddl import sort_tables_and_constraints

from .extra_operations import qualified


def late_foreign_keys(upgrade_ops: Any, dialect: Any) -> None:
    """Create after all tables the foreign keys that cannot stand in CREATE TABLE: `use_alter`, and those of a cycle."""
    if not dialect.supports_alter:
        return
    created = {qualified(one): one for one in upgrade_ops.ops if isinstance(one, ops.CreateTableOp)}
    keys = [key for one in created.values() for key in one.columns if isinstance(key, ForeignKeyConstraint)]
    tables = {key.parent for key in keys if isinstance(key.parent, Table)}
    late = []
    # SQLAlchemy's has no types
    for table, found in sort_tables_and_constraints(sorted(tables, key=lambda table: table.fullname)):  # type: ignore[no-untyped-call]
        late += [key for key in found if table is None]
    late += [key for key in keys if getattr(key, "use_alter", False) and not any(key is one for one in late)]
    for key in late:
        operation = created.get(key.parent.fullname)
        if operation is not None and any(key is one for one in operation.columns):
            operation.columns = [one for one in operation.columns if one is not key]
            upgrade_ops.ops.append(ops.CreateForeignKeyOp.from_constraint(key))
