"""Where the source of a loaded module says something: lines of classes, of names in their bodies, of tables and their columns.

Reads what the import system serves, which need not be what is on disk. Every answer is a line number, or None.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import ModuleType


class Source:
    """The syntax tree of one module; `tree` is None where it has no source that this Python can parse."""

    def __init__(self, module: ModuleType | None) -> None:
        self.path = getattr(module, "__file__", None) or ""
        self.tree = parsed(module)
        self._classes = list(classes_in(self.tree, "")) if self.tree is not None else []

    def class_(self, cls: type[Any], name: str | None = None) -> Any:
        """The node of a class: of several with its name the one that has `name` in its body, else the last one."""
        first_line = vars(cls).get("__firstlineno__")  # Python 3.13; that of the first decorator
        places = [cls.__qualname__, first_line]
        named = [(where, node) for where, node in self._classes if node.name == cls.__name__]
        found = [node for where, node in named if where in places or node.lineno in places] or [node for _, node in named]
        with_name = [node for node in found if name and line_in(node, name)]
        return (with_name or found or [None])[-1]

    def added(self, cls: type[Any], name: str) -> Any:
        """The line of `User.phone = ...` somewhere in the module."""
        for node in self._all(ast.Assign):
            for target in node.targets:
                is_it = isinstance(target, ast.Attribute) and target.attr == name
                if is_it and getattr(target.value, "id", None) == cls.__name__:
                    return node.lineno
        return None

    def table(self, name: str) -> Any:
        """The node of the call `Table("name", ...)`."""
        for node in self._all(ast.Call):
            if called(node) == "Table" and node.args and text_of(node.args[0]) == name:
                return node
        return None

    def text(self, text: str) -> int | None:
        """The line of the first string in the module that is `text`."""
        return line_of_text(self.tree, text) if self.tree is not None else None

    def _all(self, kind: Any) -> list[Any]:
        return [node for node in ast.walk(self.tree) if isinstance(node, kind)] if self.tree is not None else []


def classes_in(node: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """(qualified name, node) of every class in a node."""
    for one in ast.iter_child_nodes(node):
        name = prefix + getattr(one, "name", "") if isinstance(one, (ast.ClassDef, ast.FunctionDef)) else ""
        if isinstance(one, ast.ClassDef):
            yield name, one
        inside = "." if isinstance(one, ast.ClassDef) else ".<locals>."
        yield from classes_in(one, name + inside if name else prefix)


def parsed(module: Any) -> ast.Module | None:
    """The tree of a module's source, or None."""
    loader: Any = getattr(module, "__loader__", None)
    if not hasattr(loader, "get_source"):
        return None
    try:
        return ast.parse(loader.get_source(module.__name__) or "")
    except (ImportError, OSError, SyntaxError, ValueError):  # no source, or not in UTF-8
        return None


def line_in(node: Any, name: str) -> int | None:
    """The line on which the body of a class gives itself `name`."""
    found = statement_in(node, name)
    return found.lineno if found is not None else None


def statement_in(node: Any, name: str) -> Any:
    """The statement that does it, also under an `if`."""
    for one in statements(node):
        targets = [getattr(target, "id", None) for target in getattr(one, "targets", [getattr(one, "target", None)])]
        if name in targets or name == getattr(one, "name", None):
            return one
    return None


def statements(node: Any) -> Iterator[Any]:
    """The statements of a body, and of those in it that decide whether others run."""
    for one in node.body:
        yield one
        if isinstance(one, (ast.If, ast.Try, ast.With)):
            for block in [one] + getattr(one, "handlers", []):
                yield from statements(block)
            yield from getattr(one, "orelse", [])


def line_of_text(node: Any, text: str) -> int | None:
    """The line of the first string inside a node that is `text`."""
    lines: list[int] = [one.lineno for one in ast.walk(node) if text_of(one) == text]  # type: ignore[attr-defined]  # a string has one
    return min(lines) if lines else None


def line_of_call(node: Any, texts: Collection[str]) -> int | None:
    """The line of the innermost call inside a node that has all these strings."""
    found = [one for one in ast.walk(node) if isinstance(one, ast.Call) and set(texts) <= texts_in(one)]
    return found[-1].lineno if found else None


def texts_in(node: Any) -> set[str | None]:
    return {text_of(one) for one in ast.walk(node)} - {None}


def text_of(node: Any) -> str | None:
    """The string that a node is, or None; Python 3.7 has a class of its own for strings."""
    value = node.s if type(node).__name__ == "Str" else getattr(node, "value", None) if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def called(node: Any) -> Any:
    """The last name of what is called: "Table" for `db.Table(...)`."""
    return getattr(node.func, "attr", None) or getattr(node.func, "id", None)
