"""Import a new neighbour of `db` the way a file imports `db`.

Before:  from shop.extensions import db          from shop import extensions
         db.init_app(app)                        extensions.db.init_app(app)
After:   from shop.extensions import db, migrate
         ...  migrate  ...                       ...  extensions.migrate  ...

Where `db` comes from a module that only hands it on, the neighbour is imported from the module that defines it, one line below.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hooks.base.facts import Database
from hooks.base.source import Source
from hooks.edit.core import layout
from hooks.edit.core.imports import Available
from hooks.edit.core.names import bindings_seen, exported
from hooks.edit.core.nodes import Outline, outline
from hooks.edit.core.splice import Splice
from hooks.edit.core.tree_changes import AddAlias, InsertAfter, TreeChange


@dataclass(frozen=True)
class Neighbour:
    """`name` is a module global beside `database`; `files` are the project's, `sources` those at hand.

    `limit` is how long the project lets a line be.
    """

    name: str
    database: Database
    files: Collection[str]
    sources: Mapping[str, Source]
    limit: int

    @property
    def path(self) -> str:
        """The file that defines both."""
        return self.database.span.path


def reach(source: Source, node: ast.AST, db: str, neighbour: Neighbour) -> Available | None:
    """Make the neighbour available at `node`, which spells the database `db`; None where that is a parameter or an attribute."""
    outlined = outline(source)
    root, *rest = db.split(".")
    seen = bindings_seen(outlined, node, root)
    if source.path == neighbour.path and db == neighbour.database.name and seen and isinstance(seen[0], ast.Module):
        return Available(neighbour.name)
    if seen is None:
        return None if rest else _beside_wildcard(outlined, node, neighbour)
    imports = [one for one in seen[1] if isinstance(one, ast.Import | ast.ImportFrom)]
    if len(imports) != len(seen[1]):
        return None
    results = [_beside_import(source, statement, db, neighbour) for statement in imports]
    known = [result for result in results if result is not None]
    if len(known) != len(results) or len({result.expression for result in known}) != 1:
        return None
    return Available(
        known[0].expression,
        tuple(splice for result in known for splice in result.splices),
        tuple(change for result in known for change in result.changes),
    )


def _beside_import(source: Source, statement: ast.Import | ast.ImportFrom, db: str, neighbour: Neighbour) -> Available | None:
    root, *rest = db.split(".")
    alias = next(alias for alias in statement.names if (alias.asname or _bound(statement, alias)) == root)
    if isinstance(statement, ast.ImportFrom) and not rest:
        path = module_path(neighbour, source.path, statement.module or "", statement.level)
        if path == neighbour.path and alias.name == neighbour.database.name:
            added = alias_splice(source, statement, neighbour.name, neighbour.limit)
            return Available(neighbour.name, (added,), (_alias(source, statement, neighbour),))
        return _own_import(source, statement, neighbour)
    if not rest:
        return None
    inner = rest[:-1]
    if isinstance(statement, ast.ImportFrom):
        module = ".".join([*([statement.module] if statement.module else []), alias.name, *inner])
        path = module_path(neighbour, source.path, module, statement.level)
    else:
        path = module_path(neighbour, source.path, ".".join([alias.name if alias.asname else root, *inner]), 0)
    if path == neighbour.path and rest[-1] == neighbour.database.name:
        return Available(".".join([root, *inner, neighbour.name]))
    return _own_import(source, statement, neighbour) if path else None


def _bound(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    return alias.name if isinstance(statement, ast.ImportFrom) else alias.name.partition(".")[0]


def _beside_wildcard(outlined: Outline, node: ast.AST, neighbour: Neighbour) -> Available | None:
    source = outlined.source
    wildcards = [
        statement
        for scope in outlined.scopes(node)
        for statement in getattr(scope, "body", ())
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"
    ]
    for statement in wildcards:
        if module_path(neighbour, source.path, statement.module or "", statement.level) == neighbour.path:
            home = neighbour.sources.get(neighbour.path)
            if home is not None and not any(exported(one) is not None for one in home.tree.body) and neighbour.name[0] != "_":
                return Available(neighbour.name)
            return _own_import(source, statement, neighbour)
    return _own_import(source, wildcards[-1], neighbour) if wildcards else None


def _own_import(source: Source, statement: ast.Import | ast.ImportFrom, neighbour: Neighbour) -> Available:
    """Import the neighbour from where it is defined, right after the statement by which the file has `db`, in its style."""
    level = statement.level if isinstance(statement, ast.ImportFrom) else 0
    if level:
        module = relative_module(source.path, neighbour.path)
    else:
        spelled = (statement.module if isinstance(statement, ast.ImportFrom) else statement.names[0].name) or ""
        module = absolute_module(neighbour, source.path, spelled)
    code = f"from {module} import {neighbour.name}"
    return Available(neighbour.name, (layout.after(source, statement, code),), (InsertAfter(source.span(statement), code),))


def _alias(source: Source, statement: ast.ImportFrom, neighbour: Neighbour) -> TreeChange:
    return AddAlias(source.span(statement), neighbour.name, sorted_index(statement, neighbour.name))


def sorted_index(statement: ast.ImportFrom, name: str) -> int | None:
    """Before which of the names a new one belongs: None for the last, which it is where they are in no order."""
    names = [alias.name for alias in statement.names]
    if names != sorted(names, key=sort_key):
        return None
    return next((index for index, other in enumerate(names) if sort_key(other) > sort_key(name)), None)


def sort_key(name: str) -> tuple[int, str]:
    """As isort and ruff sort names: constants, classes, the others."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def alias_splice(source: Source, statement: ast.ImportFrom, name: str, limit: int) -> Splice:
    """Add `name` to a `from` import where it is in order, else at the end: on a line of its own where the others have one.

    A line of names that would be longer than `limit` and than each line of the file becomes one line for each.
    """
    last = statement.names[-1]
    index = sorted_index(statement, name)
    first_text = source.line_text(statement.lineno)
    longest = max(limit, *map(len, source.text.splitlines()))
    names = [source.segment(source.span(alias)) for alias in statement.names]
    is_one_line = last.end_lineno == statement.lineno and "(" not in _before_names(source, statement)
    if is_one_line and len(first_text) + len(f", {name}") > longest and layout.is_on_own_line(source, statement):
        indent = first_text[: len(first_text) - len(first_text.lstrip())]
        names.insert(len(names) if index is None else index, name)
        start = source.offset(statement.names[0].lineno, statement.names[0].col_offset)
        end = source.offset(last.end_lineno or last.lineno, last.end_col_offset or 0)
        lines = "".join(f"{indent}{source.indent}{one},\n" for one in names)
        return Splice(start, end, f"(\n{lines}{indent})", layout.IN_EXPRESSION)
    if index is not None:
        following = statement.names[index]
        start = source.offset(following.lineno, following.col_offset)
        before = source.line_text(following.lineno).encode()[: following.col_offset].decode()
        separator = f",\n{before}" if following.lineno > statement.lineno and not before.strip() else ", "
        return Splice(start, start, f"{name}{separator}", layout.IN_EXPRESSION)
    end = source.offset(last.end_lineno or last.lineno, last.end_col_offset or 0)
    line = source.line_text(last.lineno)
    indent = line[: len(line) - len(line.lstrip())]
    if last.lineno == statement.lineno or last.col_offset != len(indent.encode()) or "(" not in _before_names(source, statement):
        return Splice(end, end, f", {name}", layout.IN_EXPRESSION)
    comma = re.compile(rb"[ \t]*,[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)").match(source.raw, end)
    if comma:
        return Splice(comma.end(), comma.end(), f"{indent}{name},\n", layout.IN_EXPRESSION)
    if re.compile(rb"[ \t]*#").match(source.raw, end):
        return Splice(end, end, f", {name}", layout.IN_EXPRESSION)
    return Splice(end, end, f",\n{indent}{name}", layout.IN_EXPRESSION)


