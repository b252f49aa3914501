"""Rows at stake, counted on each server: read-only, up to a limit, and not for long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from adopt.rows import counting
from adopt.server import readonly
from tests.servers import engine_for, execute

TABLES = (
    "CREATE TABLE team (id INTEGER PRIMARY KEY)",
    'CREATE TABLE "order" (id INTEGER PRIMARY KEY, "group" VARCHAR(20), team_id INTEGER)',
    "INSERT INTO team VALUES (1)",
    "INSERT INTO \"order\" VALUES (1, 'a', 1), (2, 'a', 1), (3, 'bbb:c', 2), (4, NULL, NULL)",
)


@contextmanager
def counted(url: str, *, seconds: float = 5) -> Iterator[counting.Rows]:
    """The counts of this database over a read-only connection."""
    with readonly.connect(engine_for(url).url) as connection:
        yield counting.Rows(connection, seconds)


def fill(url: str) -> None:
    execute(url, *(one.replace('"', "`") if url.startswith("mysql") else one for one in TABLES))


def test_every_question(database_url: str):
    """Names are quoted, NULL is no value, and rows are told apart from values."""
    fill(database_url)

    with counted(database_url) as rows:
        answers = {
            "all": rows.all("order"),
            "with a value": rows.with_value("order", "group"),
            "without one": rows.without_value("order", ["group", "team_id"]),
            "longer": rows.longer("order", "group", 3),
            "repeated": rows.repeated("order", ["group"]),
            "both repeated": rows.repeated("order", ["group", "team_id"]),
            "orphans": rows.orphans("order", ["team_id"], "team(id)"),
            "violating": rows.violating("order", "id > 1"),
        }

    assert answers == {
        "all": 4,
        "with a value": 3,
        "without one": 1,
        "longer": 1,
        "repeated": 1,
        "both repeated": 1,
        "orphans": 1,
        "violating": 1,
    }


def test_rows_with_a_label(postgresql_url: str):
    """A label of an enum is looked for in columns of that type, and in arrays of it."""
    execute(
        postgresql_url,
        "CREATE TYPE mood AS ENUM ('ok', 'it''s bad', 'new')",
        "CREATE TABLE people (one mood, many mood[])",
        "INSERT INTO people VALUES ('ok', '{ok,new}'), ('it''s bad', NULL), (NULL, '{ok}')",
    )

    with counted(postgresql_url) as rows:
        assert rows.holding("people", "one", ["it's bad", "new"]) == 1
        assert rows.holding("people", "many", ["it's bad", "new"]) == 1
        assert rows.holding("people", "one", []) == 0


def test_counting_stops(database_url: str):
    """More than 10000 rows are not counted to the end."""
    execute(database_url, "CREATE TABLE numbers (n INTEGER)")
    with engine_for(database_url).begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), [{"n": n} for n in range(10100)])

    with counted(database_url) as rows:
        assert rows.all("numbers") == 10001

    assert counting.shown(10001) == "More than 10000 rows"


def test_a_question_that_takes_too_long(database_url: str):
    """It is given up, the answer is that nobody knows, and the connection can be asked on."""
    execute(database_url, "CREATE TABLE numbers (n INTEGER)")
    with engine_for(database_url).begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), [{"n": n} for n in range(3000)])
    endless = "(SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n + c.n > n) > 0"

    with counted(database_url, seconds=0.5) as rows:
        began = time.monotonic()

        assert rows.violating("numbers", endless) is None
        assert time.monotonic() - began < 5
        assert rows.all("numbers") == 3000


def test_what_cannot_be_asked(database_url: str):
    """A condition that the server does not understand is unknown, not an error, and the connection can be asked on."""
    fill(database_url)

    with counted(database_url) as rows:
        assert rows.violating("order", "nothing_there > 1") is None
        assert rows.all("team") == 1


@pytest.mark.parametrize(
    ("rows", "expected"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (10001, "More than 10000 rows"), (None, "Some rows")]
)
def test_numbers_in_words(rows: int | None, expected: str):
    """A number that is a limit is not shown as if it were exact."""
    assert counting.shown(rows) == expected
