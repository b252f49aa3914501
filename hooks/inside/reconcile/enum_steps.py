"""Carry PostgreSQL's enum types from what they are to what the models say; Alembic sees no difference between their labels.

a new type            op.execute("CREATE TYPE mood AS ENUM ('ok', 'new')")                   before the tables, dropped after them
a new label           op.execute("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'new' AFTER 'ok'")  outside of a transaction
a label that goes     a new type in the place of the old one, whose columns are changed to it; held back
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..baseline.server_objects import named_enum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy.engine import Dialect

    from adopt.base.types import Snapshot
    from adopt.rows.counting import Rows

    from ..base.types import Module
    from ..baseline.types import RenderItem


class TextBlock:
    """Lines of code that are written together, and those that undo them; `why` they are commented out, "" where they are not."""

    hint = ""

    def __init__(self, done: Sequence[str], undone: Sequence[str], why: str = "") -> None:
        self._done, self._undone, self.why = list(done), list(undone), why

    def undo(self) -> TextBlock:
        """What undoes it."""
        return TextBlock(self._undone, self._done, self.why)

    def lines(self, context: AutogenContext, is_marked: bool) -> list[str]:
        """The lines of code, without indent."""
        if self.why and is_marked and self._done:
            return ["# " + line for line in [self.why, *self._done]]
        return self._done


class EnumSteps:
    """`base` is the snapshot of what there is, `wanted` that of what the models make; `rows` counts in the existing database."""

    def __init__(
        self,
        base: Snapshot,
        wanted: Snapshot,
        rows: Rows,
        counting: Module,
        columns_of_type: Callable[[Snapshot, str], Iterable[tuple[str, str]]],
        quote: Callable[[str], str],
    ) -> None:
        self._base, self._wanted, self._rows, self._counting = base, wanted, rows, counting
        self._columns_of_type, self._quote = columns_of_type, quote

    def blocks(self) -> Iterator[TextBlock]:
        """The blocks that stand before all others, in their order."""
        for name, wanted in sorted(self._wanted["enums"].items()):
            there = self._base["enums"].get(name)
            if there is None:
                yield TextBlock([execute(self._create(name, wanted))], [execute("DROP TYPE " + self._name(name))])
            elif there != wanted:
                yield from self._changed(name, there, wanted)

    def _changed(self, name: str, there: Sequence[str], wanted: Sequence[str]) -> Iterator[TextBlock]:
        labels = list(there)
        for number, label in enumerate(wanted):
            if label not in there:
                place = "AFTER " + literal(wanted[number - 1]) if number else "BEFORE " + literal(labels[0])
                statement = "ALTER TYPE %s ADD VALUE IF NOT EXISTS %s %s" % (self._name(name), literal(label), place)
                yield TextBlock(
                    ["with op.get_context().autocommit_block():", "    " + execute(statement)],
                    ["# PostgreSQL cannot take %s out of %s again" % (literal(label), name)],
                )
                labels.insert(labels.index(wanted[number - 1]) + 1 if number else 0, label)
        if labels != wanted:
            gone = [label for label in labels if label not in wanted]
            yield TextBlock(self._anew(name, wanted), self._anew(name, labels), self._why(name, gone))

    def _why(self, name: str, gone: Sequence[str]) -> str:
        if not gone:
            return ""
        words = " and ".join(map(literal, gone))
        counts = [self._rows.holding(table, column, gone) for table, column in self._columns_of_type(self._base, name)]
        if not any(count is None or count for count in counts):
            return "%s: %s is only in the database" % (name, words)
        return "%s: %s with %s" % (name, self._counting.shown(None if None in counts else sum(counts)).lower(), words)

    def _anew(self, name: str, labels: Sequence[str]) -> list[str]:
        """The lines that put a type of these labels in the place of the one of that name."""
        old = self._name(name, "_before")
        lines = ["ALTER TYPE %s RENAME TO %s" % (self._name(name), self._quote(bare(name) + "_before")), self._create(name, labels)]
        for table, column in self._columns_of_type(self._base, name):
            facts = self._base["tables"][table]["columns"][column]
            start = "ALTER TABLE %s ALTER COLUMN %s " % (self._name(table), self._quote(column))
            array = "[]" if facts["type"].endswith("[]") else ""
            type_ = self._name(name) + array
            lines += [start + "DROP DEFAULT"] * bool(facts["default"])
            lines.append(start + "TYPE %s USING %s::text%s::%s" % (type_, self._quote(column), array, type_))
            lines += [start + "SET DEFAULT " + str(facts["default"])] * bool(facts["default"])
        return [execute(line) for line in [*lines, "DROP TYPE " + old]]

    def _create(self, name: str, labels: Sequence[str]) -> str:
        return "CREATE TYPE %s AS ENUM (%s)" % (self._name(name), ", ".join(map(literal, labels)))

    def _name(self, name: str, ending: str = "") -> str:
        schema, _, last = name.rpartition(".")
        return (self._quote(schema) + "." if schema else "") + self._quote(last + ending)


def bare(name: str) -> str:
    """The name without its schema."""
    return name.rpartition(".")[2]


def execute(statement: str) -> str:
    """The line that runs a statement."""
    return "op.execute(%r)" % with_colons(statement)


def with_colons(text: str) -> str:
    """Text for `sa.text`, which would take a colon for the start of a parameter."""
    return re.sub(r"(?<!:):(?!:)", r"\\:", text)


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def rendering(render_item: RenderItem, dialect: Dialect) -> RenderItem:
    """Alembic's `render_item` for operations on tables: the types of their columns are there already."""

    def render(type_: str, obj: Any, context: AutogenContext) -> str | bool | None:
        enum = named_enum(obj, dialect) if type_ == "type" and not hasattr(obj, "item_type") else None
        if enum is None:
            return render_item(type_, obj, context)
        context.imports.add("from sqlalchemy.dialects import postgresql")
        arguments = [repr(label) for label in enum.enums] + ["name=%r" % str(enum.name)]
        arguments += ["schema=%r" % str(enum.schema)] if enum.schema else []
        return "postgresql.ENUM(%s, create_type=False)" % ", ".join(arguments)

    return render
