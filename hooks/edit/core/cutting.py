"""Cut statements out of a text: with their lines, a comment that spoke of them, and the empty lines that would be too many."""

from __future__ import annotations

import ast
import re

from hooks.base.source import Source
from hooks.edit.core import layout
from hooks.edit.core.nodes import Outline, first_line
from hooks.edit.core.splice import Splice


def cut(source: Source, outlined: Outline, together: list[ast.stmt], speaks_of_it: re.Pattern[str]) -> Splice:
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
    top = top if comment and any(speaks_of_it.search(line) for line in comment) else first_line(first)
    bottom = last.end_lineno or last.lineno
    while source.line_end(bottom) < rest.end():
        bottom += 1
    return lines_cut(source, top, bottom, opens_block=block[0] is first and not isinstance(outlined.parents[first], ast.Module))


def lines_cut(source: Source, top: int, bottom: int, *, opens_block: bool) -> Splice:
    """Cut the lines from `top` to `bottom`, and empty lines so that no more of them meet than stood on one side.

    None are left at the start of a block or of the file, or at its end.
    """
    above = 0
    while is_blank(source, top - above - 1):
        above += 1
    below = 0
    while is_blank(source, bottom + below + 1):
        below += 1
    if source.line_end(bottom + below) < len(source.raw):
        is_first = (opens_block and above == 0) or top - above == 1
        extra = below if is_first else min(above, below)
        return Splice(source.offset(top), source.line_end(bottom + extra), "")
    return Splice(source.offset(top - above), len(source.raw), "")


def is_blank(source: Source, line: int) -> bool:
    """Whether a line exists and holds nothing but white space."""
    return line >= 1 and source.line_end(line - 1) < len(source.raw) and not source.line_text(line).strip()
