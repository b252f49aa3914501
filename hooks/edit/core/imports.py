"""Make a name available where an edit needs it: as the file has it already, else with one import in the place where a reader looks.

Before:  import sys                                   After:   import os
                                                               import sys
         from flask_login import LoginManager
         from flask_sqlalchemy import SQLAlchemy               from flask_login import LoginManager
                                                               from flask_migrate import Migrate
                                                               from flask_sqlalchemy import SQLAlchemy

Left alone: whatever imports the same thing already, under any name that the place can see.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from hooks.base.source import Source
from hooks.edit.core import layout
from hooks.edit.core.expected_tree import header_length
from hooks.edit.core.names import MIGRATE_CLASS, bindings_in, bindings_seen, free_name
from hooks.edit.core.nodes import Function, Outline, Scope, dotted, first_line, outline
from hooks.edit.core.splice import Splice
from hooks.edit.core.tree_changes import InsertAfter, InsertBefore, InsertFirst, TreeChange


@dataclass(frozen=True)
class Available:
    """`expression` is what to write; the splices and changes are what makes it available (none: it is already)."""

    expression: str
    splices: tuple[Splice, ...] = ()
    changes: tuple[TreeChange, ...] = ()


def environ_get(source: Source, node: ast.AST) -> Available:
    """What reads an environment variable or gives a default, as code at `node` may call it: `os.environ.get`, `getenv`.

    Of `os.environ` and `os.getenv` that which the file says more often.
    """
    outlined = outline(source)
    module = imported_as(outlined, node, "os", "")
    said = [one.attr for one in ast.walk(source.tree) if isinstance(one, ast.Attribute) and dotted(one.value) == module]
    if module and said.count("getenv") > said.count("environ"):
        return Available(f"{module}.getenv")
    for module, member, suffix in (("os", "", ".environ.get"), ("os", "environ", ".get"), ("os", "getenv", "")):
        name = imported_as(outlined, node, module, member)
        if name:
            return Available(name + suffix)
    name = free_import_name(outlined, node, ("os", "os_module"), "os", "")
    code = "import os" if name == "os" else f"import os as {name}"
    splice, change = standard_import(source, node, code)
    return Available(f"{name}.environ.get", (splice,), (change,))


def migrate_class(source: Source, node: ast.AST) -> Available:
    """Flask-Migrate's class as code at `node` may call it; imported beside Flask-SQLAlchemy where that is imported."""
    outlined = outline(source)
    name = imported_as(outlined, node, "flask_migrate", "Migrate")
    if name:
        return Available(name)
    module = imported_as(outlined, node, "flask_migrate", "")
    if module:
        return Available(f"{module}.Migrate")
    name = free_import_name(outlined, node, MIGRATE_CLASS, "flask_migrate", "Migrate")
    code = "from flask_migrate import Migrate" + (f" as {name}" if name != "Migrate" else "")
    splice, change = beside_flask_sqlalchemy(source, node, code)
    return Available(name, (splice,), (change,))


def imported_as(outlined: Outline, node: ast.AST, module: str, member: str) -> str:
    """The name under which `node` surely sees `member` of `module`, the module itself where `member` is empty; "": none."""
    for scope in outlined.scopes(node):
        for name in bindings_in(outlined, scope):
            if is_import_of(outlined, node, scope, name, module, member):
                return name
    return ""


def sees_import(outlined: Outline, node: ast.AST, name: str, module: str, member: str) -> bool:
    """Whether `node` surely sees `member` of `module`, or the module itself where `member` is empty, under this name."""
    return any(is_import_of(outlined, node, scope, name, module, member) for scope in outlined.scopes(node))


def is_import_of(outlined: Outline, node: ast.AST, scope: Scope, name: str, module: str, member: str) -> bool:
    """Whether it is in this scope that `node` finds `name`, and that is bound there by an import of `member` of `module`."""
    nodes = bindings_in(outlined, scope).get(name, ())
    if not nodes or not all(imports(one, name, module, member) for one in nodes):
        return False
    if not any(isinstance(one, ast.stmt) and outlined.is_before(one, node) for one in nodes):
        return False
    seen = bindings_seen(outlined, node, name)
    return seen is not None and seen[0] is scope


