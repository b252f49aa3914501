"""Where the models say what a difference is about, as "shop/models.py:23", so that it can be changed there.

A column that a mixin or an abstract base brings is where that one says it; one of `Table(...)` is in that call; what an installed
package brings is named by the package, for nobody edits it there.
"""

from __future__ import annotations

import os
import sys
import types
from typing import TYPE_CHECKING, Any

from .source_lines import Source, line_in, line_of_call, line_of_text, statement_in
from .triage import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Table

    from ..base.types import Difference, StrPath


class Places:
    """`base` is the class that the models inherit from, `tables` are those of their metadata, `root` the folder of the project."""

    def __init__(self, base: Any, tables: Iterable[Table], root: StrPath) -> None:
        self._root = os.path.realpath(root)
        self._tables = {table.fullname: table for table in tables}
        self._bare = {table.name: table for table in tables}
        self._classes: dict[Table, list[type[Any]]] = {}
        for cls in subclasses(base) if base is not None else ():
            table = getattr(cls, "__table__", None)
            if table is not None and cls not in self._classes.setdefault(table, []):
                self._classes[table].append(cls)
        self._sources: dict[str, Source] = {}

    def of(self, item: Difference) -> str | None:
        """The place for one difference of differences.py; None where nobody knows."""
        try:
            return self._of(item)
        except Exception:  # noqa: BLE001 -- classes of other people's making may raise anything; the difference counts, not its place
            return None

    def _of(self, item: Difference) -> str | None:
        if item["what"] == "enum":
            return self._enum(item["name"])
        table = (
            self._tables.get(item["table"]) if item["table"] in self._tables else self._bare.get(item["table"].rpartition(".")[2])
        )
        if table is None:
            return None
        if item["what"] == "column":
            return self._column(table, item["name"]) or self._table(table)
        if item["what"] in ("table", "view", "comment", "primary key"):
            return self._table(table)
        return self._rule(table, item["name"], columns_of(item)) or self._table(table)

    def _table(self, table: Table) -> str | None:
        for cls in self._classes.get(table, ()):
            node = self._source(cls.__module__).class_(cls)
            if node is not None:
                return self._place(cls.__module__, node.lineno)
        module, node = self._call(table)
        return self._place(module, node.lineno) if node is not None else None

    def _column(self, table: Table, name: str) -> str | None:
        column = table.columns.get(name)
        if column is None:
            column = next((one for one in table.columns if one.name == name), None)
        if column is None:
            return None
        for cls in self._classes.get(table, ()):
            for key, mapped in cls.__mapper__.columns.items():
                if mapped is column and self._attribute(cls, key):
                    return self._attribute(cls, key)
        module, node = self._call(table)
        line = line_of_text(node, name) if node is not None else None
        return self._place(module, line) if line else None

    def _attribute(self, cls: type[Any], key: str) -> str | None:
        """The place of an attribute: in the class, in what it inherits from, or added to it later."""
        for one in cls.__mro__:
            source = self._source(one.__module__)
            node = source.class_(one, key)
            line = line_in(node, key) if node is not None else None
            line = line or source.added(one, key)
            if line:
                return self._place(one.__module__, line)
        return None

    def _rule(self, table: Table, name: str, columns: Sequence[str]) -> str | None:
        """The place of an index or a constraint: where its name stands, else its column, else what is said of the whole table."""
        nodes = [
            (one.__module__, self._source(one.__module__).class_(one))
            for cls in self._classes.get(table, ())
            for one in cls.__mro__
        ]
        nodes = [(module, node) for module, node in nodes + [self._call(table)] if node is not None]
        for module, node in nodes:
            line = line_of_text(node, name) if name else None
            if line:
                return self._place(module, line)
        modules = {module for module, _ in nodes}
        for module in sorted(modules) if name else ():
            line = self._source(module).text(name)  # db.Index("ix_users_name", User.name) beside the class
            if line:
                return self._place(module, line)
        if len(columns) == 1 and self._column(table, columns[0]):
            return self._column(table, columns[0])
        for module, node in nodes:
            said = statement_in(node, "__table_args__") if hasattr(node, "body") else node
            if said is not None:
                return self._place(module, (line_of_call(said, columns) if columns else None) or said.lineno)
        return None

    def _enum(self, name: str) -> str | None:
        for table in self._tables.values():
            for column in table.columns:
                if name.rpartition(".")[2] in names_of_type(column.type):
                    return self._column(table, column.name) or self._table(table)
        return None

    def _call(self, table: Table) -> tuple[Any, Any]:
        """(name of the module, node of the call of Table) for a table without a class, (None, None) where it is not found."""
        modules = [(name, vars(module)) for name, module in sorted(sys.modules.items()) if isinstance(module, types.ModuleType)]
        holding = [name for name, names in modules if any(value is table for value in list(names.values()))]
        own = [name for name, names in modules if self._is_own(names.get("__file__") or "")]
        for name in holding + own:
            node = self._source(name).table(table.name)
            if node is not None:
                return name, node
        return None, None

    def _source(self, name: str) -> Source:
        if name not in self._sources:
            self._sources[name] = Source(sys.modules.get(name))
        return self._sources[name]

    def _place(self, module: str, line: int | None) -> str | None:
        path = self._source(module).path
        if not self._is_own(path):
            return "the package " + module.partition(".")[0]
        return "{}:{}".format(os.path.relpath(os.path.realpath(path), self._root).replace(os.sep, "/"), line)

    def _is_own(self, path: str) -> bool:
        path = os.path.realpath(path)
        return path.startswith(self._root + os.sep) and not {"site-packages", "dist-packages"} & set(path.split(os.sep))


def subclasses(base: type[Any]) -> Iterator[type[Any]]:
    """Every class below `base`, those nearest to it first."""
    waiting, seen = [base], set()
    while waiting:
        for cls in waiting.pop(0).__subclasses__():
            if cls not in seen:
                seen.add(cls)
                waiting.append(cls)
                yield cls


def names_of_type(type_: Any) -> set[str | None]:
    """The name of an enum, also inside an array or a decorator."""
    found = set()
    while type_ is not None:
        found.add(getattr(type_, "name", None))
        type_ = getattr(type_, "item_type", None) or getattr(type_, "impl", None)
        if isinstance(type_, type):
            break
    return found
