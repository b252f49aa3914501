"""The list of differences that people read."""

from __future__ import annotations

from typing import Any

from adopt.rows import listing


def difference(table: str, name: str, kind: str, class_: str, advice: str, where: str | None, **more: str) -> dict[str, Any]:
    given = {"what": "column" if name else "table", "expected": "", "actual": "", **more}
    return {"table": table, "name": name, "kind": kind, "class": class_, "advice": advice, "where": where, "rows": None, **given}


EVERY_CLASS = [
    difference(
        "users",
        "email",
        "changed",
        "dangerous",
        "1 row has no value.",
        "shop/models.py:14",
        expected="NOT NULL",
        actual="NULL",
    ),
    difference("users", "nick", "extra", "database-ahead", "Add it or drop it.", None, actual="VARCHAR(20)"),
    difference("teams", "", "missing", "models-ahead", "Create it.", "shop/teams.py:3", expected="the table"),
    difference("orders", "", "missing", "models-ahead", "Create it.", "shop/orders.py:10", expected="the table"),
    difference("users", "phone", "missing", "models-ahead", "Add it.", "shop/models.py:15", expected="VARCHAR(20)"),
    difference(
        "users",
        "bio",
        "changed",
        "cosmetic",
        "Nothing depends on it.",
        "shop/models.py:16",
        expected="no comment",
        actual="comment a text about the person that is so long that nobody waits for it",
    ),
]


def test_every_class_in_its_group():
    """The classes have headings, places are aligned, and one advice for several stands once."""
    assert listing.lines(EVERY_CLASS, expected="revisions") == [
        "dangerous: carrying it over would lose values, or fail on rows that are there",
        "  users.email   revisions NOT NULL     database NULL   shop/models.py:14",
        "    1 row has no value.",
        "database-ahead: only the database has it",
        "  users.nick    only in the database  VARCHAR(20)",
        "    Add it or drop it.",
        "models-ahead: the revisions say more, and no row is in the way",
        "  teams         only in the revisions                  shop/teams.py:3",
        "  orders        only in the revisions                  shop/orders.py:10",
        "    Create it.",
        "  users.phone   only in the revisions  VARCHAR(20)     shop/models.py:15",
        "    Add it.",
        "cosmetic: no row and no line of code depends on it",
        "  users.bio     revisions no comment   database comment a text about the person that is so long that nobody waits for it"
        "   shop/models.py:16",
        "    Nothing depends on it.",
    ]


def missing(count: int) -> list[dict[str, Any]]:
    return [difference(f"t{number}", "", "missing", "models-ahead", "Create it.", None) for number in range(count)]


def test_too_many_are_counted():
    """At most so many lines, and then how many more there are, and how to see them."""
    found = listing.lines(EVERY_CLASS[:1] + missing(50), most=8, see_all="python -m migrations.adopt status --json")

    assert found[3:] == [
        "models-ahead: the models say more, and no row is in the way",
        *(f"  t{number}            only in the models" for number in range(3)),
        "    Create it.",
        "and 47 more:  python -m migrations.adopt status --json",
    ]


def test_as_many_as_fit():
    """A list that fits is whole, whatever its length; the first one is shown even where there is no room."""
    assert listing.lines(missing(3), most=5)[-2:] == ["  t2   only in the models", "    Create it."]
    assert listing.lines(missing(3), most=4)[-2:] == ["    Create it.", "and 1 more"]
    assert listing.lines(missing(3), most=1)[-3:] == ["  t0   only in the models", "    Create it.", "and 2 more"]
    assert listing.lines([]) == []
