"""Carry CHECK constraints from what they are to what the models say; Alembic does not compare them.

a new condition       op.create_check_constraint(op.f('ck_age'), 'users', 'age > 0')    held back where rows do not satisfy it
one only there        op.drop_constraint(op.f('ck_age'), 'users', type_='check')        held back: nothing else remembers it

SQLite has neither without building its table anew, and none without a name then: those are told, and left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, inspect

from .enum_steps import TextBlock, with_colons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection, Dialect

    from adopt.base.types import Difference
    from adopt.rows.counting import Rows

    from ..base.types import Adopt, Module
    from .types import Blocks, CheckNames, Differences, Lines


NAMES = """
SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid), n.nspname = current_schema()
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'c' AND c.oid >= {first}"""


def names_of(connection: Connection, tables: Iterable[str], adopt: Adopt) -> CheckNames:
    """{(table, condition as a snapshot has it): the name, None where it has none} of these tables."""
    if connection.dialect.name == "postgresql":
        condition = adopt("snapshot_postgresql").condition
        rows = adopt("connecting").query(connection, NAMES.format(first=adopt("catalogue").FIRST_OID))
        return {
            (table if is_default else schema + "." + table, condition(definition)): name
            for schema, table, name, definition, is_default in rows
        }
    check_text, inspector = adopt("normal").check_text, inspect(connection)
    there = set(inspector.get_table_names())
    return {
        (table, check_text(one["sqltext"])): one["name"]
        for table in sorted(there & set(tables))
        for one in inspector.get_check_constraints(table)
    }


class CheckSteps:
    """`names_there` and `names_built` are what `names_of` says of the existing database, and of what the models make.

    `held` are the reasons for what is held back without these; `tables` those of one bind, by their full names.
    """

    def __init__(
        self,
        tables: Mapping[str, Table],
        names_there: CheckNames,
        names_built: CheckNames,
        held: Sequence[str],
        rows: Rows,
        counting: Module,
        dialect: Dialect,
    ) -> None:
        self._tables, self._names_there, self._names_built = tables, names_there, names_built
        self._held, self._rows, self._counting, self._dialect = held, rows, counting, dialect

    def blocks(self, left: Differences) -> Blocks:
        """(blocks that stand before all others, those that stand after them) for the differences that are left."""
        of_checks = [item for item in left if item["what"] == "check" and item["table"] in self._tables]
        made = {(item["table"], self._name(item)) for item in of_checks if item["kind"] == "missing"}
        first: list[Lines]
        last: list[Lines]
        first, last = [], []
        for item in of_checks:
            name, table = self._name(item), item["table"]
            if name is None:
                continue
            if item["kind"] == "extra":
                is_made_again = (table, name) in made
                why = "" if is_made_again else "%s %s: only in the database" % (table, name)
                first.append(TextBlock(self._drop(table, name), self._create(table, name, item["actual"]), why))
            else:
                condition = self._condition(table, name) or item["expected"]
                why = self._why(table, name, item["expected"])
                last.append(TextBlock(self._create(table, name, condition), self._drop(table, name), why))
        return first, last

    def _name(self, item: Difference) -> str | None:
        names, side = (self._names_there, "actual") if item["kind"] == "extra" else (self._names_built, "expected")
        return names.get((item["table"], item[side]))

    def _condition(self, table: str, name: str) -> str:
        """The words of the model, "" where it is not the model that named it."""
        for one in self._tables[table].constraints:
            if isinstance(one, CheckConstraint) and str(one.name) == name and not getattr(one, "_type_bound", False):
                return str(one.sqltext.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))
        return ""

    def _why(self, table: str, name: str, condition: str) -> str:
        place = "%s %s" % (table, name)
        if any(re.match(re.escape(table) + r"[.: ]", reason) for reason in self._held):
            return place + ": after what is held back of its table"
        rows = self._rows.violating(table, condition)
        if rows == 0 or rows is None and self._rows.all(table) == 0:
            return ""
        return "%s: %s not satisfy it" % (place, self._does(rows))

    def _does(self, rows: int | None) -> str:
        return self._counting.shown(rows).lower() + (" does" if rows == 1 else " do")  # type: ignore[no-any-return]  # of adopt/

    def _drop(self, table: str, name: str) -> list[str]:
        return self._line(table, "drop_constraint(op.f(%r), {}type_='check'{})" % name)

    def _create(self, table: str, name: str, condition: str) -> list[str]:
        text = with_colons(condition).replace("{", "{{").replace("}", "}}")
        return self._line(table, "create_check_constraint(op.f(%r), {}%r{})" % (name, text))

    def _line(self, table: str, call: str) -> list[str]:
        schema, _, bare = table.rpartition(".")
        if self._dialect.name == "sqlite":
            head = "with op.batch_alter_table(%r, recreate='always') as batch_op:" % table
            return [head, "    batch_op." + call.format("", "").replace("op.f(", "batch_op.f(")]
        return ["op." + call.format("%r, " % bare, ", schema=%r" % schema if schema else "")]
