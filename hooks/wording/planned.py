"""`-d mode=plan`: all is proven, the diff and the report are shown, and the run ends as a refusal does, with nothing left of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hooks.base.report import Report
from hooks.base.verified import VerifiedDatabase
from hooks.edit.core.diff import unified_diff

Row = tuple[str, str]
# How a plan says what a run has done.
WORDS = {"edited": "edit", "added": "add", "installed": "install", "stamped": "stamp", "replaced": "replace", "kept": "keep"}
NEXT = "to do it, run the command again without -d mode=plan"


def show(report: Report, before: Mapping[str, bytes | None], after: Mapping[str, bytes], rows: Iterable[Row]) -> None:
    """Show the diff as it would be written, and the rows of the report in the words of a plan."""
    report.line()
    report.diff(unified_diff({path: before.get(path) for path in after}, after))
    report.line()
    report.rows(planned_rows(rows))


def planned_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows of a run that was done as those of one that may be."""
    kept = [(WORDS.get(word, word), sentence) for word, sentence in rows if word != "next"]
    return [*kept, ("next", NEXT)]


def differing_rows(databases: Sequence[VerifiedDatabase]) -> list[Row]:
    """What would end the run after its files were written: databases that are not what the baseline builds."""
    rows: list[Row] = []
    for database in databases:
        if database.differs:
            rows += [("drift", line) for line in database.drift]
            rows.append(("unstamped", f"{database.database}: the run would end there with database-differs, and keep its files"))
    return rows
