"""The schemas that the source puts tables into, besides the one that the database has by default.

__table_args__ = {"schema": "shop"}      Table("orders", metadata, schema="shop")      MetaData(schema="shop")
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from hooks.detect.tree import string

HOLDERS = frozenset({"Table", "MetaData"})


def find_schemas(texts: Iterable[bytes]) -> tuple[str, ...]:
    """Their names, sorted; "" is among them where one is not written out."""
    found = {name for text in texts if b"schema" in text for name in _named_in(text)}
    return tuple(sorted(found))


def _named_in(text: bytes) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in HOLDERS:
            yield from (string(one.value) or "" for one in node.keywords if one.arg == "schema" and not _is_none(one.value))
        elif _is_table_args(node):
            for one in ast.walk(node):
                if isinstance(one, ast.Dict):
                    pairs = zip(one.keys, one.values, strict=True)
                    yield from (
                        string(value) or "" for key, value in pairs if key and string(key) == "schema" and not _is_none(value)
                    )


def _is_table_args(node: ast.AST) -> bool:
    """Whether it gives a class its `__table_args__`, as a value or by a method."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [one.id for one in targets if isinstance(one, ast.Name)]
    return "__table_args__" in ([node.name] if isinstance(node, ast.FunctionDef) else names)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
