"""Where a statement goes in the text: on a line of its own at its neighbour's indent; behind a `;` where that shares its line.

Before:  db = SQLAlchemy(app)  # the tables            if ready: db.init_app(app)
After:   db = SQLAlchemy(app)  # the tables            if ready: db.init_app(app); migrate.init_app(app, db)
         migrate = Migrate(app, db)
"""

from __future__ import annotations

import ast
import re

from hooks.base.source import Source
from hooks.edit.core.expected_tree import header_length
from hooks.edit.core.nodes import Outline, first_line, outline
from hooks.edit.core.splice import Splice

# Of several insertions at one offset the lower rank comes first: what belongs to an expression before what follows its statement,
# what follows an inner statement before what follows the outer one, and what follows one statement before what precedes the next.
IN_EXPRESSION = -1_000_000
FIRST = 1
BEFORE = 2

_END_OF_STATEMENT = re.compile(rb"(?:[ \t\f]|\\(?:\r\n|\n|\r))*(?:;(?:[ \t\f]|\\(?:\r\n|\n|\r))*)?(?:#[^\r\n]*)?(\r\n|\n|\r|\Z)")

_FILE_COMMENT = re.compile(r"^#!|coding[:=]|copyright|licen[cs]e|\(c\)|SPDX|\.py\b|pylint|flake8|mypy|ruff|isort|vim|-\*-", re.I)


def after(source: Source, statement: ast.stmt, code: str, *, as_is: bool = False) -> Splice:
    """Put the simple statement `code` right behind `statement`, comments on its line left where they are.

    `as_is`: lines of `code` after the first are not indented, as they may lie inside a string.
    """
    outlined = outline(source)
    end = source.offset(statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
    rank = -statement.col_offset
    rest = line_rest(source, statement)
    if rest is None or is_inline(outlined, statement):
        return Splice(end, end, f"; {code}", rank)
    indent = indent_of(outlined, statement)
    text = indent + code if as_is else indented(code, indent)
    if rest.group(1):
        return Splice(rest.end(), rest.end(), f"{text}\n", rank)
    return Splice(rest.end(), rest.end(), f"\n{text}", rank)


def before(
    source: Source, statement: ast.stmt, code: str, *, above_comment: bool = False, as_is: bool = False, apart: bool = False
) -> Splice | None:
    """Put `code` right before `statement`; `above_comment`: and before the comment lines that stand directly above it.

    Where an empty line sets those lines apart, one sets them apart from `code`; with `apart`, one does anyway.
    `as_is`: lines of `code` after the first are not indented, as they may lie inside a string.
    None where `code` needs lines of its own and the place has none (behind the colon of `if x: y()`).
    """
    outlined = outline(source)
    start = source.offset(statement.lineno, statement.col_offset)
    if is_on_own_line(source, statement):
        line = first_line(statement)
        line = comment_above(source, line) if above_comment else line
        indent = indent_of(outlined, statement)
        text = indent + code if as_is else indented(code, indent)
        is_apart = apart or (1 < line < first_line(statement) and not source.line_text(line - 1).strip())
        is_definition = isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        empty = 2 if apart and is_definition and statement in source.tree.body else int(is_apart)
        return Splice(source.offset(line), source.offset(line), text + "\n" * (empty + 1), BEFORE)
    if "\n" not in code or as_is:
        return Splice(start, start, f"{code}; ", BEFORE)
    if is_inline(outlined, statement):
        return None
    block = outlined.block(statement)
    previous = block[block.index(statement) - 1]
    end = source.offset(previous.end_lineno or previous.lineno, previous.end_col_offset or 0)
    indent = indent_of(outlined, statement)
    return Splice(end, start, f"\n{indented(code, indent)}\n{indent}", BEFORE)


def first(source: Source, code: str) -> Splice:
    """Put the import `code` and an empty line before every statement of a module but its docstring and `from __future__` imports.

    Two empty lines before a class or function, of which those that are there already count.
    Comments on the file itself (shebang, coding line, licence) stay above it, other comments stay with what follows them.
    """
    body = source.tree.body
    header = header_length(source.tree)
    if header < len(body) and is_on_own_line(source, body[header]):
        line = first_line(body[header])
        top = comment_above(source, line)
        is_header = top == 1 and any(_FILE_COMMENT.search(source.line_text(number)) for number in range(1, line))
        top = line if is_header else top
        text = f"{code}\n\n"
        if isinstance(body[header], ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if header and top > 2 and not source.line_text(top - 1).strip() and not source.line_text(top - 2).strip():
                top -= 1
            else:
                text += "\n"
        offset = source.offset(top)
        return Splice(offset, offset, text, FIRST)
    if header:
        end = after(source, body[header - 1], code)
        return Splice(end.start, end.end, end.text, FIRST)
    return Splice(len(source.raw), len(source.raw), f"{code}\n", FIRST)


def line_rest(source: Source, statement: ast.stmt) -> re.Match[bytes] | None:
    """What follows a statement on its line, when that is nothing but `;` and a comment; None: another statement follows."""
    return _END_OF_STATEMENT.match(
        source.raw, source.offset(statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
    )


def is_on_own_line(source: Source, statement: ast.stmt) -> bool:
    """Whether a statement is the first of its line: not behind a `;`, a colon or a continued line."""
    if source.line_text(statement.lineno).encode()[: statement.col_offset].strip():
        return False
    return statement.lineno == 1 or not source.line_text(first_line(statement) - 1).endswith("\\")


def is_inline(outlined: Outline, statement: ast.stmt) -> bool:
    """Whether a statement stands behind the colon that opens its block, as in `if x: y(); z()`."""
    return not is_on_own_line(outlined.source, outlined.block(statement)[0])


def indent_of(outlined: Outline, statement: ast.stmt) -> str:
    """The white space before a statement's line, as the file has it."""
    line = outlined.source.line_text(outlined.block(statement)[0].lineno)
    return line[: len(line) - len(line.lstrip())].lstrip("\f")


def indented(code: str, indent: str) -> str:
    """Every line of `code` behind `indent`."""
    return "\n".join(indent + line if line else line for line in code.split("\n"))


def comment_above(source: Source, line: int) -> int:
    """The first of the comment lines that stand directly above `line` at the same indent; `line` where there is none."""
    column = len(source.line_text(line)) - len(source.line_text(line).lstrip())
    while line > 1:
        above = source.line_text(line - 1)
        if not above.lstrip().startswith("#") or len(above) - len(above.lstrip()) != column:
            break
        line -= 1
    return line
