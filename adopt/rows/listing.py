"""Differences for people: by class, the dangerous ones first, each with its place in the models and what to do about it.

    dangerous: carrying it over would lose values, or fail on rows that are there
      users.email      models NOT NULL   database NULL         shop/models.py:14
        1 row has no value: give it one first, or say nullable=True in the model.
      users.nickname   only in the database  VARCHAR(30)       shop/models.py:12
        41 rows have a value in it: add it to the model, or save them before the column is dropped.
    models-ahead: the models say more, and no row is in the way
      ...
    and 23 more:  python -m migrations.adopt status --json

What is advised for several in a row stands once, under the last of them.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from ..schema import differences as plain
from .judgement import COSMETIC, DANGEROUS, DATABASE, MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..base.types import Difference


MOST = 40  # lines
WIDEST = 84  # characters: what is longer is not waited for when places are aligned
MEANINGS = {
    DANGEROUS: "carrying it over would lose values, or fail on rows that are there",
    DATABASE: "only the {actual} has it",
    MODELS: "the {expected} say more, and no row is in the way",
    COSMETIC: "no row and no line of code depends on it",
}


def lines(
    differences: Sequence[dict[str, Any]],
    *,
    expected: str = "models",
    actual: str = "database",
    most: int = MOST,
    see_all: str = "",
) -> list[str]:
    """The lines for differences that triage.triage has sorted; `see_all` is what shows those that are too many."""
    plain_lines = plain.lines(differences, expected=expected, actual=actual)
    width = max((len(line) for line in plain_lines if len(line) <= WIDEST), default=0)
    result: list[str]
    heading: list[str]
    result, count = [], 0
    for kind, of_kind in itertools.groupby(enumerate(differences), key=lambda pair: pair[1]["class"]):
        heading = [kind + ": " + MEANINGS[kind].format(expected=expected, actual=actual)]
        for advice, same in itertools.groupby(of_kind, key=lambda pair: pair[1]["advice"]):
            rows = ["  " + placed(item, plain_lines[number], width) for number, item in same]
            shown = rows[: max(most - len(result) - len(heading) - 1, 0 if result else 1)]
            if shown:
                result += heading + shown + ["    " + advice]
            heading, count = [], count + len(shown)
            if len(shown) < len(rows):
                return result + ["and {} more{}".format(len(differences) - count, ":  " + see_all if see_all else "")]
    return result


def placed(item: Difference, line: str, width: int) -> str:
    """One line with the place in the models behind it."""
    return "   ".join([line.ljust(width), item["where"]]) if item.get("where") else line
