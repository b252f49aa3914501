"""Take a start-up `create_all()` out, or keep it for a database without any table.

Before:  with app.app_context():                  db.create_all()
             db.create_all()
         return app
After:   return app                               if not db.inspect(db.engine).get_table_names():
                                                      db.create_all()

A call that runs at every start hides every later migration: the new table is there before `flask db migrate` looks.
A block that held nothing else goes with it, where leaving it out cannot change anything: a `with app.app_context()`, an `if` that
asks harmless questions, a `try`, a `before_first_request` function.
Left alone: imports that nothing uses any more, and a call that is not a statement of its own.
"""

from __future__ import annotations

import ast
import re

from hooks.edit import layout
from hooks.edit.nodes import Function, Outline, dotted, first_line, is_docstring, is_plain, outline
from hooks.edit.splice import Edit, Reason, ReplaceStatement, Splice, Untouched
from hooks.facts import CreateAll
from hooks.source import Source, Unparsable

CONTEXTS = ("app_context", "test_request_context", "request_context")
HANDLERS = ("before_first_request", "before_app_first_request", "before_request", "before_app_request", "before_serving")
HARMLESS = {
    *("exists", "isfile", "is_file", "lexists", "has_table", "get_table_names", "inspect", "get", "getenv", "join", "len", "bool"),
    *("any", "all", "str", "int", "isinstance", "hasattr", "getattr", "lower", "upper", "strip", "startswith", "endswith", "split"),
}
SPEAKS_OF_IT = re.compile(
    r"create_all|\btables?\b|\b(create|creates|creating|initiali[sz]e|init)\b.*\b(db|database|schema|models?)\b", re.I
)


def remove(source: Source, call: CreateAll) -> Edit | Untouched:
    """Take the call out, with its line and whatever block held nothing but such calls of the same object."""
    found = plain_statement(source, call)
    if found is None:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, call.where)
    outlined, statement = found
    going = Going(outlined, ast.dump(called(statement).func))
    whole = going.outermost(statement)
    block = outlined.block(whole)
    if all(going.goes(one) for one in block) and not can_be_empty(outlined, whole):
        return with_pass(source, outlined, block, call)
    together = going.neighbours(block, whole)
    changes = tuple(ReplaceStatement(source.span(one), "") for one in together)
    return Edit(source.path, "create_all", (removal(source, outlined, together),), changes, call.where)


def keep_for_empty(source: Source, call: CreateAll) -> Edit | Untouched:
    """Let the call run only where the database has no table at all."""
    found = plain_statement(source, call)
    if found is None:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, call.where)
    outlined, statement = found
    condition = is_empty_condition(source, called(statement))
    if is_kept_for_empty(outlined, statement):
        return Untouched(source.path, Reason.ALREADY_THERE, call.where)
    if not condition:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, call.where)
    code = f"if {condition}:\n    __old__"
    splices = wrapped(source, outlined, statement, f"if {condition}:")
    if splices is None:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, call.where)
    return Edit(source.path, "create_all", splices, (ReplaceStatement(source.span(statement), code),), call.where)


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


def called(statement: ast.Expr) -> ast.Call:
    """The call of a statement that is one."""
    assert isinstance(statement.value, ast.Call)
    return statement.value


class Going:
    """Which statements can go when every plain `create_all` of one object goes; `func` is that method, dumped."""

    def __init__(self, outlined: Outline, func: str) -> None:
        self.outlined = outlined
        self.func = func

    def goes(self, statement: ast.stmt) -> bool:
        """Whether a statement is such a call, or a block of nothing else that does nothing by itself."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return ast.dump(statement.value.func) == self.func
        if isinstance(statement, ast.With):
            return self.all_go(statement.body) and all(is_context(item) for item in statement.items)
        if isinstance(statement, ast.If):
            return self.all_go(statement.body) and not statement.orelse and is_harmless(statement.test)
        if isinstance(statement, ast.Try):
            return self.all_go(statement.body) and not statement.orelse and not statement.finalbody
        if isinstance(statement, Function):
            return self.all_go(statement.body) and is_handler(statement) and not self.is_named_elsewhere(statement)
        return False

    def all_go(self, block: list[ast.stmt]) -> bool:
        """Whether a block holds nothing that stays, a docstring apart."""
        return any(not is_docstring(one) for one in block) and all(self.goes(one) or is_docstring(one) for one in block)

    def outermost(self, statement: ast.stmt) -> ast.stmt:
        """The largest block around a going statement that goes with it."""
        whole = statement
        for parent in self.outlined.above(statement):
            if not isinstance(parent, ast.stmt) or not self.goes(parent):
                break
            whole = parent
        return whole

    def neighbours(self, block: list[ast.stmt], whole: ast.stmt) -> list[ast.stmt]:
        """The going statements that stand next to each other in the block, `whole` among them."""
        first = last = block.index(whole)
        while first > 0 and self.goes(block[first - 1]):
            first -= 1
        while last + 1 < len(block) and self.goes(block[last + 1]):
            last += 1
        return block[first : last + 1]

    def is_named_elsewhere(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether anything in the module but the definition speaks of the function."""
        for node in ast.walk(self.outlined.tree):
            if function.name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "value", None)):
                return True
        return False


def is_context(item: ast.withitem) -> bool:
    """Whether a `with` item is `app.app_context()` or the like."""
    call = item.context_expr
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CONTEXTS


def is_harmless(test: ast.expr) -> bool:
    """Whether evaluating a condition does nothing but look."""
    for node in ast.walk(test):
        if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
            if name not in HARMLESS:
                return False
    return True


