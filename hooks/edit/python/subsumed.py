"""Edits inside of what another edit takes out: there is nothing left to change.

Before:  try:
             db.create_all()
         except Exception:
             app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///fallback.db"
             db.create_all()
After:                                         (the first `create_all()` goes with the `try`, and the other two edits with it)
"""

from __future__ import annotations

from collections.abc import Sequence

from hooks.base.location import Span
from hooks.edit.core.splice import Edit
from hooks.edit.core.tree_changes import ReplaceExpression, ReplaceStatement


def without_moot(edits: Sequence[Edit]) -> list[Edit]:
    """The edits but those whose every replacement is in a statement that another one removes; an import goes with its use."""
    return [edit for edit in edits if not is_moot(edit, edits)]


def is_moot(edit: Edit, edits: Sequence[Edit]) -> bool:
    replaced = [change.span for change in edit.changes if isinstance(change, ReplaceExpression | ReplaceStatement)]
    removed = [
        change.span
        for other in edits
        if other is not edit and other.path == edit.path
        for change in other.changes
        if isinstance(change, ReplaceStatement) and not change.code
    ]
    return bool(replaced) and all(any(is_inside(span, outer) for outer in removed) for span in replaced)


def is_inside(span: Span, outer: Span) -> bool:
    """Whether a span is a part of another one, not all of it."""
    begins, ends = (span.line, span.column), (span.end_line, span.end_column)
    first, last = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return first <= begins and ends <= last and (first, last) != (begins, ends)
