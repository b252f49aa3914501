"""Put bytes at offsets, and prove on the syntax tree that nothing else changed.

An edit says what it does twice, in two independent ways: as splices (bytes at offsets of the original file) and as changes to the
original syntax tree. `apply` does the splices, parses the result and compares: old tree + planned changes == new tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hooks.facts import Location, Span


@dataclass(frozen=True, order=True)
class Splice:
    """Replace `raw[start:end]` by `text` (an insertion when both are equal); offsets count in the original file's bytes."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class InsertAfter:
    """The statements of `code` follow the statement at `span` (in the same block)."""

    span: Span
    code: str


@dataclass(frozen=True)
class InsertBefore:
    """The statements of `code` come before the statement at `span` (in the same block)."""

    span: Span
    code: str


@dataclass(frozen=True)
class InsertFirst:
    """The statements of `code` are the module's first (after a docstring and `from __future__` imports)."""

    code: str


@dataclass(frozen=True)
class ReplaceExpression:
    """The expression at `span` becomes `code`, in which the name `__old__` stands for what was there."""

    span: Span
    code: str


@dataclass(frozen=True)
class ReplaceStatement:
    """The statement at `span` becomes the statements of `code`, in which the statement `__old__` stands for it; "" removes it."""

    span: Span
    code: str


@dataclass(frozen=True)
class AddAlias:
    """The `from ... import` statement at `span` also imports `name`."""

    span: Span
    name: str


TreeChange = InsertAfter | InsertBefore | InsertFirst | ReplaceExpression | ReplaceStatement | AddAlias


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