def is_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether Flask calls a function by itself, at the first request or before each."""
    names = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in function.decorator_list]
    return bool(names) and all(dotted(name).rpartition(".")[2] in HANDLERS for name in names)


def can_be_empty(outlined: Outline, statement: ast.stmt) -> bool:
    """Whether the block of a statement may hold nothing: only that of the module."""
    return isinstance(outlined.parents[statement], ast.Module)


def with_pass(source: Source, outlined: Outline, block: list[ast.stmt], call: CreateAll) -> Edit:
    """Put `pass` where a block would become empty."""
    start = source.offset(first_line(block[0]), block[0].col_offset)
    end = source.offset(block[-1].end_lineno or 0, block[-1].end_col_offset or 0)
    changes = (ReplaceStatement(source.span(block[0]), "pass"), *(ReplaceStatement(source.span(one), "") for one in block[1:]))
    return Edit(source.path, "create_all", (Splice(start, end, "pass"),), changes, call.where)


def removal(source: Source, outlined: Outline, together: list[ast.stmt]) -> Splice:
    """Cut statements that stand next to each other, with their lines and the empty lines that would be too many."""
    first, last = together[0], together[-1]
    start = source.offset(first_line(first), first.col_offset)
    end = source.offset(last.end_lineno or 0, last.end_col_offset or 0)
    block = outlined.block(first)
    own, rest = layout.is_on_own_line(source, first), layout.line_rest(source, last)
    if rest is None:  # another statement follows on the line
        following = block[block.index(last) + 1]
        return Splice(start, source.offset(following.lineno, following.col_offset), "")
    if not own:  # one precedes it
        previous = block[block.index(first) - 1]
        return Splice(source.offset(previous.end_lineno or 0, previous.end_col_offset or 0), end, "")
    top = layout.comment_above(source, first_line(first))
    comment = [source.line_text(line) for line in range(top, first_line(first))]
    top = top if comment and any(SPEAKS_OF_IT.search(line) for line in comment) else first_line(first)
    bottom = source.raw.count(b"\n", 0, rest.end()) + (0 if rest.group(1) else 1)
    return lines_cut(source, top, bottom, opens_block=block[0] is first and not isinstance(outlined.parents[first], ast.Module))


def lines_cut(source: Source, top: int, bottom: int, *, opens_block: bool) -> Splice:
    """Cut the lines from `top` to `bottom`, and empty lines so that no more of them meet than stood on one side."""
    above = blank_lines(source, top - 1, -1)
    below = blank_lines(source, bottom + 1, 1)
    ends_file = source.line_end(bottom + below) == len(source.raw)
    if ends_file:
        start = source.offset(top - above)
        if not source.raw.endswith((b"\n", b"\r")) and top - above > 1:
            start = source.offset(top - above - 1) + len(source.line_text(top - above - 1).encode())
        return Splice(start, len(source.raw), "")
    extra = below if opens_block and above == 0 else min(above, below)
    return Splice(source.offset(top), source.line_end(bottom + extra), "")


def blank_lines(source: Source, line: int, step: int) -> int:
    """How many empty lines there are from `line` on, up or down."""
    count = 0
    while line >= 1 and source.line_end(line) > source.offset(line) and not source.line_text(line).strip():
        count += 1
        line += step
        if step > 0 and source.line_end(line - 1) == len(source.raw):
            break
    return count


def is_empty_condition(source: Source, call: ast.Call) -> str:
    """A condition that is true where the database of `create_all` has no table; "" where that cannot be asked safely.

    `db.inspect` is SQLAlchemy's `inspect` in every Flask-SQLAlchemy from 2.1 to 3.1. `create_all(app=app)` needs no application
    context there (2.x only), nor does `get_engine(app)`.
    """
    if not isinstance(call.func, ast.Attribute) or not is_plain(call.func.value):
        return ""
    db = dotted(call.func.value)
    if not db or db.endswith(".metadata"):
        return ""
    application = ""
    for keyword in call.keywords:
        if keyword.arg == "app" and is_plain(keyword.value):
            application = source.segment(source.span(keyword.value))
        elif keyword.arg not in ("bind", "bind_key") or not is_default_bind(keyword.value):
            return ""
    if any(not is_default_bind(argument) for argument in call.args):
        return ""
    engine = f"{db}.get_engine({application})" if application else f"{db}.engine"
    return f"not {db}.inspect({engine}).get_table_names()"


def is_default_bind(value: ast.expr) -> bool:
    """Whether a bind argument means what leaving it out means."""
    return isinstance(value, ast.Constant) and value.value in (None, "__all__")


def is_kept_for_empty(outlined: Outline, statement: ast.stmt) -> bool:
    """Whether a condition around the call asks for the tables already."""
    for parent in outlined.above(statement):
        if isinstance(parent, Function):
            return False
        if isinstance(parent, ast.If) and any(
            isinstance(node, ast.Attribute) and node.attr == "get_table_names" for node in ast.walk(parent.test)
        ):
            return True
    return False


def wrapped(source: Source, outlined: Outline, statement: ast.stmt, header: str) -> tuple[Splice, ...] | None:
    """Put a statement one level deeper, below the line `header`; None where it has no line of its own."""
    if layout.line_rest(source, statement) is None or not layout.is_on_own_line(source, statement):
        return None
    line = source.offset(statement.lineno)
    indent = layout.indent_of(outlined, statement)
    splices = [Splice(line, line, f"{indent}{header}\n{source.indent}", layout.BEFORE)]
    strings = inside_strings(statement)
    for number in range(statement.lineno + 1, (statement.end_lineno or 0) + 1):
        if number not in strings and source.line_text(number).strip():
            splices.append(Splice(source.offset(number), source.offset(number), source.indent, layout.IN_EXPRESSION))
    return tuple(splices)


def inside_strings(statement: ast.stmt) -> set[int]:
    """The lines that begin inside a string."""
    lines: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            lines.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return lines
