"""What a difference of a key, a constraint or an index means for the rows: whether those that are there would be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..schema.differences import foreign_key_text
from .judgement import cosmetic, counted, dangerous, database, models
from .renames import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..base.types import Difference
    from .judgement import Judged, Side


SAME_RULE = "The same rule in another form: nothing depends on whether it is a constraint or a unique index."
OLD_NAME = "The same rule under another name: rename {} to it, or give it that name in the model."
NEW_NAME = "The same rule under another name: rename it to {}, or give that one this name in the model."
REFUSES = "Say it in the model, or drop it: until then the database refuses rows that the models allow."


def primary_key(item: Difference, side: Side) -> Judged:
    wanted, there = side.wanted(item["table"])["primary_key"], side.there(item["table"])
    if not wanted:
        return database("Say primary_key=True in the model; rows are told apart by it.")
    if [name for name in wanted if name not in there["columns"]]:
        rows = side.rows.all(item["table"])
        words = "{} would have no value in the new key: fill its columns first."
    else:
        rows = _sum(side.rows.repeated(item["table"], wanted), side.rows.without_value(item["table"], wanted))
        words = "{} would not be told apart by this key: make them different first, or say the other key in the model."
    return counted(rows, models("Make this the primary key; it tells all rows apart."), words)


def foreign_key(item: Difference, side: Side) -> Judged:
    wanted, there = side.wanted(item["table"])["foreign_keys"], side.there(item["table"])["foreign_keys"]
    ours, others, shown_as = (wanted, there, "expected") if item["kind"] == "missing" else (there, wanted, "actual")
    key = next(one for one in ours if foreign_key_text(one) == item[shown_as])
    is_other_rule = any((one["columns"], one["refers_to"]) == (key["columns"], key["refers_to"]) for one in others)
    if item["kind"] == "extra":
        return models("The one of the models, with another rule, takes its place.") if is_other_rule else database(REFUSES)
    rows = 0 if is_other_rule else lost_references(item["table"], key, side)
    words = "{} {} to a row that is not there: mend or delete {} first."
    return counted(rows, models("Add the foreign key; every row has what it refers to."), words, "refers/refer", "it/them")


def lost_references(table: str, key: Mapping[str, Any], side: Side) -> Any:
    """Rows that a new foreign key would refuse."""
    if [name for name in key["columns"] if name not in side.there(table)["columns"]]:
        return 0  # a new column has no value yet
    referred = key["refers_to"].rpartition("(")[0]
    if referred.replace('"', "") not in side.actual["tables"]:
        return side.rows.with_value(table, key["columns"][0])  # to a new table, which has no row yet
    return side.rows.orphans(table, key["columns"], key["refers_to"])


def unique(item: Difference, side: Side) -> Judged:
    if item["kind"] == "changed" and not item["expected"].endswith((item["name"] or "unnamed")):
        return unique_options(item, side)
    if item["kind"] == "changed":
        return cosmetic(OLD_NAME.format(item["actual"].rpartition(" ")[2]))
    return _rule(item, item["name"] or item["expected"] or item["actual"], side)


def unique_options(item: Difference, side: Side) -> Judged:
    """A unique constraint of the same name or columns that says something else."""
    columns = item["expected"].partition("(")[2].partition(")")[0].split(", ")
    rows = side.rows.repeated(item["table"], columns)
    harmless = models("Drop it and create it as the models have it; no value stands in several rows.")
    words = "{} {} in several rows: make the rows different before it is created as the models have it."
    return counted(rows, harmless, words, "stands/stand", noun="value")


def index(item: Difference, side: Side) -> Judged:
    return _rule(item, item["name"], side)


def _rule(item: Difference, key: str, side: Side) -> Judged:
    """A unique constraint or an index, which are one thing under two words."""
    other = side.renames.of_index(item["table"], key)
    if other:
        return cosmetic(SAME_RULE if "(" in key + other else (NEW_NAME if item["kind"] == "extra" else OLD_NAME).format(other))
    wanted = rules(side.wanted(item["table"])).get(key)
    if wanted is None:
        is_unique = rules(side.there(item["table"]))[key][0]
        return database(REFUSES if is_unique else "Say it in the model as an Index, or drop it: queries may need it to be fast.")
    is_unique, definition = wanted
    if not is_unique:
        return models("Create the index as the models have it; it changes no row.")
    rows = repeated(item["table"], definition, side)
    words = "{} {} in several rows: make the rows different first, or take the rule out of the model."
    return counted(rows, models("Make it unique; no value stands in several rows."), words, "stands/stand", noun="value")


def repeated(table: str, definition: str, side: Side) -> Any:
    """Values that stand in several rows; None where `definition` is on more than columns, "(a, b)"."""
    wanted, there = side.wanted(table)["columns"], side.there(table)["columns"]
    names = [name.strip('"') for name in definition[1:-1].split(", ")]
    new = [name for name in names if name in wanted and name not in there]
    if any(not wanted[name].get("default") for name in new):
        return 0  # rows that are there get NULL
    old = [name for name in names if name not in new]
    if old and set(old) <= set(there) and definition.endswith(")"):
        return side.rows.repeated(table, old)
    rows = side.rows.all(table)
    if rows is not None and rows < 2:
        return 0
    return None if old else rows


def check(item: Difference, side: Side) -> Judged:
    if item["kind"] == "extra":
        return database(REFUSES)
    rows = side.rows.violating(item["table"], item["expected"])
    if rows is None and side.rows.all(item["table"]) == 0:
        return models("Add the condition; the table has no row.")
    if rows is None:
        return dangerous("Whether the rows satisfy it could not be told: count those that do not, and mend them first.", None)
    words = "{} {} not satisfy it: mend {} first, or take the condition out of the model."
    return counted(rows, models("Add the condition; every row satisfies it."), words, "does/do", "it/them")


def _sum(*counts: Any) -> int | None:
    return None if None in counts else sum(counts)
