"""Lay an expression that has become longer out over several lines, as black would, where one line is more than the file's longest.

URI = os.environ.get(                    URI = (                                    app.config.update(
    "DATABASE_URL", "postgresql://..."       os.environ.get("DATABASE_URL")             URI=os.environ.get("DATABASE_URL")
)                                            or "sqlite:///" + os.path.join(...)        or env.str("DB_URI"),
                                         )                                          )

URI = \\
    os.environ.get("DATABASE_URL") or \\
    os.environ.get("DB_URI") or \\
    "sqlite:///" + os.path.join(...)                                    (where backslashes join the lines already)

Left alone: an expression in the middle of a line, of which no line break is sure to be allowed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from hooks.base.source import Source
from hooks.edit.core import layout
from hooks.edit.core.nodes import Outline
from hooks.edit.core.splice import Splice


@dataclass(frozen=True)
class Around:
    """What comes before and behind an expression: `call` + `arguments` open a call that takes it as its last argument (that of
    `keyword`, "default=") and that `suffix` follows; without `arguments` it is an alternative, behind `call` and ` or `, in
    `brackets` where it needs some."""

    call: str
    arguments: str = ""
    keyword: str = ""
    suffix: str = ""
    brackets: bool = False

    @property
    def opening(self) -> str:
        """What comes before, in one line."""
        return f"{self.call}({self.arguments}, {self.keyword}" if self.arguments else f"{self.call} or " + "(" * self.brackets

    @property
    def closing(self) -> str:
        """What comes behind, in one line."""
        return f"){self.suffix}" if self.arguments else ")" * self.brackets


def splices_around(outlined: Outline, node: ast.expr, around: Around, limit: int) -> list[Splice]:
    """Put `around` around `node`, over several lines where the line would be longer than both `limit` and the file's longest."""
    source, span = outlined.source, outlined.source.span(node)
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    first, last = source.line_text(span.line), source.line_text(span.end_line)
    longest = max((len(line.expandtabs(4)) for line in source.text.splitlines()), default=0)
    new = first.encode()[: span.column].decode() + around.opening
    old = source.segment(span)
    behind = last.encode()[span.end_column :].decode()
    one = Splice(start, start, around.opening, layout.IN_EXPRESSION), Splice(end, end, around.closing, layout.IN_EXPRESSION)
    on_one_line = [splice for splice in one if splice.text]
    width = max(limit, longest)
    lengths = [len(new + old.split("\n")[0]), len(old.split("\n")[-1] + around.closing + behind)]
    if "\n" not in old:
        lengths = [len(new + old + around.closing + behind)]
    if max(lengths) <= width:
        return on_one_line
    indent = first[: len(first) - len(first.lstrip())]
    inner = indent + source.indent
    is_apart = is_first_of_line(source, node) or is_item_of_line(outlined, node)
    if around.arguments and "\n" not in old and (is_apart or is_whole_value(outlined, node)):
        together = f"{inner}{around.arguments}, {around.keyword}{old}"
        separator = ", " if len(together) <= limit else f",\n{inner}"
        comma = "" if len(together) <= limit else ","
        opening = f"{around.call}(\n{inner}{around.arguments}{separator}{around.keyword}"
        return at(start, end, opening, f"{comma}\n{indent}){around.suffix}")
    if around.arguments or is_multiline_string(node):
        return on_one_line
    opening = f"{around.call}\n{indent}or " + "(" * around.brackets
    if is_apart:
        return at(start, end, opening, around.closing)
    if not is_whole_value(outlined, node) or behind.strip():
        return on_one_line
    if follows_backslash(source, node) and "\n" not in old:  # which brackets take the place of
        start = source.offset(span.line - 1, len(source.line_text(span.line - 1).rstrip()[:-1].encode()))
        statement = source.line_text(getattr(outlined.parents[node], "lineno", node.lineno))
        indent = statement[: len(statement) - len(statement.lstrip())]
        inner, end_of_old = indent + source.indent, source.offset(span.line, span.column)
        opening = f"(\n{inner}{around.call}\n{inner}or " + "(" * around.brackets
        closing = Splice(end, end, f"{around.closing}\n{indent})", layout.IN_EXPRESSION)
        return [Splice(start, end_of_old, opening, layout.IN_EXPRESSION), closing]
    *before_last, _ = old.split("\n")
    if before_last and not around.brackets and all(line.rstrip().endswith("\\") for line in before_last):  # the file's own way
        return at(start, end, f"\\\n{inner}{around.call} or \\\n{inner}", around.closing)
    together = f"{inner}{around.opening}{old}{around.closing}"
    if "\n" not in old and len(together) <= limit and " or " not in old:
        return at(start, end, f"(\n{inner}{around.opening}", f"{around.closing}\n{indent})")
    opening = f"(\n{inner}{around.call}\n{inner}or " + "(" * around.brackets
    deeper = [
        Splice(source.offset(number), source.offset(number), source.indent, layout.IN_EXPRESSION)
        for number in range(span.line + 1, span.end_line + 1)
    ]
    return [*at(start, end, opening, f"{around.closing}\n{indent})"), *deeper]


def at(start: int, end: int, opening: str, closing: str) -> list[Splice]:
    """Two insertions, the second where there is any."""
    splices = [Splice(start, start, opening, layout.IN_EXPRESSION), Splice(end, end, closing, layout.IN_EXPRESSION)]
    return [splice for splice in splices if splice.text]


def is_first_of_line(source: Source, node: ast.expr) -> bool:
    """Whether an expression that is not a statement's first text begins a line, which it can in brackets only."""
    line = source.line_text(node.lineno).encode()
    return not line[: node.col_offset].strip() and not follows_backslash(source, node)


def follows_backslash(source: Source, node: ast.expr) -> bool:
    """Whether the line of the expression goes on with the one above."""
    return source.line_text(node.lineno - 1).rstrip().endswith("\\")


def is_item_of_line(outlined: Outline, node: ast.expr) -> bool:
    """Whether an expression is the value of a keyword or of a key that begins its line."""
    parent = outlined.parents[node]
    line = outlined.source.line_text(node.lineno).encode()
    if isinstance(parent, ast.keyword):
        return not line[: parent.col_offset].strip()
    if isinstance(parent, ast.Dict):
        key = next((key for key, value in zip(parent.keys, parent.values, strict=True) if value is node), None)
        return key is not None and key.lineno == node.lineno and not line[: key.col_offset].strip()
    return False


def is_whole_value(outlined: Outline, node: ast.expr) -> bool:
    """Whether an expression is all that a statement assigns or returns, without brackets of its own around it."""
    parent = outlined.parents[node]
    if not isinstance(parent, ast.Assign | ast.AnnAssign | ast.Return) or parent.value is not node:
        return False
    return (parent.end_lineno, parent.end_col_offset) == (node.end_lineno, node.end_col_offset)


def is_multiline_string(node: ast.expr) -> bool:
    """Whether a line begins inside a string of the expression."""
    return any(isinstance(one, ast.Constant | ast.JoinedStr) and one.end_lineno != one.lineno for one in ast.walk(node))
