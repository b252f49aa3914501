"""Which values of a type have no room in another one."""

from __future__ import annotations

import pytest

from adopt.rows.fitting import is_same, unfit

KEPT = [
    ("VARCHAR(80)", "VARCHAR(120)", "postgresql"),
    ("VARCHAR(80)", "VARCHAR", "postgresql"),
    ("VARCHAR(80)", "TEXT", "sqlite"),
    ("VARCHAR(80)", "TEXT", "mysql"),
    ("TEXT", "VARCHAR", "postgresql"),
    ("TINYTEXT", "VARCHAR(255)", "mysql"),
    ("TEXT", "LONGTEXT", "mysql"),
    ("BLOB", "LONGBLOB", "mysql"),
    ("VARBINARY(20)", "BLOB", "mysql"),
    ("SMALLINT", "INTEGER", "postgresql"),
    ("INTEGER(11)", "BIGINT(20)", "mysql"),
    ("TINYINT(1)", "INTEGER(11)", "mysql"),
    ("BIGINT", "INTEGER", "sqlite"),
    ("INTEGER", "NUMERIC(12,2)", "postgresql"),
    ("INTEGER", "NUMERIC", "mysql"),  # NUMERIC(10, 0)
    ("NUMERIC(8, 2)", "NUMERIC(10, 4)", "mysql"),
    ("NUMERIC(8,2)", "NUMERIC", "postgresql"),
    ("REAL", "DOUBLE PRECISION", "postgresql"),
    ("ENUM('a','b')", "ENUM('a','c','b')", "mysql"),
    ("DATETIME", "DATETIME(6)", "mysql"),
    ("TIMESTAMP(3)", "TIMESTAMP", "postgresql"),
    ("VARCHAR(20) COLLATE utf8mb4_bin", "VARCHAR(30) COLLATE utf8mb4_bin", "mysql"),
]
NOT_KEPT = [
    ("VARCHAR(120)", "VARCHAR(80)", "sqlite"),
    ("TEXT", "VARCHAR(80)", "postgresql"),
    ("VARCHAR(20000)", "TEXT", "mysql"),  # in bytes, that may be more than 65535
    ("VARCHAR(20) COLLATE utf8mb4_bin", "VARCHAR(30)", "mysql"),
    ("LONGTEXT", "TEXT", "mysql"),
    ("TEXT", "BLOB", "mysql"),
    ("CHAR(3)", "CHAR(5)", "postgresql"),  # padded with other spaces
    ("BIGINT", "INTEGER", "postgresql"),
    ("INTEGER", "INTEGER UNSIGNED", "mysql"),
    ("INTEGER", "NUMERIC(10,2)", "postgresql"),
    ("INTEGER", "VARCHAR(20)", "postgresql"),
    ("NUMERIC(8, 2)", "NUMERIC(9, 4)", "mysql"),
    ("NUMERIC", "NUMERIC(10,2)", "postgresql"),
    ("DOUBLE PRECISION", "REAL", "postgresql"),
    ("ENUM('a','b')", "ENUM('a')", "mysql"),
    ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "postgresql"),
    ("DATETIME(6)", "DATETIME", "mysql"),
    ("VARCHAR(20)[]", "VARCHAR(20)", "postgresql"),
    ("JSON", "JSONB", "postgresql"),
    ("mood", "VARCHAR(20)", "postgresql"),
    ("BOOLEAN", "INTEGER", "postgresql"),
]


@pytest.mark.parametrize(("old", "new", "dialect"), KEPT)
def test_types_with_room(old: str, new: str, dialect: str):
    """Every value of the old type is one of the new type."""
    assert unfit("c", old, new, dialect) is None


@pytest.mark.parametrize(("old", "new", "dialect"), NOT_KEPT)
def test_types_that_may_cut_or_refuse(old: str, new: str, dialect: str):
    """Where a value may be cut, refused or read as another one, the answer is no."""
    assert unfit("c", old, new, dialect) is not None


@pytest.mark.parametrize(
    ("one", "other", "dialect", "expected"),
    [
        ("INT", "INTEGER", "sqlite", True),
        ("DECIMAL(10, 2)", "NUMERIC(10,2)", "sqlite", True),
        ("INTEGER(11)", "INTEGER", "mysql", True),
        ("TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP", "postgresql", True),
        ("VARCHAR(20)", "VARCHAR(21)", "sqlite", False),
        ("INTEGER", "BIGINT", "sqlite", False),
    ],
)
def test_spellings_of_one_type(one: str, other: str, dialect: str, expected: bool):
    """Two words for one type are no other type."""
    assert is_same(one, other, dialect) is expected


@pytest.mark.parametrize(
    ("old", "new", "dialect", "question"),
    [
        ("TEXT", "VARCHAR(20)", "postgresql", ("longer", "c", 20)),
        ("VARCHAR(80)", "String(length=20)", "mariadb", ("longer", "c", 20)),
        ("CHAR(3)", "VARCHAR(2)", "postgresql", ("longer", "c", 2)),
        ('VARCHAR(80) COLLATE "C"', "VARCHAR(20)", "postgresql", ("longer", "c", 20)),
        ("BIGINT", "sa.INTEGER()", "postgresql", ("with_value", "c")),  # the words come without their module
        ("BIGINT", "Integer()", "postgresql", ("outside", "c", 2**31)),
        ("NUMERIC(8, 4)", "Numeric(precision=5, scale=2)", "postgresql", ("rounded", "c", 3, 2)),
        ("DOUBLE PRECISION", "INTEGER", "postgresql", ("rounded", "c", 10, 0)),
        ("NUMERIC", "NUMERIC(5)", "sqlite", ("rounded", "c", 5, 0)),
        ("TIMESTAMP WITHOUT TIME ZONE", "DATE", "postgresql", ("with_time", "c")),
        ("DATETIME(6)", "DATE", "mysql", ("with_time", "c")),
        ("VARCHAR(20)[]", "VARCHAR(10)[]", "postgresql", ("with_value", "c")),
        ("INTEGER UNSIGNED", "INTEGER", "mysql", ("with_value", "c")),
        ("JSON", "JSONB", "postgresql", ("with_value", "c")),
        ("", "VARCHAR(20)", "postgresql", ("with_value", "c")),
    ],
)
def test_what_is_asked_of_the_rows(old: str, new: str, dialect: str, question: tuple[object, ...]):
    """What can be counted is; where nobody knows, each value is at stake."""
    assert unfit("c", old, new, dialect) == question
