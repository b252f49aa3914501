"""Take a start-up `create_all()` out, or keep it for a database without any table.

Before:  with app.app_context():                  db.create_all()
             db.create_all()
         return app
After:   return app                               if not db.inspect(db.engine).get_table_names():
                                                      db.create_all()

With binds the condition asks every database: `if not any(db.inspect(engine).get_table_names() for engine in db.engines.values()):`
Where models are in schemas of their own it asks for those too: `for schema in (None, "shop")`.

A call that runs at every start hides every later migration: the new table is there before `flask db migrate` looks.
A block that held nothing else goes with it, where leaving it out cannot change anything: a `with app.app_context()`, an `if` that
asks harmless questions, a `try`, a `before_first_request` function, a helper of the module with the statements that call it. So
do a message beside it that says that it was done, and a commit of a session that nothing has used; imports: unused_import.py.
Left alone: a call that is not a statement of its own.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from hooks.base.facts import CreateAll
from hooks.base.source import Source, Unparsable
from hooks.edit.core import layout
from hooks.edit.core.cutting import cut
from hooks.edit.core.nodes import Function, Outline, dotted, first_line, is_docstring, is_plain, outline
from hooks.edit.core.splice import Edit, Reason, Splice, Untouched
from hooks.edit.core.tree_changes import ReplaceExpression, ReplaceStatement
from hooks.edit.python.removable import Going, IsNeededImport, always_needed, called, can_be_empty, is_context, is_create_all

SPEAKS_OF_IT = re.compile(
    r"create_all|\btables?\b"
    r"|\b(create|creates|creating|initiali[sz]e|init)\b.*\b(db|databases?|schema|models?)\b"
    r"|\b(db|databases?|schema)\b.*\b(creation|initiali[sz]ation)\b",
    re.I,
)


SPEAKS_OF_MORE = re.compile(r"\b(and|import|imports|models?|register|routes?|blueprints?|seed|load)\b|[,;+&]", re.I)

# (the `SQLAlchemy` object, the application where the call names it) -> code that is true where there are tables, or ""
Ask = Callable[[str, str], str]


def ask_default(db: str, application: str, schemas: Sequence[str] = ()) -> str:
    """Has the default database tables, in its default schema or in one of `schemas`?"""
    engine = f"{db}.get_engine({application})" if application else f"{db}.engine"
    if not schemas:
        return f"{db}.inspect({engine}).get_table_names()"
    return f"any({db}.inspect({engine}).get_table_names(schema) for schema in {listed(schemas, db)})"


def ask_all(db: str, application: str, schemas: Sequence[str] = ()) -> str:
    """Has any database of the application tables? `db.engines` came with Flask-SQLAlchemy 3, whose calls name no application."""
    if application:
        return ""
    engines = f"for engine in {db}.engines.values()"
    if not schemas:
        return f"any({db}.inspect(engine).get_table_names() {engines})"
    return f"any({db}.inspect(engine).get_table_names(schema) {engines} for schema in {listed(schemas, db)})"


def listed(schemas: Sequence[str], db: str) -> str:
    """The default schema and these as code; where one of them is "", which is not written out, those that the tables have."""
    if all(schemas):
        return f"({', '.join(['None', *(json.dumps(one) for one in schemas)])})"
    return f"{{None, *(table.schema for table in {db}.metadata.tables.values())}}"


def cannot_ask(_db: str, _application: str) -> str:
    """Flask-SQLAlchemy 2 has no short way to ask all databases."""
    return ""


def remove(
    source: Source,
    call: CreateAll,
    is_named_elsewhere: Callable[[str], bool] = lambda _: True,
    is_needed_import: IsNeededImport = always_needed,
) -> Edit | Untouched:
    """Take the call out, with its line and whatever block held nothing but such calls of the same object.

    `is_named_elsewhere` tells of a function of this file whether any other file of the project speaks of it.
    """
    found = plain_statement(source, call)
    if found is None:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, call.where)
    outlined, statement = found
    going = Going(outlined, statement, is_needed_import)
    whole = going.outermost(statement)
    block = outlined.block(whole)
    if going.all_go(block) and not can_be_empty(outlined, whole):
        helper = outlined.parents[whole]
        if isinstance(helper, ast.FunctionDef) and not is_named_elsewhere(helper.name):
            with_helper = going.with_helper(helper)
            if with_helper:
                return edit_of(source, outlined, with_helper, call)
        if not is_docstring(block[0]):
            return with_pass(source, block, call)
    edit = edit_of(source, outlined, [going.neighbours(block, whole)], call)
    return replace(edit, splices=(*edit.splices, *untrue_comment(source, outlined.parents[whole])))


def remove_with_calls_elsewhere(
    source: Source, call: CreateAll, others: Sequence[Source], is_needed_import: IsNeededImport = always_needed
) -> list[Edit]:
    """Take out the function that held nothing but the call, with the statements of `others` that call it; [] where that cannot be.

    `others` are all other files that speak of the function. Their imports of it are left to unused_import.py.
    """
    found = plain_statement(source, call)
    if found is None:
        return []
    outlined, statement = found
    going = Going(outlined, statement, is_needed_import)
    whole = going.outermost(statement)
    helper = outlined.parents[whole]
    if not isinstance(helper, ast.FunctionDef) or not going.all_go(helper.body):
        return []
    groups = [(source, outlined, going.with_helper(helper, is_called_elsewhere=bool(others)))]
    groups += [(one, outline(one), Going(outline(one), statement).with_calls_of(helper)) for one in others]
    return [edit_of(one, its, group, call) for one, its, group in groups] if all(group for _, _, group in groups) else []


def helper_of(source: Source, call: CreateAll, is_needed_import: IsNeededImport = always_needed) -> str:
    """The function of which nothing would stay without the call; "" where there is none."""
    found = plain_statement(source, call)
    if found is None:
        return ""
    outlined, statement = found
    going = Going(outlined, statement, is_needed_import)
    helper = outlined.parents[going.outermost(statement)]
    return helper.name if isinstance(helper, ast.FunctionDef) and going.all_go(helper.body) else ""


def is_all_that_is_tried(source: Source, call: CreateAll) -> bool:
    """Whether taking the call out would leave a `try` that has nothing to try: a `break`, a flag that says it went well."""
    found = plain_statement(source, call)
    if found is None:
        return False
    outlined, statement = found
    going = Going(outlined, statement)
    whole = going.outermost(statement)
    attempt = outlined.parents[whole]
    left = [one for one in outlined.block(whole) if not going.goes(one) and not going.accompanies(one)]
    return isinstance(attempt, ast.Try) and whole in attempt.body and bool(left) and all(map(does_nothing, left))


def does_nothing(statement: ast.stmt) -> bool:
    """Whether a statement cannot fail: it leaves a loop or a function, or sets a name to a constant."""
    is_flag = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    is_left = isinstance(statement, ast.Return) and (statement.value is None or isinstance(statement.value, ast.Constant))
    return is_flag or is_left or isinstance(statement, ast.Break | ast.Continue | ast.Pass)


def untrue_comment(source: Source, around: ast.AST) -> list[Splice]:
    """Cut the comment above a `with app.app_context():` that stays, where it speaks of the tables alone."""
    if not isinstance(around, ast.With) or not all(map(is_context, around.items)):
        return []
    top = layout.comment_above(source, around.lineno)
    comment = [source.line_text(line) for line in range(top, around.lineno)]
    if not comment or not all(SPEAKS_OF_IT.search(line) for line in comment) or SPEAKS_OF_MORE.search(" ".join(comment)):
        return []
    return [Splice(source.offset(top), source.offset(around.lineno), "")]


def edit_of(source: Source, outlined: Outline, groups: list[list[ast.stmt]], call: CreateAll) -> Edit:
    """The edit that cuts groups of neighbouring statements out."""
    splices = tuple(cut(source, outlined, together, SPEAKS_OF_IT) for together in groups)
    changes = tuple(ReplaceStatement(source.span(one), "") for together in groups for one in together)
    return Edit(source.path, "create_all", splices, changes, call.where)


def keep_for_empty(source: Source, call: CreateAll, ask: Ask = ask_default) -> Edit | Untouched:
    """Let the call run only where the database, or with binds none of the databases, has any table; `ask` says how to ask."""
    cannot = Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, call.where)
    found = plain_statement(source, call)
    if found is None:
        return cannot
    outlined, statement = found
    if is_kept_for_empty(outlined, statement):
        return Untouched(source.path, Reason.ALREADY_THERE, call.where)
    if not is_create_all(called(statement).func):
        return keep_registered(source, called(statement), call, ask) or cannot
    tables = tables_of(source, called(statement).func, called(statement), ask)
    splices = wrapped(source, outlined, statement, f"if not {tables}:") if tables else None
    if splices is None:
        return cannot
    code = f"if not {tables}:\n    __old__"
    return Edit(source.path, "create_all_kept", splices, (ReplaceStatement(source.span(statement), code),), call.where)


def keep_registered(source: Source, registration: ast.Call, call: CreateAll, ask: Ask) -> Edit | None:
    """`app.before_first_request(db.create_all)` registers what looks first; None where that is not the form.

    After:   app.before_first_request(lambda: db.inspect(db.engine).get_table_names() or db.create_all())
    """
    methods = [argument for argument in registration.args if is_create_all(argument)]
    tables = tables_of(source, methods[0], None, ask) if len(methods) == 1 else ""
    if not tables:
        return None
    span = source.span(methods[0])
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    opening = f"lambda: {tables} or "
    splices = (Splice(start, start, opening, layout.IN_EXPRESSION), Splice(end, end, "()", layout.IN_EXPRESSION))
    return Edit(source.path, "create_all_kept", splices, (ReplaceExpression(span, f"{opening}__old__()"),), call.where)


def plain_statement(source: Source, call: CreateAll) -> tuple[Outline, ast.Expr] | None:
    """The statement that is the call and nothing else; None where there is no such."""
    try:
        outlined = outline(source)
    except Unparsable:
        return None
    statement = outlined.statement(call.call)
    if (
        not isinstance(statement, ast.Expr)
        or not isinstance(statement.value, ast.Call)
        or source.span(statement.value) != call.call
    ):
        return None
    return outlined, statement


def with_pass(source: Source, block: list[ast.stmt], call: CreateAll) -> Edit:
    """Put `pass` where a block would become empty."""
    start = source.offset(first_line(block[0]), block[0].col_offset)
    end = source.offset(block[-1].end_lineno or 0, block[-1].end_col_offset or 0)
    changes = (ReplaceStatement(source.span(block[0]), "pass"), *(ReplaceStatement(source.span(one), "") for one in block[1:]))
    return Edit(source.path, "create_all", (Splice(start, end, "pass"),), changes, call.where)


def tables_of(source: Source, method: ast.expr, call: ast.Call | None, ask: Ask) -> str:
    """The tables of what a `create_all` fills, as code; "" where they cannot be asked for safely.

    `db.inspect` is SQLAlchemy's `inspect` in every Flask-SQLAlchemy from 2.1 to 3.1. `create_all(app=app)`, which is 2.x alone,
    needs no application context, nor does `get_engine(app)`.
    """
    if not isinstance(method, ast.Attribute) or not is_plain(method.value):
        return ""
    db, application = dotted(method.value), ""
    if not db or db.rpartition(".")[2] == "metadata":
        return ""
    for keyword in call.keywords if call else ():
        if keyword.arg == "app" and is_plain(keyword.value):
            application = source.segment(source.span(keyword.value))
        elif keyword.arg not in ("bind", "bind_key") or not is_default_bind(keyword.value):
            return ""
    if any(not is_default_bind(argument) for argument in (call.args if call else ())):
        return ""
    return ask(db, application)


def is_default_bind(value: ast.expr) -> bool:
    """Whether a bind argument means what leaving it out means."""
    return isinstance(value, ast.Constant) and value.value in (None, "__all__")


def is_kept_for_empty(outlined: Outline, statement: ast.stmt) -> bool:
    """Whether the call, or a condition around it, asks for the tables already."""
    for node in (statement, *outlined.above(statement)):
        if isinstance(node, Function):
            return False
        asking = node.test if isinstance(node, ast.If) else node if node is statement else None
        if asking and any(isinstance(one, ast.Attribute) and one.attr == "get_table_names" for one in ast.walk(asking)):
            return True
    return False


def wrapped(source: Source, outlined: Outline, statement: ast.stmt, header: str) -> tuple[Splice, ...] | None:
    """Put a statement one level deeper, below the line `header`, its neighbours on the same line onto lines of their own.

    None behind the colon of a block that holds more than the statement.
    """
    indent = layout.indent_of(outlined, statement)
    block = outlined.block(statement)
    index = block.index(statement)
    before = start = source.offset(statement.lineno, statement.col_offset)
    opening = ""
    if layout.is_inline(outlined, statement):
        owner = next(node for node in outlined.above(statement) if isinstance(node, ast.stmt))
        before = len(source.raw[:start].rstrip(b" \t"))
        if len(block) > 1 or source.raw[before - 1 : before] != b":":
            return None
        indent = layout.indent_of(outlined, owner) + source.indent
        opening = f"\n{indent}"
    elif not layout.is_on_own_line(source, statement):
        before = end_of(source, block[index - 1])
        opening = f"\n{indent}"
    splices = [Splice(before, start, f"{opening}{header}\n{indent}{source.indent}", layout.BEFORE)]
    if layout.line_rest(source, statement) is None:
        following = source.offset(block[index + 1].lineno, block[index + 1].col_offset)
        splices.append(Splice(end_of(source, statement), following, f"\n{indent}"))
    strings = inside_strings(statement)
    for number in range(statement.lineno + 1, (statement.end_lineno or 0) + 1):
        if number not in strings and source.line_text(number).strip():
            splices.append(Splice(source.offset(number), source.offset(number), source.indent, layout.IN_EXPRESSION))
    return tuple(splices)


def end_of(source: Source, statement: ast.stmt) -> int:
    """The offset just behind a statement."""
    return source.offset(statement.end_lineno or statement.lineno, statement.end_col_offset or 0)


def inside_strings(statement: ast.stmt) -> set[int]:
    """The lines that begin inside a string."""
    lines: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            lines.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return lines
