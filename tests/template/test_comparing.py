"""What is no difference: tables of SQLite's own, indexes that nobody reads back, the size that MySQL makes of a TEXT."""

from __future__ import annotations

import pytest
from migrations.adopt.comparing import is_servers_own, is_unreadable, smallest
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, desc, func, literal_column, text

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