def imports(node: ast.AST, name: str, module: str, member: str) -> bool:
    """Whether a node is an import that binds `name` to `member` of `module`."""
    if isinstance(node, ast.Import) and not member:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if bound == name and (alias.name == module or (not alias.asname and alias.name.startswith(f"{module}."))):
                return True
    if isinstance(node, ast.ImportFrom) and member and node.module == module and not node.level:
        return any(alias.name == member and (alias.asname or alias.name) == name for alias in node.names)
    return False


def free_import_name(outlined: Outline, node: ast.AST, candidates: Sequence[str], module: str, member: str) -> str:
    """A name that an import at the top of the module can bind so that `node` sees it, and nothing else loses it."""
    taken: set[str] = set()
    for scope in outlined.scopes(node):
        for name, nodes in bindings_in(outlined, scope).items():
            if not isinstance(scope, ast.Module) or not all(imports(one, name, module, member) for one in nodes):
                taken.add(name)
    return free_name(candidates, taken)


def standard_import(source: Source, node: ast.AST, code: str) -> tuple[Splice, TreeChange]:
    """Put `import x` of the standard library among its like at the top of the file, in order where they are in order.

    Those that stand behind `node`, which needs it, are none of them.
    """
    outlined = outline(source)
    module = code.split()[1]
    leading = [statement for statement in leading_imports(outlined.tree) if outlined.is_before(statement, node)]
    mine = [one for one in leading if isinstance(one, ast.Import) and len(one.names) == 1 and is_standard(one)]
    earlier = [statement for statement in mine if statement.names[0].name < module]
    if earlier:
        last = earlier[-1]
        return layout.after(source, last, code), InsertAfter(source.span(last), code)
    if mine or any(map(is_standard, leading[:1])):
        following = mine[0] if mine else leading[0]
        splice = layout.before(source, following, code)
        if splice and not has_comment_above(source, following):
            return splice, InsertBefore(source.span(following), code)
        return layout.after(source, following, code), InsertAfter(source.span(following), code)
    return layout.first(source, code), InsertFirst(code)


def beside_flask_sqlalchemy(source: Source, node: ast.AST, code: str) -> tuple[Splice, TreeChange]:
    """Put an import next to the one of Flask-SQLAlchemy that `node` sees, else next to Flask's or to one of its extensions'.

    Where there is none of these either, it is the last of the imports at the top.
    """
    outlined = outline(source)
    for scope in outlined.scopes(node):
        if isinstance(scope, ast.ClassDef | ast.Lambda):
            continue
        for statement in scope.body:
            if is_flask_sqlalchemy(statement) and outlined.is_before(statement, node):
                return _beside(source, scope, statement, code, node)
    leading = leading_imports(outlined.tree)
    of_flask = [statement for statement in leading if is_of_flask(statement)]
    earlier = [statement for statement in of_flask if module_of(statement) < "flask_migrate"]
    if of_flask and not earlier:
        return _beside(source, outlined.tree, of_flask[0], code, node)
    if leading:
        last = earlier[-1] if earlier else leading[-1]
        return layout.after(source, last, code), InsertAfter(source.span(last), code)
    return layout.first(source, code), InsertFirst(code)


def _beside(source: Source, scope: ast.Module | Function, anchor: ast.stmt, code: str, node: ast.AST) -> tuple[Splice, TreeChange]:
    anchor = in_sorted_row(source, scope.body, anchor)
    index = scope.body.index(anchor)
    previous = scope.body[index - 1] if index else None
    in_order = not isinstance(previous, ast.ImportFrom) or (previous.module or "") < "flask_migrate" or previous.level > 0
    if (
        isinstance(anchor, ast.ImportFrom)
        and (anchor.module or "") > "flask_migrate"
        and (in_order or (previous and first_line(anchor) - (previous.end_lineno or 0) > 1))
        and not has_comment_above(source, anchor)
        and layout.is_on_own_line(source, anchor)
    ):
        splice = layout.before(source, anchor, code)
        if splice:
            return splice, InsertBefore(source.span(anchor), code)
    if isinstance(anchor, ast.Import):
        anchor = last_of_group(outline(source), scope.body[index:], node)
    return layout.after(source, anchor, code), InsertAfter(source.span(anchor), code)


