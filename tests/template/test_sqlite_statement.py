"""adopt/schema/sqlite_statement.py: what a CREATE TABLE says."""

from __future__ import annotations

import sqlite3

import pytest

from adopt.schema.sqlite_statement import Statement

CHECKS = {
    "of the table": ("CREATE TABLE t (a INTEGER, CHECK (a > 0))", [(None, "a > 0")]),
    "with a name": (
        'CREATE TABLE t (a INTEGER, CONSTRAINT "ck (a)" CHECK ((a > 0) OR (a < -1)))',
        [("ck (a)", "(a > 0) OR (a < -1)")],
    ),
    "of a column": ("CREATE TABLE t (a INTEGER CONSTRAINT ck CHECK (a > 0) NOT NULL, b TEXT)", [("ck", "a > 0")]),
    "with ON CONFLICT": ("CREATE TABLE t (a INTEGER, CONSTRAINT ck CHECK (a > 0) ON CONFLICT IGNORE)", [("ck", "a > 0")]),
    "none": ("CREATE TABLE t (a TEXT DEFAULT 'CHECK (a > 0)', UNIQUE (a) ON CONFLICT IGNORE)", []),
}


@pytest.mark.parametrize(("text", "expected"), CHECKS.values(), ids=CHECKS)
def test_checks(text: str, expected: list[tuple[str | None, str]]) -> None:
    """Each with its name and its condition, wherever it stands."""
    sqlite3.connect(":memory:").execute(text)

    assert Statement(text).checks() == expected
