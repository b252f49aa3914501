"""Where things stand in a TOML file: the offsets of keys, values and array elements. It reads; what it cannot follow is an error.

Python 3.10 has no TOML parser, and no parser of later ones tells offsets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^\s,\]}#]+(?:[ ][0-9:.Z+-]+)?")
_SIMPLE_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


class NotToml(ValueError):
    """The text leaves the grammar at `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"not TOML at offset {offset}")
        self.offset = offset


@dataclass(frozen=True)
class Item:
    """`key = value` in a table; offsets cover the key and the value as written. A table's header is an Item without a key."""

    table: tuple[str, ...]
    key: tuple[str, ...]
    key_start: int
    key_end: int
    value_start: int
    value_end: int


@dataclass(frozen=True)
class Element:
    """One value in an array: its extent, and its text where it is a string."""

    start: int
    end: int
    string: str | None


def scan(text: str) -> list[Item]:
    """Every header and every `key = value`, in order; those inside inline tables are part of the value.

    Raises:
        NotToml: what follows cannot be told.
    """
    return _Scanner(text).items()


def elements(text: str, item: Item) -> list[Element]:
    """The elements of the array that is the value of `item`; none when it is no array.

    Raises:
        NotToml: the array does not end where it should.
    """
    if text[item.value_start : item.value_start + 1] != "[":
        return []
    return _Scanner(text).array(item.value_start)[0]


def pairs(text: str, item: Item) -> dict[str, str | None]:
    """The keys of the inline table that is the value of `item`, with the text of those values that are strings."""
    if text[item.value_start : item.value_start + 1] != "{":
        return {}
    return _Scanner(text).inline_table(item.value_start)[0]


def string_value(text: str, item: Item) -> str | None:
    """The value of `item` where it is a string."""
    return _Scanner(text).value(item.value_start)[1]


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text

    def items(self) -> list[Item]:
        found, table, at = list[Item](), tuple[str, ...](), self.blank(0)
        while at < len(self.text):
            start = at
            if self.text[at] == "[":
                depth = 2 if self.text.startswith("[[", at) else 1
                table, at = self.key(self.space(at + depth))
                at = self.expect("]" * depth, self.space(at))
                found.append(Item(table, (), start, at, at, at))
            else:
                key, key_end = self.key(at)
                value_start = self.space(self.expect("=", self.space(key_end)))
                value_end = self.value(value_start)[0]
                found.append(Item(table, key, start, key_end, value_start, value_end))
                at = value_end
            at = self.line_end(at)
            at = self.blank(at)
        return found

    def key(self, at: int) -> tuple[tuple[str, ...], int]:
        parts = []
        while True:
            if self.text[at : at + 1] in ('"', "'"):
                at, part = self.string(at)
            else:
                match = _BARE.match(self.text, at)
                if match is None:
                    raise NotToml(at)
                part, at = match[0], match.end()
            parts.append(part)
            after = self.space(at)
            if self.text[after : after + 1] != ".":
                return tuple(parts), at
            at = self.space(after + 1)

    def value(self, at: int) -> tuple[int, str | None]:
        """The end of the value at `at`, and its text if it is a string."""
        first = self.text[at : at + 1]
        if first in ('"', "'"):
            return self.string(at)
        if first == "[":
            return self.array(at)[1], None
        if first == "{":
            return self.inline_table(at)[1], None
        match = _SCALAR.match(self.text, at)
        if match is None:
            raise NotToml(at)
        return match.end(), None

    def string(self, at: int) -> tuple[int, str]:
        quote = self.text[at]
        mark = quote * 3 if self.text.startswith(quote * 3, at) else quote
        begin = end = at + len(mark)
        while True:
            if end >= len(self.text) or (len(mark) == 1 and self.text[end] in "\r\n"):
                raise NotToml(at)
            if self.text.startswith(mark, end):
                while len(mark) == 3 and self.text.startswith(quote, end + 3) and end + 3 - begin < len(self.text):
                    end += 1
                return end + len(mark), _unescaped(self.text[begin:end]) if quote == '"' else self.text[begin:end]
            end += 2 if quote == '"' and self.text[end] == "\\" else 1

    def array(self, at: int) -> tuple[list[Element], int]:
        found, at = list[Element](), self.blank(at + 1)
        while self.text[at : at + 1] != "]":
            end, string = self.value(at)
            found.append(Element(at, end, string))
            at = self.blank(end)
            if self.text[at : at + 1] == ",":
                at = self.blank(at + 1)
            elif self.text[at : at + 1] != "]":
                raise NotToml(at)
        return found, at + 1

    def inline_table(self, at: int) -> tuple[dict[str, str | None], int]:
        found, at = dict[str, str | None](), self.blank(at + 1)
        while self.text[at : at + 1] != "}":
            key, at = self.key(at)
            at, found[".".join(key)] = self.value(self.space(self.expect("=", self.space(at))))
            at = self.blank(at)
            if self.text[at : at + 1] == ",":
                at = self.blank(at + 1)
            elif self.text[at : at + 1] != "}":
                raise NotToml(at)
        return found, at + 1

    def expect(self, mark: str, at: int) -> int:
        if not self.text.startswith(mark, at):
            raise NotToml(at)
        return at + len(mark)

    def space(self, at: int) -> int:
        while self.text[at : at + 1] in (" ", "\t"):
            at += 1
        return at

    def line_end(self, at: int) -> int:
        at = self.space(at)
        if self.text[at : at + 1] not in ("", "\n", "\r", "#"):
            raise NotToml(at)
        return at

    def blank(self, at: int) -> int:
        """The offset of the next thing that is neither white space nor a comment."""
        while at < len(self.text):
            if self.text[at] in " \t\r\n":
                at += 1
            elif self.text[at] == "#":
                end = self.text.find("\n", at)
                at = len(self.text) if end < 0 else end
            else:
                break
        return at


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _SIMPLE_ESCAPES.get(match[1], match[0]), text)
