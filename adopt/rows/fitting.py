"""Which values of one column type have no room in another: the question to the rows, one answer for whoever asks.

VARCHAR(80) -> VARCHAR(120), VARCHAR(80) -> TEXT, INTEGER -> BIGINT, NUMERIC(8, 2) -> NUMERIC(10, 2)      all have
TEXT -> VARCHAR(80), BIGINT -> INTEGER, NUMERIC(8, 4) -> NUMERIC(5, 2), TIMESTAMP -> DATE                 can be counted
INTEGER -> VARCHAR(20), CHAR(3) -> TEXT, TIMESTAMP(6) -> TIMESTAMP(0), JSON -> JSONB                      nobody knows

Types are read from words: those of CREATE TABLE, as snapshots have them, or of a revision, `String(length=80)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


SAME_WORDS = {
    "INT": "INTEGER",
    "BIGINTEGER": "BIGINT",
    "SMALLINTEGER": "SMALLINT",
    "BOOL": "BOOLEAN",
    "DECIMAL": "NUMERIC",
    "CHARACTER VARYING": "VARCHAR",
    "STRING": "VARCHAR",
    "UNICODE": "VARCHAR",
    "UNICODETEXT": "TEXT",
    "DOUBLE PRECISION": "DOUBLE",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIME WITHOUT TIME ZONE": "TIME",
}
BITS = {"TINYINT": 7, "SMALLINT": 15, "MEDIUMINT": 23, "INTEGER": 31, "BIGINT": 63}
FLOATS = {"REAL": 1, "FLOAT": 1, "DOUBLE": 2}
NUMBERS = {"NUMERIC", *BITS}
ENDLESS = float("inf")
MYSQL = ("mysql", "mariadb")
KINDS = {"VARCHAR": "text", "TEXT": "text", "VARBINARY": "bytes", "BLOB": "bytes"}
BYTES_EACH = {"VARCHAR": 4, "VARBINARY": 1}
MYSQL_SIZES = {"TINY": 2**8 - 1, "": 2**16 - 1, "MEDIUM": 2**24 - 1, "LONG": 2**32 - 1}  # of TINYTEXT, TEXT, ... in bytes
TYPE = re.compile(r"([A-Za-z]+(?: PRECISION| VARYING)?)\s*(?:\(([^)]*)\))?\s*(.*)$", re.S)


def is_same(old: str, new: str, dialect: str) -> bool:
    """Whether two spellings mean one type: INT and INTEGER, or a number of digits that MySQL only displays."""
    return _parts(old, dialect) == _parts(new, dialect)


def unfit(column: str, old: str, new: str, dialect: str) -> tuple[Any, ...] | None:
    """The method of `Rows`, and its arguments, that finds what `new` would cut, round or refuse; None where every value fits.

    ("with_value", column) where nobody knows which do.
    """
    unknown = ("with_value", column)
    (word, sizes, rest), (other, more, same) = _parts(old, dialect), _parts(new, dialect)
    (kind, length, size), (room_for, room, _) = _holds(word, sizes, dialect), _holds(other, more, dialect)
    is_sized_in_bytes = dialect in MYSQL and other not in BYTES_EACH
    fits = kind is not None and kind == room_for and (size if is_sized_in_bytes else length) <= room
    is_text = kind == "text" or word == "CHAR"
    if is_text and not fits and other in ("VARCHAR", "CHAR") and more and more[0].isdigit() and "[" not in rest + same:
        return "longer", column, int(more[0])
    if rest != same:  # another collation, unsigned, an array
        return unknown
    if fits or (word, sizes) == (other, more):
        return None
    if word == other == "ENUM":
        return None if set(sizes) <= set(more) else unknown
    if word in BITS and other in BITS:
        return None if dialect == "sqlite" or BITS[word] <= BITS[other] else ("outside", column, 2 ** BITS[other])
    if word in {*NUMBERS, *FLOATS} and other in NUMBERS:
        (whole, behind), (digits, scale) = _digits(word, sizes, dialect), _digits(other, more, dialect)
        return None if whole <= digits and behind <= scale else ("rounded", column, digits, scale)
    if word in FLOATS and other in FLOATS and not sizes and not more:
        return None if FLOATS[word] <= FLOATS[other] else unknown
    if word == other and word in ("TIMESTAMP", "TIME", "DATETIME"):
        return None if _fraction(sizes, dialect) <= _fraction(more, dialect) else unknown
    return ("with_time", column) if (word, other) in (("TIMESTAMP", "DATE"), ("DATETIME", "DATE")) else unknown


def _parts(type_: str, dialect: str) -> tuple[str, tuple[str, ...], str]:
    """(word, sizes, the rest) in one spelling."""
    type_ = re.sub(r"\b(TIMESTAMP|TIME) WITHOUT TIME ZONE\b", r"\1", type_, flags=re.I)
    matched = TYPE.match(re.sub(r"\b(length|precision|scale)=", "", type_))
    if matched is None:
        return type_, (), ""
    word, given, rest = matched.group(1).upper(), matched.group(2), " ".join(matched.group(3).split())
    word = SAME_WORDS.get(word, word)
    sizes = tuple(re.findall(r"'(?:[^']|'')*'|[^,\s]+", given or ""))
    if dialect in MYSQL and word in BITS:
        sizes = ()  # what it displays, not what it takes
    return word, sizes, rest


def _digits(word: str, sizes: Sequence[str], dialect: str) -> tuple[float, float]:
    """(digits before the point, digits behind it) of a type of numbers."""
    if word in BITS:
        return len(str(2 ** BITS[word])), 0
    if word in FLOATS or not sizes or not all(one.isdigit() for one in sizes):
        return (10, 0) if word == "NUMERIC" and dialect in MYSQL else (ENDLESS, ENDLESS)
    scale = int(sizes[1]) if len(sizes) > 1 else 0
    return int(sizes[0]) - scale, scale


def _fraction(sizes: Sequence[str], dialect: str) -> int:
    if sizes and sizes[0].isdigit():
        return int(sizes[0])
    return 0 if dialect in MYSQL else 6


def _holds(word: str, sizes: Sequence[str], dialect: str) -> tuple[str | None, float, float]:
    """("text" or "bytes" or None, how many of them it takes, how many bytes that may be)."""
    if word in BYTES_EACH:
        length = int(sizes[0]) if sizes and sizes[0].isdigit() else ENDLESS
        return KINDS[word], length, length * BYTES_EACH[word]
    if word == "BYTEA" or word[-4:] not in KINDS or word[:-4] not in MYSQL_SIZES or sizes:
        return ("bytes" if word == "BYTEA" else None), ENDLESS, ENDLESS
    room = MYSQL_SIZES[word[:-4]] if dialect in MYSQL else ENDLESS
    return KINDS[word[-4:]], room, room
