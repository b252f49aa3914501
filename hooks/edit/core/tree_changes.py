"""What an edit changes in the syntax tree, said apart from the bytes: `expected_tree.py` makes the tree of it."""

from __future__ import annotations

from dataclasses import dataclass

from hooks.base.location import Span


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
    """The `from ... import` statement at `span` also imports `name`: last, or before the name at index `before`."""

    span: Span
    name: str
    before: int | None = None


TreeChange = InsertAfter | InsertBefore | InsertFirst | ReplaceExpression | ReplaceStatement | AddAlias
