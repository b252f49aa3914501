"""Empty the variable in tests that build the application as it is, so that they keep the database that they had.

Before:  from shop import app, db
After:   import os

         # these tests keep the database of the settings
         os.environ["DATABASE_URL"] = ""

         from shop import app, db

Emptied, not removed: what reads a `.env` file leaves a variable alone that is there. Where pycodestyle or the like looks at the
project, it stands in an `if`, behind which they allow imports: `if os.environ.get("DATABASE_URL") != "":`. The value that follows
the variable is written with `or` then. Left alone: tests that name the variable themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from hooks.base.source import Source, Unparsable
from hooks.edit.core import layout
from hooks.edit.core.imports import environ_get
from hooks.edit.core.nodes import first_line, is_docstring
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.core.tree_changes import InsertBefore
from hooks.edit.python.database_url import quoted, reads

COMMENT = "# these tests keep the database of the settings"


def empty_in_tests(source: Source, variable: str, top_names: Collection[str], *, imports_first: bool = False) -> Edit | Untouched:
    """Empty `variable` before the file imports the project, whose modules have one of `top_names` as their first name.

    `imports_first`: a linter lets no plain statement stand before them.
    """
    cannot = Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, None)
    try:
        body = source.tree.body
    except Unparsable:
        return cannot
    if reads(source.tree, variable):
        return Untouched(source.path, Reason.ALREADY_THERE, None)
    others = [one for one in body if not is_docstring(one) and not is_future(one)]
    anchor = next((one for one in others if imports_project(one, top_names)), None)
    anchor = anchor or next((one for one in others if not isinstance(one, ast.Import | ast.ImportFrom)), None)
    if anchor is None:
        return cannot
    get, name = environ_get(source, anchor), quoted(source, variable, anchor)
    environ = get.expression.removesuffix(".get")
    if environ == get.expression:  # getenv, which cannot set
        return cannot
    empty = name[0] * 2
    is_first = anchor is others[0]  # a comment above it belongs to the file
    condition = f"if {get.expression}({name}) != {empty}:\n{source.indent}" if imports_first else ""
    code = f"{COMMENT}\n{condition}{environ}[{name}] = {empty}"
    line = first_line(anchor) if is_first else layout.comment_above(source, first_line(anchor))
    if not is_first and source.line_text(line - 1).strip():
        code = f"\n{code}"
    splice = layout.before(source, anchor, code, above_comment=not is_first, apart=True)
    if splice is None:
        return cannot
    change = InsertBefore(source.span(anchor), code)
    return Edit(source.path, "test_variable", (*get.splices, splice), (*get.changes, change), source.location(anchor))


def is_future(statement: ast.stmt) -> bool:
    """Whether this is `from __future__ import ...`, which nothing may precede."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def imports_project(statement: ast.stmt, top_names: Collection[str]) -> bool:
    """Whether a statement, or one inside it (`try:`), imports a module of the project."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node is statement:
            return False
        if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] in top_names for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] in top_names):
            return True
    return False