def _before_names(source: Source, statement: ast.ImportFrom) -> str:
    start = source.offset(statement.lineno, statement.col_offset)
    first = statement.names[0]
    return source.raw[start : source.offset(first.lineno, first.col_offset)].decode()


def module_path(neighbour: Neighbour, importer: str, module: str, level: int) -> str | None:
    """The project's file that an import in `importer` means; of several that it may mean, the one that defines the neighbour."""
    folder = importer.split("/")[:-1]
    parts = module.split(".") if module else []
    if level:
        bases = [folder[: len(folder) - level + 1]] if level <= len(folder) + 1 else []
    else:
        bases = [folder[:depth] for depth in range(len(folder) + 1)] + [["src"]]
    found = [path for base in bases for path in _files_of([*base, *parts]) if path in neighbour.files or path in neighbour.sources]
    return neighbour.path if neighbour.path in found else next(iter(found), None)


def _files_of(parts: list[str]) -> list[str]:
    path = "/".join(parts)
    return [f"{path}.py", f"{path}/__init__.py"] if path else ["__init__.py"]


def _module_parts(path: str) -> list[str]:
    parts = path.removesuffix(".py").split("/")
    return parts[:-1] if parts[-1] == "__init__" else parts


def relative_module(importer: str, path: str) -> str:
    """How `importer` spells the module at `path` with leading dots."""
    folder, target = importer.split("/")[:-1], _module_parts(path)
    common = 0
    while common < min(len(folder), len(target)) and folder[common] == target[common]:
        common += 1
    return "." * (len(folder) - common + 1) + ".".join(target[common:])


def absolute_module(neighbour: Neighbour, importer: str, spelled: str) -> str:
    """How `importer` spells the neighbour's module from the root from which it spells the module `spelled`."""
    path = module_path(neighbour, importer, spelled, 0)
    target = _module_parts(neighbour.path)
    if path:
        root = _module_parts(path)[: -len(spelled.split("."))]
        if target[: len(root)] == root and len(target) > len(root):
            return ".".join(target[len(root) :])
    return neighbour.database.module
