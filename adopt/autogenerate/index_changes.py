"""Changed indexes: Alembic compares their columns, not their conditions, orders, lengths and operators, nor all on expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from ..schema.comparing import is_unreadable
from ..server.connecting import literal, query
from .completion_part import Part
from .extra_operations import LinesOp, execute_both
from .rendering import with_lists

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Table

    from ..base.types import Difference


class IndexChanges(Part):
    """The part of a Completion that is about indexes."""

    _modify: Callable[[str], Any]
    _leave: Callable[[str, Collection[str]], None]
    _of_table: Callable[[str], list[Any]]
    _altered_at_once: Callable[..., None]
    _constraint_sides: Callable[[str], list[dict[str, Any]]]

    def _index(self, item: Difference) -> Any:
        """Alembic does not compare all that an index is, and sees none on an expression of SQLite."""
        name, table, kind = item["name"], item["table"], item["kind"]
        found = [one for one in getattr(self._tables.get(table), "indexes", ()) if str(one.name) == name]
        if kind == "missing":
            self._create_indexes(self._tables[table], [name])
            return True
        if self._is_mysql:
            if kind == "changed" and not any(is_on_index(one, name) for one in self._of_table(table)):
                self._altered_at_once(table, *({"KEY " + name: side["KEY " + name]} for side in self._constraint_sides(table)))
            return True
        if kind == "extra" and re.match(r"\(\w+(, \w+)*\)$", item["actual"]):
            return True
        self._leave(table, [name])
        schema, _, bare = table.rpartition(".")
        dropped = "op.drop_index(op.f({!r}), table_name={!r}{})".format(name, bare, ", schema=%r" % schema if schema else "")
        self._first.append(LinesOp([dropped], execute_both("", self._made(table, name)).undone))
        if kind == "changed":
            place: Any = self._last if self._is_sqlite else self._modify(table).ops
            place += map(ops.CreateIndexOp.from_index, found)
        return kind == "extra" or found

    def _made(self, table: str, name: str) -> Any:
        """The statement that makes an index that is there."""
        if self._is_sqlite:
            statement = "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = " + literal(name)
            return query(self._connection, statement)[0][0]
        there = self._there["tables"][table]["indexes"][name]
        definition = there["definition"] if there["definition"][0] != "(" else "btree " + there["definition"]
        words = "UNIQUE " if there["unique"] else "", self._quoted_one(name), self._quoted(table), definition
        return with_lists("CREATE {}INDEX {} ON {} USING {}".format(*words))

    def _create_indexes(self, table: Table, names: Collection[str] | None = None) -> None:
        """Create the indexes of a table of SQLite that Alembic does not see."""
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            if is_unreadable(index, self._dialect.name) and (names is None or index.name in names):
                self._last.append(ops.CreateIndexOp.from_index(index))


def is_on_index(operation: Any, name: str) -> bool:
    return isinstance(operation, (ops.CreateIndexOp, ops.DropIndexOp)) and str(operation.index_name) == name
