"""What a difference between the labels of a PostgreSQL enum type means for the rows: those that hold a label which goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .counting import shown, verb
from .judgement import dangerous, database, models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..base.types import Difference, Snapshot
    from .judgement import Judged, Side


def enum(item: Difference, side: Side) -> Judged:
    name = item["name"]
    if item["kind"] == "missing":
        return models("Create the type.")
    if item["kind"] == "extra":
        return database("Make it in a revision, or drop it.")
    wanted, there = side.expected["enums"][name], side.actual["enums"][name]
    gone, new = [label for label in there if label not in wanted], [label for label in wanted if label not in there]
    if gone:
        return without(" and ".join(map(repr, gone)), holding(side, name, gone))
    if new:
        return models("Add {} to the type: ALTER TYPE ... ADD VALUE.".format(" and ".join(map(repr, new))))
    return models("Only a new type can have the labels in this order, by which rows are sorted.")


def without(words: str, rows: int | None) -> Judged:
    """On labels that only the database has."""
    if rows == 0:
        return database(f"Say {words} in the Enum of the model as well, or take it out of the type; no row has it.")
    has, them = verb(rows, "has/have", "it/them")
    advice = "{} {} {}: change {} first, or say the label in the Enum of the model as well."
    return dangerous(advice.format(shown(rows), has, words, them), rows)


def holding(side: Side, name: str, labels: Sequence[str]) -> int | None:
    """Rows with one of these labels, in whatever column; None where one of them could not be counted."""
    counts = [side.rows.holding(table, column, labels) for table, column in columns_of_type(side.actual, name)]
    return None if None in counts else sum(counts)


def columns_of_type(snapshot: Snapshot, name: str) -> list[tuple[str, str]]:
    """(table, column) of every column of a type of the database's own, arrays of it included."""
    bare = name.rpartition(".")[2]
    spelled = {form + ending for one in (name, bare) for form in (one, '"' + one + '"') for ending in ("", "[]")}
    return [
        (table, column)
        for table, facts in sorted(snapshot["tables"].items())
        for column, one in sorted(facts["columns"].items())
        if one["type"] in spelled
    ]
