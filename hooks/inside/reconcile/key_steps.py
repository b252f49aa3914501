"""Carry primary keys from what they are to what the models say; Alembic does not compare them.

PostgreSQL       op.drop_constraint(op.f('stock_pkey'), 'stock', type_='primary')     before all else
                 op.create_primary_key(op.f('stock_pkey'), 'stock', ['shop', 'tea'])  after all else
MySQL, MariaDB   op.execute('ALTER TABLE stock DROP PRIMARY KEY, ADD PRIMARY KEY (shop, tea)'), for a column that counts has to be
                 in a key all the time
SQLite           batch_op.create_primary_key(...), which builds the table anew

It is held back where rows would not be told apart by the new key, and where nothing but the database has one. A key that foreign
keys refer to is told, and left.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import inspect

from .enum_steps import TextBlock, execute
from .second_revision import Block

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from alembic.operations.ops import MigrateOperation, UpgradeOps
    from sqlalchemy.engine import Connection, Dialect

    from adopt.base.types import Snapshot
    from adopt.rows.counting import Rows

    from ..base.types import Module
    from .types import Blocks, Differences, KeyNames, Lines


def names_of(connection: Connection, tables: Iterable[str]) -> KeyNames:
    """{table: the name of its primary key, None where it has none} of those of `tables`, by full names, that are there."""
    inspector, result = inspect(connection), {}
    for table in sorted(tables):
        schema, _, bare = table.rpartition(".")
        if bare in inspector.get_table_names(schema=schema or None):
            result[table] = inspector.get_pk_constraint(bare, schema=schema or None).get("name")
    return result


def freed(changes: UpgradeOps, base: Snapshot) -> dict[str, list[MigrateOperation]]:
    """{table: the operations that let a column be NULL which is in the key of `base`}, taken out of `changes`.

    They are possible only once the key is another one.
    """
    result: dict[str, list[MigrateOperation]] = {}
    operation: Any  # most of Alembic's operations have a table, each in a way of its own
    for operation in changes.ops:
        name = ".".join(filter(None, (getattr(operation, "schema", None), getattr(operation, "table_name", ""))))
        key = base["tables"].get(name, {}).get("primary_key", ())
        for part in list(getattr(operation, "ops", ())):
            if isinstance(part, ops.AlterColumnOp) and part.modify_nullable and part.column_name in key:
                free = copy.copy(part)
                free.modify_type, free.modify_server_default, free.modify_comment = None, False, False
                result.setdefault(name, []).append(free)
                part.modify_nullable = None
                if not part.has_changes():
                    operation.ops.remove(part)
    return result


class KeySteps:
    """`base` and `wanted` are the snapshots of what there is, and of what the models make; `tables` the names of one bind's.

    `names_there` and `names_built` are what `names_of` says of both, `free` is what `freed` has taken out.
    """

    def __init__(
        self,
        tables: Collection[str],
        base: Snapshot,
        wanted: Snapshot,
        names_there: KeyNames,
        names_built: KeyNames,
        free: Mapping[str, Sequence[MigrateOperation]],
        rows: Rows,
        counting: Module,
        dialect: Dialect,
    ) -> None:
        self._free, self._tables, self._base, self._wanted = free, tables, base["tables"], wanted["tables"]
        self._names_there, self._names_built = names_there, names_built
        self._rows, self._counting, self._dialect = rows, counting, dialect

    def blocks(self, left: Differences) -> Blocks:
        """(blocks that stand before all others, those that stand after them) for the differences that are left."""
        first: list[Lines]
        last: list[Lines]
        first, last = [], []
        for item in left:
            table = item["table"]
            if item["what"] != "primary key" or table not in self._tables or self._is_referred_to(table):
                continue
            old, new = self._base[table]["primary_key"], self._wanted[table]["primary_key"]
            why = self._why(table, old, new)
            if self._dialect.name in ("mysql", "mariadb"):
                last.append(TextBlock(self._altered(table, old, new), self._altered(table, new, old), why))
            elif self._dialect.name == "sqlite":
                if not new and not self._names_there.get(table):
                    continue  # nothing to call it by
                last.append(TextBlock(self._rebuilt(table, old, new), self._rebuilt(table, new, old, is_undone=True), why))
            else:
                if old:
                    first.append(TextBlock(*self._dropped_and_made(table, old, self._names_there), why))
                if new:
                    # they are two
                    last.append(TextBlock(*reversed(self._dropped_and_made(table, new, self._names_built)), why))  # type: ignore[arg-type, call-arg]
            if table in self._free:
                last.append(Block(self._modified(table), why))
        return first, last

    def _is_referred_to(self, table: str) -> bool:
        names = ['"%s"' % table, table, table.rpartition(".")[2]]
        targets = {key["refers_to"].partition("(")[0] for one in self._base.values() for key in one["foreign_keys"]}
        return not targets.isdisjoint(names)

    def _why(self, table: str, old: Sequence[str], new: Sequence[str]) -> str:
        """Why it is held back, "" where it is not."""
        place = table + " primary key"
        if not new:
            return place + ": only in the database"
        if set(new) - set(self._base[table]["columns"]):
            rows = self._rows.all(table)
            words = "would have no value in it"
        else:
            counts = self._rows.repeated(table, new), self._rows.without_value(table, new)
            rows = None if None in counts else sum(counts)
            words = "would not be told apart by it"
        return "" if rows == 0 else "%s: %s %s" % (place, self._counting.shown(rows).lower(), words)

    def _modified(self, table: str) -> ops.ModifyTableOps:
        schema, _, bare = table.rpartition(".")
        return ops.ModifyTableOps(bare, self._free[table], schema=schema or None)

    def _dropped_and_made(self, table: str, columns: Sequence[str], names: KeyNames) -> tuple[list[str], list[str]]:
        """(the lines that drop a key of PostgreSQL, those that make it)."""
        schema, _, bare = table.rpartition(".")
        name, place = names.get(table) or bare + "_pkey", ", schema=%r" % schema if schema else ""
        return (
            ["op.drop_constraint(op.f(%r), %r, type_='primary'%s)" % (name, bare, place)],
            ["op.create_primary_key(op.f(%r), %r, %r%s)" % (name, bare, list(columns), place)],
        )

    def _altered(self, table: str, old: Sequence[str], new: Sequence[str]) -> list[str]:
        quote = self._dialect.identifier_preparer.quote
        changes = ["DROP PRIMARY KEY"] * bool(old) + ["ADD PRIMARY KEY (%s)" % ", ".join(map(quote, new))] * bool(new)
        return [execute("ALTER TABLE %s %s" % (quote(table), ", ".join(changes)))]

    def _rebuilt(self, table: str, old: Sequence[str], new: Sequence[str], is_undone: bool = False) -> list[str]:
        """The key gets a name, by which alone it is found again; one that has another name gives way to it."""
        name = self._names_built.get(table) or "pk_" + table
        there = self._names_there.get(table) or name
        if is_undone:
            name, there = there, name
        lines = ["with op.batch_alter_table(%r, recreate='always') as batch_op:" % table]
        if old and (there != name or not new):
            lines.append("    batch_op.drop_constraint(batch_op.f(%r), type_='primary')" % there)
        if new:
            lines.append("    batch_op.create_primary_key(batch_op.f(%r), %r)" % (name, list(new)))
        return lines
