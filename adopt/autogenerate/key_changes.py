"""Primary keys that change, come or go: Alembic compares none."""

from sqlalchemy import inspect

from . import check_constraints
from .extra_operations import LinesOp


class KeyChanges:
    """The part of a Completion that is about primary keys."""

    def _primary_key(self, item):
        table = item["table"]
        old, new = (side["tables"][table]["primary_key"] for side in (self._there, self._models.snapshot))
        names = ['"%s"' % table, table, table.rpartition(".")[2]]
        targets = {key["refers_to"].partition("(")[0] for one in self._there["tables"].values() for key in one["foreign_keys"]}
        if old and not targets.isdisjoint(names):
            return False
        if self._dialect.name in ("mysql", "mariadb"):
            self._retyped.update((table, one) for one in old + new)
            place = self._last if new else self._first
            place.append(LinesOp(self._key_altered(table, old, new), self._key_altered(table, new, old)))
            return True
        there = inspect(self._connection).get_pk_constraint(table.rpartition(".")[2], schema=self._tables[table].schema).get("name")
        name = self._models.key_names.get(table) or there or "pk_" + table
        if self._dialect.name == "sqlite" and (new or there):
            sides = key_rebuilt(table, name, new, old and there), key_rebuilt(table, there or name, old, new and name)
            (self._last if new else self._first).append(LinesOp(*sides))
        if self._dialect.name == "sqlite":
            return bool(new or there)
        schema, _, bare = table.rpartition(".")
        place = ", schema=%r" % schema if schema else ""
        make = "op.create_primary_key(op.f(%r), %r, %r%s)"
        drop = check_constraints.drop
        if old:
            self._first.append(LinesOp(drop(table, there, self._dialect, "primary"), [make % (there, bare, old, place)]))
        if new:
            self._last.append(LinesOp([make % (name, bare, new, place)], drop(table, name, self._dialect, "primary")))
        return True

    def _key_altered(self, table, old, new):
        quote = self._dialect.identifier_preparer.quote
        words = ["DROP PRIMARY KEY"] * bool(old) + ["ADD PRIMARY KEY ({})".format(", ".join(map(quote, new)))] * bool(new)
        return ["op.execute(%r)" % "ALTER TABLE {} {}".format(quote(table), ", ".join(words))]


def key_rebuilt(table, name, columns, there):
    """The lines that give a table of SQLite another primary key."""
    lines = ["with op.batch_alter_table(%r, recreate='always') as batch_op:" % table]
    if there and (there != name or not columns):
        lines.append("    batch_op.drop_constraint(batch_op.f(%r), type_='primary')" % there)
    return lines + ["    batch_op.create_primary_key(batch_op.f(%r), %r)" % (name, list(columns))] * bool(columns)
