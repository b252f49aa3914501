"""Take out an import that nothing in the file uses any more, once other edits are made.

Before:  from shop import create_app, db            After:   from shop import create_app
         import os                                            (each was there for the create_all() that is gone)

Left alone: a name that another file has from this one, that `__all__` names, that was without use before; the only import of a
module of the project in all of its files, for what that does by itself (it may register models); an import with a comment.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from hooks.base.source import Source
from hooks.edit.core.cutting import cut
from hooks.edit.core.names import exported
from hooks.edit.core.nodes import Outline, outline
from hooks.edit.core.splice import Edit, Splice, apply
from hooks.edit.core.tree_changes import ReplaceStatement

NEVER = re.compile(r"(?!)")


def without_unused(
    before: Source, after: bytes, is_taken_elsewhere: Callable[[str], bool], is_needed_import: Callable[[str, int], bool]
) -> bytes:
    """The file's bytes `after` the edits, without the imports that these have left without use.

    `is_taken_elsewhere`: whether another file has a name from this one; `is_needed_import`: whether this one has to import a
    module, by its name and the level of a relative import, for what that does by itself.
    """
    source = Source(before.path, after)
    outlined = outline(source)
    gone = {name for name in used(before.tree) - used(source.tree) if not is_taken_elsewhere(name)}
    edits: list[Edit] = []
    whole: list[ast.stmt] = []
    for statement in imports(outlined):
        spare = [alias for alias in statement.names if bound(alias) in gone]
        if not spare or "#" in "".join(source.line_text(line) for line in lines(statement)):
            continue
        if len(spare) < len(statement.names):
            if isinstance(statement, ast.ImportFrom):
                edits.append(with_fewer_names(source, statement, spare))
        elif len(outlined.block(statement)) > 1 and not is_only_import(source, statement, is_needed_import):
            whole.append(statement)
    for together in in_rows(outlined, whole):
        splice = cut(source, outlined, together, NEVER)
        changes = tuple(ReplaceStatement(source.span(one), "") for one in together)
        edits.append(Edit(source.path, "unused_import", (splice,), changes))
    return apply(source, edits) if edits else after


def in_rows(outlined: Outline, statements: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """The statements, those together that are next to each other in one block."""
    row: list[ast.stmt] = []
    for one in sorted(statements, key=lambda one: (one.lineno, one.col_offset)):
        block = outlined.block(one)
        if row and not (
            row[-1] in block and block.index(one) == block.index(row[-1]) + 1 and is_right_below(outlined.source, row[-1], one)
        ):
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def is_right_below(source: Source, first: ast.stmt, then: ast.stmt) -> bool:
    """Whether nothing but empty lines is between two statements."""
    return not any(source.line_text(line).strip() for line in range(lines(first).stop, then.lineno))


def used(tree: ast.Module) -> set[str]:
    """The names that a module reads, those in `__all__` and in texts that may be annotations included."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {name for statement in tree.body for name in exported(statement) or ()}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return names | {
        word for text in texts if len(text) < 100 for word in re.findall(r"\w+", text) if text.isidentifier() or "[" in text
    }


def imports(outlined: Outline) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import."""
    for node in ast.walk(outlined.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
            yield node


def bound(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def lines(statement: ast.stmt) -> range:
    """The lines of a statement."""
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def is_only_import(source: Source, statement: ast.Import | ast.ImportFrom, is_needed_import: Callable[[str, int], bool]) -> bool:
    """Whether a module of the project would not be imported by this file any more."""
    if isinstance(statement, ast.Import):
        return any(is_needed_import(alias.name, 0) for alias in statement.names)
    if not is_needed_import(statement.module or "", statement.level):
        return False
    others = [one for one in ast.walk(source.tree) if isinstance(one, ast.ImportFrom) and one is not statement]
    return not any((one.module, one.level) == (statement.module, statement.level) for one in others)


def with_fewer_names(source: Source, statement: ast.ImportFrom, spare: list[ast.alias]) -> Edit:
    """The statement without some of its names, those that stay as they are written."""
    kept = [alias for alias in statement.names if alias not in spare]
    texts = [source.segment(source.span(alias)) for alias in kept]
    module = "." * statement.level + (statement.module or "")
    splices = []
    for alias in spare:
        index = statement.names.index(alias)
        later = [one for one in statement.names[index + 1 :] if one in kept]
        start, end = place(source, alias)
        if later:  # up to the name that follows
            end = place(source, statement.names[index + 1])[0]
        else:  # with the comma before it
            start = place(source, statement.names[index - 1])[1]
        splices.append(Splice(start, end, ""))
    change = ReplaceStatement(source.span(statement), f"from {module} import {', '.join(texts)}")
    return Edit(source.path, "unused_import", tuple(splices), (change,))


def place(source: Source, alias: ast.alias) -> tuple[int, int]:
    """Where a name begins and ends."""
    span = source.span(alias)
    return source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
