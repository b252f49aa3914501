"""Insert a line between lines, or an element into an array over one line or many; nothing else of the text changes.

Before:  dependencies = [
             "flask-sqlalchemy>=3.1",  # the database
         ]
After:   dependencies = [
             "flask-sqlalchemy>=3.1",  # the database
             "flask-migrate>=4.1.0",
         ]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hooks.base.formats.requirement import Entry
from hooks.base.formats.textfile import newline_of

_COMMA = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*,")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|$)")


def insert_line(text: str, entries: Sequence[Entry], index: int, line: str) -> str:
    """`text` with `line` (written with "\\n", ending in it) as number `index` of the entries.

    A file without a final newline stays so.
    """
    newline = newline_of(text)
    line = line.replace("\n", newline)
    offset = entries[index - 1].end if index else entries[0].start
    if offset == len(text) and not text.endswith(("\n", "\r")):
        return text + newline + line.removesuffix(newline)
    return text[:offset] + line + text[offset:]


def insert_element(text: str, entries: Sequence[Entry], index: int, element: str) -> str:
    """`text` with `element` as number `index` of the array's entries: on a line of its own where its neighbour has one."""
    if not index:
        first = entries[0]
        indent = _indent(text, first.start)
        lead = element + ("," + newline_of(text) + indent if indent is not None and _owns_line(text, first) else ", ")
        return text[: first.start] + lead + text[first.start :]
    entry = entries[index - 1]
    indent = _indent(text, entry.start)
    if indent is None or not _owns_line(text, entry):
        return text[: entry.end] + ", " + element + text[entry.end :]
    newline = newline_of(text)
    comma = _COMMA.match(text, entry.end)
    if comma is None:  # the last, without a trailing comma
        end = _line_end(text, entry.end)
        return text[: entry.end] + "," + text[entry.end : end] + newline + indent + element + text[end:]
    if "\n" in comma[0]:  # commas come first
        return text[: entry.end] + newline + indent + ", " + element + text[entry.end :]
    end = _line_end(text, comma.end())
    return text[:end] + newline + indent + element + "," + text[end:]


def _indent(text: str, start: int) -> str | None:
    """The white space before an element that is the first thing on its line."""
    lead = text[text.rfind("\n", 0, start) + 1 : start]
    return lead if not lead.strip() else None


def _owns_line(text: str, entry: Entry) -> bool:
    """Whether nothing but its comma and a comment follows on the element's line."""
    comma = _COMMA.match(text, entry.end)
    after = comma.end() if comma is not None and "\n" not in comma[0] else entry.end
    return _REST_OF_LINE.match(text, after) is not None


def _line_end(text: str, offset: int) -> int:
    match = _REST_OF_LINE.match(text, offset)
    return match.end() if match else offset
