"""What is no difference: tables of SQLite's own, indexes that nobody reads back, the size that MySQL makes of a TEXT."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, desc, func, literal_column, text

from adopt.schema.comparing import is_same_index, is_servers_own, is_unreadable, made_of, smallest

TABLE = Table("users", MetaData(), Column("id", Integer), Column("name", String(20)))


@pytest.mark.parametrize(
    ("name", "dialect", "expected"),
    [
        ("sqlite_sequence", "sqlite", True),
        ("sqlite_stat1", "sqlite", True),
        ("sqlite", "sqlite", False),
        ("sqlite_imports", "postgresql", False),
    ],
)
def test_tables_of_the_server(name: str, dialect: str, expected: bool):
    """SQLite reserves a prefix, which is any other name elsewhere."""
    assert is_servers_own(name, dialect) is expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(TABLE.c.name, False, id="column"),
        pytest.param(desc(TABLE.c.name), False, id="descending column"),
        pytest.param(func.lower(TABLE.c.name), True, id="function"),
        pytest.param(desc(func.lower(TABLE.c.name)), True, id="descending function"),
        pytest.param(text("lower(name)"), True, id="text"),
        pytest.param(literal_column("name"), True, id="literal"),
    ],
)
def test_indexes_on_expressions(part: object, expected: bool):
    """Anything but a column is an expression; servers other than SQLite tell what theirs are."""
    index = Index(None, part, _table=TABLE)

    assert (is_unreadable(index, "sqlite"), is_unreadable(index, "postgresql")) == (expected, False)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (40, {"TINYTEXT"}),
        (100, {"TINYTEXT", "TEXT"}),
        (255, {"TINYTEXT", "TEXT"}),
        (256, {"TEXT"}),
        (65535, {"TEXT", "MEDIUMTEXT"}),
        (4294000000, {"LONGTEXT"}),
    ],
)
def test_smallest_text(length: int, expected: set[str]):
    """The width of a character depends on its set, so more than one size may be what the server has chosen."""
    assert smallest("TEXT", length) == expected


@pytest.mark.parametrize(
    ("parts", "unique", "expected"),
    [
        pytest.param([desc("name")], False, True, id="descending"),
        pytest.param([desc(TABLE.c.name)], False, True, id="descending column"),
        pytest.param([TABLE.c.name], False, False, id="ascending: Alembic compares it"),
        pytest.param([desc("name"), TABLE.c.id], False, False, id="another column more"),
        pytest.param([desc("id")], False, False, id="another column"),
        pytest.param([desc("name")], True, False, id="unique"),
        pytest.param([desc(func.lower(TABLE.c.name))], False, False, id="expression"),
    ],
)
def test_descending_index_that_mysql_has(parts: list, unique: bool, expected: bool):
    """Only one on the same columns is the same; PostgreSQL tells which are descending."""
    found = Index("ix", TABLE.c.name, _table=TABLE)
    index = Index("ix", *parts, unique=unique, _table=TABLE)

    assert (is_same_index(index, found, "mysql"), is_same_index(index, found, "postgresql")) == (expected, False)


def test_size_of_a_float():
    """From 25 bits on it is a DOUBLE, below a FLOAT, which PostgreSQL calls REAL."""
    assert [made_of("FLOAT", size) for size in (24, 25)] == [{"FLOAT", "REAL"}, {"DOUBLE"}]
