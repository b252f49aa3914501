"""Sort differences by what they mean for the rows, and say of each what to do: the class is one of those in judged.py.

Decides from what is in the two snapshots and from counts; it reads nothing by itself and writes nothing.
"""

from . import judge_columns, judge_enums, judge_keys
from .counting import shown, verb
from .judged import CLASSES, Side, cosmetic, dangerous, database, models
from .renames import Renames

CHECK = "flask db check"


def triage(differences, expected, actual, rows, place=None):
    """The differences, each with "class", "where", "advice" and "rows", the dangerous ones first.

    `expected` and `actual` are the two snapshots; `rows` is a counting.Rows of the database, `place(item)` says where the models
    have it ("shop/models.py:23", or None).
    """
    side = Side(expected, actual, rows, Renames(differences, expected, actual))
    result = []
    for item in differences:
        found = JUDGES[item["what"]](item, side)
        more = {"class": found.kind, "where": place(item) if place else None, "advice": found.advice, "rows": found.rows}
        result.append(dict(item, **more))
    return sorted(result, key=lambda item: CLASSES.index(item["class"]))


def table(item, side):
    if item["kind"] == "extra":
        rows = side.rows.all(item["table"])
        if rows == 0:
            return database("Drop it, or make it in a revision; it has no row.")
        words = "{} {} in it: make the table in a revision, or save them before it is dropped."
        return dangerous(words.format(shown(rows), *verb(rows, "is/are")), rows)
    other = side.renames.of_table(item["table"])
    if other:
        words = "If it is {}, which has the same columns and no model, rename that table instead of making this one."
        return models(words.format(other))
    return models("Create the table; no row is in its way.")


def view(item, side):
    return models("Create the view.") if item["kind"] == "missing" else database("Make it in a revision, or drop it.")


def comment(item, side):
    return cosmetic("Nothing depends on a comment.")


def only_alembic(item, side):
    return cosmetic(
        "The schemas are the same; `flask db migrate` would propose it until the model has the name that the database has."
    )


JUDGES = {
    "table": table,
    "column": judge_columns.column,
    "primary key": judge_keys.primary_key,
    "foreign key": judge_keys.foreign_key,
    "unique": judge_keys.unique,
    "index": judge_keys.index,
    "check": judge_keys.check,
    "comment": comment,
    "enum": judge_enums.enum,
    "view": view,
    CHECK: only_alembic,
}
