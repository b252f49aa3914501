"""Put bytes at offsets, and prove on the syntax tree that nothing else changed.

An edit says what it does twice, in two independent ways: as splices (bytes at offsets of the original file) and as changes to the
original syntax tree. `apply` does the splices, parses the result and compares: old tree + planned changes == new tree.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TypeVar

from hooks.base.errors import UnsafeEdit
from hooks.base.location import Location
from hooks.base.source import Source
from hooks.edit.core import expected_tree
from hooks.edit.core.tree_changes import TreeChange


@dataclass(frozen=True, order=True)
class Splice:
    """Replace `raw[start:end]` by `text` (an insertion when both are equal); offsets count in the original file's bytes.

    "\\n" in `text` becomes the file's own newline. Of several insertions at one offset, the lower `rank` comes first, equal ones in
    the order of their edits.
    """

    start: int
    end: int
    text: str
    rank: int = 0


@dataclass(frozen=True)
class Edit:
    """One transformation of one file, not yet applied. `what` is its stable name: "wiring", "database_url", "create_all"..."""

    path: str
    what: str
    splices: tuple[Splice, ...]
    changes: tuple[TreeChange, ...] = ()
    where: Location | None = None


class Reason(Enum):
    """Why an edit left a place alone."""

    ALREADY_ATTACHED = "Flask-Migrate is attached already"
    ALREADY_FOLLOWS = "it reads the variable already"
    CONFIGURES_TESTS = "it configures tests"
    CALLER_DECIDES = "the caller passes it"
    STANDS_IN = "it stands in for a database that does not answer"
    ALREADY_DECLARED = "it is declared already"
    ALREADY_THERE = "it is there already"
    NOT_FOUND = "there is nothing to edit"
    CANNOT_BE_EDITED_SAFELY = "it cannot be edited safely"


@dataclass(frozen=True)
class Untouched:
    """A place that was looked at and left alone."""

    path: str
    reason: Reason
    where: Location | None = None


def apply(source: Source, edits: Sequence[Edit]) -> bytes:
    """Return the file's new bytes with all `edits` made; what two of them ask for alike happens once.

    The encoding mark stays, and new lines end as the file's lines do.

    Raises:
        UnsafeEdit: two edits replace the same bytes, or (in Python) the new syntax tree is not the old one plus what was planned.
    """
    splices = in_order(source, edits)
    raw, done = bytearray(), 0
    for splice in splices:
        raw += source.raw[done : splice.start]
        raw += splice.text.replace("\r\n", "\n").replace("\n", source.newline).encode(_encoding(source))
        done = splice.end
    result = bytes(raw + source.raw[done:])
    changes = once(change for edit in edits for change in edit.changes)
    if changes or source.path.endswith((".py", ".pyw")):
        expected_tree.check(source, changes, result)
    return result


def in_order(source: Source, edits: Sequence[Edit]) -> list[Splice]:
    """The splices from the first byte to the last, each once.

    Raises:
        UnsafeEdit: two overlap.
    """
    splices = once(splice for edit in edits for splice in edit.splices)
    splices.sort(key=lambda splice: (splice.start, splice.end, splice.rank))
    for one, other in pairwise(splices):
        if other.start < one.end:
            line = source.raw.count(b"\n", 0, other.start) + 1
            raise UnsafeEdit(source.path, source.location(line), "two edits change the same text")
    return splices


_T = TypeVar("_T")


def once(things: Iterable[_T]) -> list[_T]:
    """The things without repetitions, in order."""
    return list(dict.fromkeys(things))


def _encoding(source: Source) -> str:
    if source.raw.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    return "utf-16-be" if source.raw.startswith(codecs.BOM_UTF16_BE) else "utf-8"
