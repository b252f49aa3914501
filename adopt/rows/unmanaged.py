"""Tables without a model: which of them are left alone for ever, and what is told about them.

`flask db migrate` proposes to drop a table without a model only where a revision has made it and it is not in the register,
`migrations/project.ini`. So a table of PostGIS, Celery or another application is never proposed, in whosever database it is,
and a table that the migrations have made still is once its model is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import counting
from .owners import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ..base.types import Snapshot
    from .counting import Rows


def is_proposed(table: str, register: Collection[Any], managed: Callable[..., Any]) -> bool:
    """Whether a table that no model has is to be dropped; `managed()` are the tables that revisions have made."""
    return table not in register and table in managed()


def listed(names: Sequence[str], snapshot: Snapshot, rows: Rows) -> list[dict[str, Any]]:
    """[{"table", "rows", "owner"}] of the tables `names`; `rows` is a counting.Rows of the database, `snapshot` its schema."""
    others = set(snapshot["tables"])
    return [
        {"table": name, "rows": rows.all(name), "owner": owner(name, snapshot["tables"].get(name), others, snapshot["dialect"])}
        for name in names
    ]


def lines(tables: Sequence[dict[str, Any]], most: int = 40) -> list[str]:
    """The tables as aligned lines: name, rows, likely owner."""
    cells = [(one["table"], shown_rows(one["rows"]), one["owner"] or "") for one in tables]
    widths = [max((len(row[column]) for row in cells), default=0) for column in (0, 1)]
    shown = ["   ".join((row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2])).rstrip() for row in cells]
    return shown[:most] + [f"and {len(shown) - most} more"] * (len(shown) > most)


def shown_rows(rows: int) -> str:
    return "not counted" if rows is None else counting.shown(rows).lower()
