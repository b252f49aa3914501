"""What a difference of a column means for the rows: one that is missing, one that is extra, and each fact that another one has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .counting import shown, verb
from .fitting import is_same, unfit
from .judgement import cosmetic, counted, dangerous, database, models, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..base.types import Difference
    from .judgement import Judged, Side


FACTS = ("type", "nullable", "default", "computed", "identity", "numbering", "autoincrement", "collation", "conflict", "comment")
FILLED = ("default", "computed", "identity", "autoincrement")  # what gives a value to rows that are there already


def column(item: Difference, side: Side) -> Judged:
    wanted = side.wanted(item["table"])["columns"].get(item["name"])
    there = side.there(item["table"])["columns"].get(item["name"])
    if wanted is None:
        return extra(item, there, side)
    if there is None:
        return missing(item, wanted, side)
    changed = [fact for fact in FACTS if wanted.get(fact) != there.get(fact)]
    if {"identity", "autoincrement"} <= set(changed) and counts(wanted) and counts(there):
        changed.remove("autoincrement")
        if "ALWAYS" not in (wanted.get("identity"), there.get("identity")):
            changed.remove("identity")
            changed.append("numbers")
    return worst([JUDGES[fact](item, wanted, there, side) for fact in changed])


def counts(facts: Mapping[str, Any]) -> bool:
    """Whether the database gives the numbers of new rows, in one way or the other."""
    return bool(facts.get("identity") or facts.get("autoincrement"))


def missing(item: Difference, wanted: Mapping[str, Any], side: Side) -> Judged:
    rename = side.renames.of_column(item["table"], item["name"])
    advice = f" If it is {rename} under a new name, rename that column instead, and the values stay." if rename else ""
    if any(wanted.get(fact) for fact in FILLED):
        return models("Add the column; rows that are there get its default." + advice)
    if wanted["nullable"]:
        return models("Add the column; rows that are there get NULL." + advice)
    rows = side.rows.all(item["table"])
    words = "{} would have no value: give the column a server_default, or add it as NULL, fill it, and make it NOT NULL then."
    return counted(rows, models("Add the column; the table has no row." + advice), words + advice)


def extra(item: Difference, there: Mapping[str, Any], side: Side) -> Judged:
    rename = side.renames.of_column(item["table"], item["name"])
    advice = f" If it is {rename} of the model under its old name, rename it, and the values stay." if rename else ""
    if not there["nullable"] and not any(there.get(fact) for fact in FILLED):
        advice += " Until then the application cannot insert a row, for the column is NOT NULL without a default."
    rows = side.with_value(item)
    harmless = database("Add it to the model, or drop it; no row has a value in it." + advice)
    words = "{} {} a value in it: add it to the model, or save {} before the column is dropped."
    return counted(rows, harmless, words + advice, "has/have", "it/them")


def type_(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    old, new = there["type"], wanted["type"]
    if is_same(old, new, side.dialect):
        return cosmetic("One type in two spellings.")
    question = unfit(item["name"], old, new, side.dialect)
    if question is None:
        return models("Change the type; every value fits.")
    rows = side.with_value(item)
    if rows == 0:
        words = f"Change the type, or say {old} in the model; no row has a value in it."
        return models(words) if unfit(item["name"], new, old, side.dialect) else database(words)
    words = "{} {} a value of this type, which {} may cut or refuse: convert {} first, or say {} in the model."
    if question[0] != "with_value":
        rows = side.rows.asked(item["table"], question)
        words = "{} {} a value that does not fit {}: change {} first, or say {} in the model."
    has, them = verb(rows, "has/have", "it/them")
    harmless = models(f"Change the type; every value fits today. Or say {old} in the model.")
    return harmless if rows == 0 else dangerous(words.format(shown(rows), has, new, them, old), rows)


def nullable(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    if wanted["nullable"]:
        return database(
            "Say nullable=False in the model, or drop NOT NULL; until then the database refuses rows that the models allow."
        )
    rows = side.rows.without_value(item["table"], [item["name"]])
    words = "{} {} no value: give {} one first, or say nullable=True in the model."
    return counted(rows, models("Make it NOT NULL; every row has a value."), words, "has/have", "it/them")


def default(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    if same_default(wanted["default"], there["default"], side.dialect):
        return cosmetic("One default in two spellings.")
    if wanted["default"] is None:
        return database("Say it in the model as server_default, or drop it: rows that are written without this column get it.")
    return models("Set the default; rows that are there keep their values.")


def computed(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    if not wanted.get("computed"):
        return database("Say it in the model as Computed(...), or make it a plain column.")
    rows = side.with_value(item)
    harmless = models("Drop the column and add it again: no database can change how it is computed in place.")
    words = "{} {} a value, which would be computed anew: the column has to be dropped and added again."
    return counted(rows, harmless, words, "has/have")


def identity(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    if not wanted.get("identity"):
        return database("Say it in the model as Identity(), or drop it: the database gives the numbers of new rows.")
    return models("Make it an identity, which gives the numbers of new rows.")


def autoincrement(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    if side.dialect == "sqlite":
        return cosmetic("SQLite numbers rows without the word as well; it only gives no number twice.")
    if not wanted.get("autoincrement"):
        return database("Say autoincrement=True in the model, or drop it: the database gives the numbers of new rows.")
    return models("Let the database give the numbers of new rows; until then rows without this number are refused.")


def numbering(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    if wanted.get("identity") != there.get("identity"):
        return cosmetic("It follows from the identity.")
    return models("Give the sequence of the column the same options; numbers that are given already stay.")


def collation(item: Difference, wanted: Mapping[str, Any], there: Mapping[str, Any], side: Side) -> Judged:
    rows = side.with_value(item)
    words = "{} {} a value: under another collation values may be equal that are different now, and sort otherwise."
    return counted(rows, models("Change the collation; no row has a value in it."), words, "has/have")


def comment(*_: object) -> Judged:
    return cosmetic("Nothing depends on a comment.")


JUDGES: dict[str, Callable[..., Judged]] = {
    "type": type_,
    "nullable": nullable,
    "default": default,
    "computed": computed,
    "identity": identity,
    "autoincrement": autoincrement,
    "numbering": numbering,
    "collation": collation,
    "conflict": lambda *_: models("Build the table again with the other ON CONFLICT clause; rows that are there stay."),
    "numbers": lambda *_: cosmetic("The database gives the numbers of new rows either way."),
    "comment": comment,
}
NOW = ("now()", "current_timestamp", "current_timestamp()", "(current_timestamp)")


def same_default(one: str | None, other: str | None, dialect: str) -> bool:
    """Whether two server defaults are two spellings of one."""
    return one is not None and other is not None and _spelled(one, dialect) == _spelled(other, dialect)


def _spelled(text: str, dialect: str) -> str:
    text = re.sub(r"::[a-z][a-z ]*(\(\d+\))?$", "", text.strip())
    if re.match(r"^'-?\d+(\.\d+)?'$", text):
        return text[1:-1]
    if "'" in text or '"' in text:
        return text
    text = text.lower()
    if text in NOW:
        return NOW[0]
    return {"true": "1", "false": "0"}.get(text, text) if dialect != "postgresql" else text