def in_sorted_row(source: Source, block: Sequence[ast.stmt], anchor: ast.stmt) -> ast.stmt:
    """The import before which `flask_migrate` belongs in the sorted row of `anchor`; `anchor` where the row is not sorted."""
    row = [anchor]
    for statement in reversed(block[: block.index(anchor)]):
        is_next = (statement.end_lineno or 0) + 1 == first_line(row[0])
        if not isinstance(statement, ast.ImportFrom) or statement.level or not is_next or has_comment_above(source, row[0]):
            break
        row.insert(0, statement)
    modules = [(one.module or "").lower() for one in row if isinstance(one, ast.ImportFrom)]
    if len(modules) < len(row) or modules != sorted(modules) or modules[-1] < "flask_migrate":
        return anchor
    return next(one for one, module in zip(row, modules, strict=True) if module > "flask_migrate")


def last_of_group(outlined: Outline, statements: Sequence[ast.stmt], node: ast.AST) -> ast.stmt:
    """The last of the imports that go without an empty line from the first statement to where `flask_migrate` comes in order."""
    last = statements[0]
    for statement in statements[1:]:
        is_import = isinstance(statement, ast.Import)
        is_earlier = isinstance(statement, ast.ImportFrom) and not statement.level and (statement.module or "") < "flask_migrate"
        is_adjacent = first_line(statement) == (last.end_lineno or 0) + 1
        if not (is_import or is_earlier) or not is_adjacent or not outlined.is_before(statement, node):
            break
        last = statement
    return last


def is_flask_sqlalchemy(statement: ast.stmt) -> bool:
    """Whether a statement imports Flask-SQLAlchemy or from it, in any spelling it ever had."""
    if isinstance(statement, ast.Import):
        return any(alias.name in ("flask_sqlalchemy", "flask.ext.sqlalchemy") for alias in statement.names)
    return isinstance(statement, ast.ImportFrom) and statement.module in ("flask_sqlalchemy", "flask.ext.sqlalchemy")


def is_of_flask(statement: ast.stmt) -> bool:
    """Whether a statement imports Flask, or one of its extensions, and nothing else."""
    return re.fullmatch(r"flask(_\w+)?(\..+)?", module_of(statement)) is not None


def module_of(statement: ast.stmt) -> str:
    """The one module that a statement imports or imports from; "" where it is of the project's package, or no such import."""
    if isinstance(statement, ast.Import) and len(statement.names) == 1:
        return statement.names[0].name
    return statement.module or "" if isinstance(statement, ast.ImportFrom) and not statement.level else ""


def is_future(statement: ast.stmt | None) -> bool:
    """Whether a statement is a `from __future__` import."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def is_standard(statement: ast.stmt) -> bool:
    """Whether a statement imports from the standard library."""
    if isinstance(statement, ast.Import):
        return all(alias.name.partition(".")[0] in sys.stdlib_module_names for alias in statement.names)
    if isinstance(statement, ast.ImportFrom) and not statement.level and not is_future(statement):
        return (statement.module or "").partition(".")[0] in sys.stdlib_module_names
    return False


def leading_imports(tree: ast.Module) -> Sequence[ast.stmt]:
    """The imports at the top of a module, blocks that only choose between imports included, `from __future__` left out."""
    found: list[ast.stmt] = []
    for statement in tree.body[header_length(tree) :]:
        if not only_imports([statement]):
            break
        found.append(statement)
    return found


def only_imports(block: Sequence[ast.stmt]) -> bool:
    """Whether a block holds imports, and `try` or `if` around them, and nothing else."""
    for statement in block:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        if isinstance(statement, ast.If) and only_imports(statement.body) and only_imports(statement.orelse):
            continue
        if isinstance(statement, ast.Try) and only_imports([*statement.body, *statement.orelse, *statement.finalbody]):
            continue
        return False
    return True


def has_comment_above(source: Source, statement: ast.stmt) -> bool:
    """Whether a comment stands directly above a statement."""
    return layout.comment_above(source, first_line(statement)) != first_line(statement)
