"""adopt/schema/normal.py: the text of a table with its constraints in one order."""

from __future__ import annotations

import pytest

from adopt.schema.normal import table_text

SQLALCHEMY = """CREATE TABLE pet (
\tid INTEGER NOT NULL, \n\tb TEXT DEFAULT 'x, y', \n\ta TEXT, \n\tUNIQUE (b), \n\tCHECK (a <> 'UNIQUE'), \n\tPRIMARY KEY (id)
)"""
MYSQL = """CREATE TABLE `pet` (
  `id` int(11) NOT NULL COMMENT 'it''s, it',
  `a` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_b` (`a`(3)),
  FULLTEXT KEY `ix_a` (`a`)
) ENGINE=InnoDB"""


def test_constraints_are_sorted():
    """Those of SQLAlchemy, the columns before them staying in their order."""
    assert table_text(SQLALCHEMY).split("\n") == [
        "CREATE TABLE pet (",
        "id INTEGER NOT NULL",
        "b TEXT DEFAULT 'x, y'",
        "a TEXT",
        "CHECK (a <> 'UNIQUE')",
        "PRIMARY KEY (id)",
        "UNIQUE (b)",
        ")",
    ]


def test_indexes_are_sorted():
    """Those of MySQL."""
    assert table_text(MYSQL).split("\n") == [
        "CREATE TABLE `pet` (",
        "`id` int(11) NOT NULL COMMENT 'it''s, it'",
        "`a` text DEFAULT NULL",
        "FULLTEXT KEY `ix_a` (`a`)",
        "KEY `ix_b` (`a`(3))",
        "PRIMARY KEY (`id`)",
        ") ENGINE=InnoDB",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE)", id="one line"),
        pytest.param("CREATE TABLE t (\n a INTEGER\n UNIQUE (a),\n b TEXT\n)", id="what goes on in the next line"),
        pytest.param("CREATE TABLE t (\n a TEXT DEFAULT 'x,\nUNIQUE (a),\ny',\n CHECK (a > '')\n)", id="a string of three lines"),
        pytest.param("CREATE TABLE t (\n a TEXT,\n CHECK (a > 0 OR\n a < 9),\n UNIQUE (a)\n)", id="brackets of two lines"),
        pytest.param("CREATE TABLE t (\n a TEXT, /*\n UNIQUE (a),\n */ b TEXT,\n CHECK (a > b)\n)", id="a comment of three lines"),
        pytest.param("CREATE TABLE t (\n a TEXT,\n UNIQUE (a), -- once,\n CHECK (a > 0)\n)", id="a comment to the end"),
        pytest.param("CREATE INDEX ix_a ON t (a)", id="an index"),
    ],
)
def test_text_of_another_form_stays(text: str):
    """Where a line may not be all of a clause, nothing is moved."""
    assert table_text(text) == text
