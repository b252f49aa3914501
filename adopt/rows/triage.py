"""Sort differences by what they mean for the rows, and say of each what to do: the class is one of those in judged.py.

Decides from what is in the two snapshots and from counts; it reads nothing by itself and writes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import judge_columns, judge_enums, judge_keys
from .counting import shown
from .judgement import CLASSES, DANGEROUS, Side, cosmetic, counted, dangerous, database, models
from .renames import Renames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..base.types import Difference, Snapshot
    from .counting import Rows, Uncounted
    from .judgement import Judged


CHECK = "flask db check"
RULES = ("foreign key", "unique", "index")


def triage(
    differences: Sequence[Difference],
    expected: Snapshot,
    actual: Snapshot,
    rows: Rows | Uncounted,
    place: Callable[[Difference], str | None] | None = None,
) -> list[Difference]:
    """The differences, each with "class", "where", "advice" and "rows", the dangerous ones first.

    `expected` and `actual` are the two snapshots; `rows` is a counting.Rows of the database, `place(item)` says where the models
    have it ("shop/models.py:23", or None).
    """
    side = Side(expected, actual, rows, Renames(differences, expected, actual))
    judged = [(item, JUDGES[item["what"]](item, side)) for item in differences]
    refused = {(item["table"], item["name"]): found for item, found in judged if is_refused(item, found)}
    result = []
    for item, found in judged:
        missing = [name for name in columns_of(item) if (item["table"], name) in refused] if item["kind"] == "missing" else []
        if missing and item["what"] in RULES:
            words = "It needs {}, which cannot be added as it is: see that column first."
            found = dangerous(words.format(missing[0]), refused[item["table"], missing[0]].rows)
        more = {"class": found.kind, "where": place(item) if place else None, "advice": found.advice, "rows": found.rows}
        result.append(dict(item, **more))
    return sorted(result, key=lambda item: CLASSES.index(item["class"]))


def is_refused(item: Difference, found: Judged) -> Any:
    """Whether it is a column that rows keep from being added."""
    return item["what"] == "column" and item["kind"] == "missing" and found.kind == DANGEROUS


def columns_of(item: Difference) -> Any:
    """The columns that an index or a constraint is on, as its words say."""
    words = item["expected"] or item["actual"]
    if item["what"] == "foreign key":
        return words.partition(" to ")[0].split(", ")
    matched = re.match(r"(?:UNIQUE )?\(([^()]*)\)", words) if item["what"] in ("index", "unique") else None
    return [name.strip('"') for name in matched.group(1).split(", ")] if matched else []


def table(item: Difference, side: Side) -> Judged:
    if item["kind"] == "extra":
        rows = side.rows.all(item["table"])
        words = "{} {} in it: make the table in a revision, or save them before it is dropped."
        return counted(rows, database("Drop it, or make it in a revision; it has no row."), words, "is/are")
    other = side.renames.of_table(item["table"])
    if other:
        words = "If it is {}, which has the same columns and no model, rename that table instead of making this one."
        return models(words.format(other))
    return models("Create the table; no row is in its way.")


def view(item: Difference, side: Side) -> Judged:
    return models("Create the view.") if item["kind"] == "missing" else database("Make it in a revision, or drop it.")


def partitioning(item: Difference, side: Side) -> Judged:
    if item["kind"] == "extra":
        words = "Say postgresql_partition_by={!r} where the revision makes the table, and in __table_args__ of the model."
        return database(words.format(item["actual"]))
    words = "A table cannot be divided otherwise: make another one and move the rows of this one, {}."
    rows = side.rows.all(item["table"])
    return dangerous(words.format(shown(rows).lower()), rows)


def domain(item: Difference, side: Side) -> Judged:
    if item["kind"] == "missing":
        return models("Create the domain.")
    return dangerous("Values that are there must satisfy the domain of the models: look at them before you change it.", None)


JUDGES: dict[str, Callable[..., Judged]] = {
    "table": table,
    "column": judge_columns.column,
    "primary key": judge_keys.primary_key,
    "foreign key": judge_keys.foreign_key,
    "unique": judge_keys.unique,
    "index": judge_keys.index,
    "check": judge_keys.check,
    "options": lambda *_: models("Change the options of the table; its rows stay."),
    "domain": domain,
    "partitioning": partitioning,
    "comment": judge_columns.comment,
    "constraint comment": judge_columns.comment,
    "sequence": lambda *_: models("Create or alter the sequence."),
    "enum": judge_enums.enum,
    "view": view,
    CHECK: lambda *_: cosmetic(
        "The schemas are the same; `flask db migrate` would propose it until the model has the name that the database has."
    ),
}
