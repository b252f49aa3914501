"""The tables that revisions have made: only those can have lost a model, every other table without one is somebody else's.

Read from the text of the revision files, since what a revision does need not be seen in a database: `op.create_table`,
`op.rename_table` and `op.drop_table`, CREATE, RENAME and DROP TABLE in SQL, and `Table(...)` with a `create()`. A name that is put
together while a revision runs is not seen; its table is left alone then.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from ..rows.source_lines import called, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable


PART = r"""(?:"[^"]+"|`[^`]+`|\[[^\]]+\]|\w+)"""
NAME = rf"({PART}(?:\s*\.\s*{PART})?)"
SQL = re.compile(
    rf"""\bCREATE\s+(?:UNLOGGED\s+|FOREIGN\s+|OR\s+REPLACE\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{NAME}
      (?![.\w]|\s*\.|\s+PARTITION\s+OF)
    |\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?({NAME}(?:\s*,\s*{NAME})*)
    |\b(?:ALTER|RENAME)\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{NAME}\s+(?:RENAME\s+(?:TO\s+|AS\s+)?|TO\s+){NAME}(?=\s*(?:[;,]|$))
    """,
    re.I | re.X,
)


def once_managed(texts: Iterable[str], name: str = "") -> set[str]:
    """The tables that the revisions with these texts, the oldest first, have made and not dropped again.

    `name` is that of the database in functions such as `upgrade_users()`, "" for the default one.
    """
    tables: set[str] = set()
    for text in texts:
        try:
            tree = ast.parse(text)
        except SyntaxError:  # for another Python; Alembic says more about it
            continue
        Upgrade(tree, name).run(tables)
    return tables


class Upgrade:
    """What one revision does to the set of tables."""

    def __init__(self, tree: ast.Module, name: str) -> None:
        self._functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
        self._texts: dict[str, list[str]] = {}
        self._learn(tree.body)
        one_of_many = "upgrade_" + name
        self._first = [one for one in (["upgrade_", "upgrade"] if not name else [one_of_many]) if one in self._functions][:1]
        self._running: list[str] = []
        self._creates = any(called(one) in ("create", "create_all") for one in ast.walk(tree) if isinstance(one, ast.Call))

    def run(self, tables: set[str]) -> None:
        for name in self._first:
            self._call(name, tables)

    def _call(self, name: str, tables: set[str]) -> None:
        if name not in self._running:
            self._running.append(name)
            self._learn(self._functions[name].body)
            for one in self._functions[name].body:
                self._do(one, tables)
            self._running.pop()

    def _learn(self, body: Iterable[Any]) -> None:
        """Remember the texts that names stand for: `TABLE = "users"`, `for name in ("a", "b")`."""
        for one in body:
            for node in ast.walk(one):
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                value = getattr(node, "iter", None) or getattr(node, "value", None)
                found = self._said(value) if value is not None and isinstance(node, (ast.Assign, ast.AnnAssign, ast.For)) else []
                for target in targets if found else ():
                    if isinstance(target, ast.Name):
                        self._texts[target.id] = found

    def _said(self, node: Any) -> list[Any]:
        """The texts that an expression may be."""
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return [text for one in node.elts for text in self._said(one)]
        if isinstance(node, ast.Name):
            return self._texts.get(node.id, [])
        return [text_of(node)] if text_of(node) is not None else []

    def _do(self, node: Any, tables: set[str]) -> None:
        """What a statement or expression does, in its order."""
        if isinstance(node, ast.Expr) and text_of(node.value) is not None:
            return  # a docstring
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            return
        for one in ast.iter_child_nodes(node):
            self._do(one, tables)
        for text in self._said(node) if text_of(node) is not None or isinstance(node, ast.Name) else ():
            run_sql(text, tables)
        if isinstance(node, ast.Call):
            self._operation(node, tables)

    def _operation(self, node: Any, tables: set[str]) -> None:
        word = called(node)
        keywords = {one.arg: self._said(one.value) for one in node.keywords}
        schema = (keywords.get("schema") or [""])[0]
        given = [self._said(one) for one in node.args]
        names = [
            qualified(name, schema) for name in (given[0] if given else keywords.get("table_name") or keywords.get("name") or [])
        ]
        if word == "create_table" or (word == "Table" and self._creates):
            tables.update(names)
        elif word == "drop_table":
            tables.difference_update(names)
        elif word == "rename_table":
            new = given[1] if len(given) > 1 else keywords.get("new_table_name") or []
            tables.difference_update(names or [qualified(name, schema) for name in keywords.get("old_table_name") or []])
            tables.update(qualified(name, schema) for name in new)
        elif isinstance(node.func, ast.Name) and word in self._functions:
            self._call(word, tables)


def run_sql(text: str, tables: set[str]) -> None:
    """Do to the set of tables what the statements in a text do."""
    for found in SQL.finditer(text):
        made, dropped, old, new = found.group(1), found.group(2), found.group(5), found.group(6)
        if made:
            tables.update(spelled(made))
        if dropped:
            for name in re.findall(NAME, dropped):
                tables.difference_update(spelled(name))
        if new and tables.intersection(spelled(old)):
            tables.difference_update(spelled(old))
            tables.update(spelled(new))


def spelled(name: str) -> set[str]:
    """What a name in SQL may be called in the database: PostgreSQL writes what is not quoted in small letters."""
    parts = [part.strip() for part in re.findall(r'"[^"]+"|`[^`]+`|\[[^\]]+\]|\w+', name)]
    plain = ".".join(part.strip('"`[]') for part in parts)
    return {plain, plain.lower()} if not any(part[0] in '"`[' for part in parts) else {plain}


def qualified(name: str, schema: str) -> str:
    return schema + "." + name if schema else name
