"""Does a column type take every value of another one, unchanged? Read from the words of CREATE TABLE, as snapshots have them.

VARCHAR(80) -> VARCHAR(120), VARCHAR(80) -> TEXT, INTEGER -> BIGINT, NUMERIC(8, 2) -> NUMERIC(10, 2)      yes
TEXT -> VARCHAR(80), BIGINT -> INTEGER, INTEGER -> VARCHAR(20), CHAR(3) -> VARCHAR(3)                     no, or not for sure
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


SAME_WORDS = {
    "INT": "INTEGER",
    "BOOL": "BOOLEAN",
    "DECIMAL": "NUMERIC",
    "CHARACTER VARYING": "VARCHAR",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIME WITHOUT TIME ZONE": "TIME",
}
DIGITS = {"TINYINT": 3, "SMALLINT": 5, "MEDIUMINT": 7, "INTEGER": 10, "BIGINT": 19}
FLOATS = {"REAL": 1, "FLOAT": 1, "DOUBLE": 2, "DOUBLE PRECISION": 2}
ENDLESS = float("inf")
KINDS = {"VARCHAR": "text", "TEXT": "text", "VARBINARY": "bytes", "BLOB": "bytes"}
BYTES_EACH = {"VARCHAR": 4, "VARBINARY": 1}
MYSQL_SIZES = {"TINY": 2**8 - 1, "": 2**16 - 1, "MEDIUM": 2**24 - 1, "LONG": 2**32 - 1}  # of TINYTEXT, TEXT, ... in bytes
TYPE = re.compile(r"([A-Za-z]+(?: PRECISION| VARYING)?)\s*(?:\(([^)]*)\))?\s*(.*)$", re.S)


def is_same(old: str, new: str, dialect: str) -> bool:
    """Whether two spellings mean one type: INT and INTEGER, or a number of digits that MySQL only displays."""
    return _parts(old, dialect) == _parts(new, dialect)


def keeps_every_value(old: str, new: str, dialect: str) -> bool:
    """Whether every value of the type `old` is one of `new` as well, and stays what it is."""
    (word, sizes, rest), (other, more, same) = _parts(old, dialect), _parts(new, dialect)
    if rest != same:  # another collation, unsigned, an array
        return False
    if (word, sizes) == (other, more):
        return True
    if word == other == "ENUM":
        return set(sizes) <= set(more)
    if word in DIGITS:
        if other in DIGITS:
            return dialect == "sqlite" or DIGITS[word] <= DIGITS[other]
        return other == "NUMERIC" and _digits(more, dialect)[0] >= DIGITS[word]
    if word == other == "NUMERIC":
        return all(map(operator.le, _digits(sizes, dialect), _digits(more, dialect)))
    if word in FLOATS and other in FLOATS and not sizes and not more:
        return FLOATS[word] <= FLOATS[other]
    if word == other and word in ("TIMESTAMP", "TIME", "DATETIME"):
        return _fraction(sizes, dialect) <= _fraction(more, dialect)
    (kind, length, size), (room_for, room, _) = _holds(word, sizes, dialect), _holds(other, more, dialect)
    is_sized_in_bytes = dialect == "mysql" and other not in BYTES_EACH
    return kind is not None and kind == room_for and (size if is_sized_in_bytes else length) <= room


def text_length(type_: str, dialect: str) -> int | None:
    """The number of characters that a VARCHAR takes, None for every other type and one without a limit."""
    word, sizes, _ = _parts(type_, dialect)
    return int(sizes[0]) if word in ("VARCHAR", "CHAR") and sizes and sizes[0].isdigit() else None


def _parts(type_: str, dialect: str) -> tuple[str, tuple[str, ...], str]:
    """(word, sizes, the rest) in one spelling."""
    type_ = re.sub(r"\b(TIMESTAMP|TIME) WITHOUT TIME ZONE\b", r"\1", type_, flags=re.I)
    matched = TYPE.match(type_)
    if matched is None:
        return type_, (), ""
    word, sizes, rest = matched.group(1).upper(), matched.group(2), " ".join(matched.group(3).split())
    word = SAME_WORDS.get(word, word)
    sizes = tuple(re.findall(r"'(?:[^']|'')*'|[^,\s]+", sizes or ""))
    if dialect == "mysql" and word in DIGITS:
        sizes = ()  # what it displays, not what it takes
    return word, sizes, rest


def _digits(sizes: Sequence[str], dialect: str) -> tuple[float, float]:
    """(digits before the point, digits after it)."""
    if not sizes:
        return (10, 0) if dialect == "mysql" else (ENDLESS, ENDLESS)
    scale = int(sizes[1]) if len(sizes) > 1 else 0
    return int(sizes[0]) - scale, scale


def _fraction(sizes: Sequence[str], dialect: str) -> int:
    if sizes and sizes[0].isdigit():
        return int(sizes[0])
    return 0 if dialect == "mysql" else 6


def _holds(word: str, sizes: Sequence[str], dialect: str) -> tuple[str | None, float, float]:
    """("text" or "bytes" or None, how many of them it takes, how many bytes that may be)."""
    if word in BYTES_EACH:
        length = int(sizes[0]) if sizes and sizes[0].isdigit() else ENDLESS
        return KINDS[word], length, length * BYTES_EACH[word]
    if word == "BYTEA" or word[-4:] not in KINDS or word[:-4] not in MYSQL_SIZES or sizes:
        return ("bytes" if word == "BYTEA" else None), ENDLESS, ENDLESS
    room = MYSQL_SIZES[word[:-4]] if dialect == "mysql" else ENDLESS
    return KINDS[word[-4:]], room, room
