"""Reflection by an old SQLAlchemy on a PostgreSQL that is newer than it."""

from __future__ import annotations

import pytest

from adopt.autogenerate.old_sqlalchemy import is_affected, without_word


@pytest.mark.parametrize(
    "version, expected", [("1.2.7", True), ("1.2.16", True), ("1.2.17", False), ("1.3.0b1", False), ("2.1.0b1", False)]
)
def test_affected_versions(version: str, expected: bool):
    """1.2.17 was the first with the query that newer servers answer."""
    assert is_affected(version) is expected


@pytest.mark.parametrize(
    "definition, expected",
    [
        ("CHECK ((price > 0))", "price > 0"),
        ("CHECK ((price > 0)) NOT VALID", "price > 0"),
        ("CHECK (is_fine(price))", "is_fine(price)"),
        ("CHECK (((a > 1) AND (a < 5)))", "(a > 1) AND (a < 5)"),
    ],
)
def test_expression_of_a_constraint(definition: str, expected: str):
    """What stands between the word CHECK and the end, without the outermost pair of parentheses."""
    assert without_word(definition) == expected
