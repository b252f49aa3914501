"""What a table of SQLite has beside its rows, after batch mode has built it anew."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from adopt.base.errors import NotRebuilt
from adopt.schema import sqlite_rebuild
from tests.dumps import dump
from tests.servers import engine_for, execute

BESIDE = (
    "CREATE TABLE shop (id INTEGER PRIMARY KEY, owner TEXT)",
    "CREATE TABLE log (line TEXT)",
)
ITEM = """CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT COLLATE NOCASE NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT REPLACE,
    number INTEGER DEFAULT (1 + 2) CONSTRAINT ck_number CHECK (number > 0 AND number <> 99),
    odd MY_TYPE, plain,
    twice INTEGER GENERATED ALWAYS AS (number * 2) STORED, thrice INTEGER AS (number * 3),
    shop_id INTEGER REFERENCES shop (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CHECK (number <> 13), CONSTRAINT ck_name CHECK (name <> 'a, b) x' AND length(name) < 50), CHECK (odd IS NULL OR odd <> 7),
    CONSTRAINT once UNIQUE (number, shop_id) ON CONFLICT IGNORE
)"""
OTHERS = (
    "CREATE INDEX ix_lower ON item (lower(name))",
    "CREATE INDEX ix_down ON item (number DESC, name COLLATE RTRIM)",
    "CREATE UNIQUE INDEX ix_part ON item (shop_id) WHERE number > 5",
    "CREATE TRIGGER noted AFTER INSERT ON item BEGIN INSERT INTO log VALUES (new.name); END",
    "CREATE TRIGGER renumbered UPDATE OF number ON item BEGIN INSERT INTO log VALUES (old.number || 'to' || new.number); END",
    "CREATE TRIGGER closed AFTER DELETE ON shop BEGIN DELETE FROM item WHERE shop_id = old.id; END",
    "CREATE VIEW shown AS SELECT name, twice FROM item WHERE number > 0",
    "INSERT INTO shop VALUES (1, 'Ann')",
    "INSERT INTO item (name, number, shop_id) VALUES ('a', 1, 1), ('b', 2, 1), ('last', 3, NULL)",
    "DELETE FROM item WHERE name = 'last'",
)


def database(tmp_path, *statements):
    url = f"sqlite:///{tmp_path}/rules.db"
    execute(url, *(statements or (*BESIDE, ITEM, *OTHERS)))
    return url


def change(url, work, table="item", **arguments):
    """Do this work in batch mode."""
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql("BEGIN")
        context = MigrationContext.configure(connection)
        with (
            sqlite_rebuild.kept(connection, lambda: context),
            Operations(context).batch_alter_table(table, recreate="always", **arguments) as batch,
        ):
            work(batch)


def rows(url, query):
    with engine_for(url).connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def statement(url, name):
    return " ".join(rows(url, f"SELECT sql FROM sqlite_master WHERE name = '{name}'")[0][0].split())


def test_nothing_gets_lost(tmp_path):
    """With one more column everything else says what it said, and behaves as before."""
    url = database(tmp_path)
    was, had = dump(url), rows(url, "SELECT * FROM item")

    change(url, lambda batch: batch.add_column(sa.Column("note", sa.String(20))))

    now = [one.replace("note VARCHAR(20), ", "") for one in dump(url)]
    assert now == was
    assert rows(url, "SELECT id, name, number, odd, plain, twice, thrice, shop_id FROM item") == had
    execute(url, "INSERT INTO item (name, number) VALUES ('A', 7)", "INSERT INTO item (name) VALUES (NULL)")
    assert rows(url, "SELECT id, name, twice FROM item ORDER BY id") == [(2, "b", 4), (4, "A", 14)]
    assert rows(url, "SELECT line FROM log") == [("a",), ("b",), ("last",), ("A",)]
    for refused in ("13", "99", "-1"):
        with pytest.raises(sa.exc.IntegrityError):
            execute(url, f"INSERT INTO item (name, number) VALUES ('z', {refused})")


def test_forth_and_back(tmp_path):
    """A column that is added and dropped again leaves no trace."""
    url = database(tmp_path)
    change(url, lambda batch: None)
    was = dump(url)

    change(url, lambda batch: batch.add_column(sa.Column("note", sa.String(20))))
    change(url, lambda batch: batch.drop_column("note"))

    assert dump(url) == was


@pytest.mark.parametrize("options", ["STRICT", "WITHOUT ROWID", "STRICT, WITHOUT ROWID"])
def test_options(tmp_path, options):
    """They stay."""
    url = database(tmp_path, f"CREATE TABLE item (code TEXT, n INTEGER, PRIMARY KEY (code) ON CONFLICT IGNORE) {options}")

    change(url, lambda batch: batch.add_column(sa.Column("note", sa.Text)))

    assert statement(url, "item").endswith(") " + options)
    assert "PRIMARY KEY (code) ON CONFLICT IGNORE" in statement(url, "item")


def test_what_the_batch_changes_is_changed(tmp_path):
    """A type, a collation, NOT NULL, a default, a CHECK, a unique constraint, an index: what is asked for wins."""
    url = database(tmp_path)

    def work(batch):
        batch.alter_column("name", existing_type=sa.Text(collation="NOCASE"), type_=sa.String(60), nullable=True)
        batch.alter_column("number", server_default="5")
        batch.drop_constraint("once", type_="unique")
        batch.create_unique_constraint("once", ["number"])
        batch.create_check_constraint("ck_more", "number < 1000")
        batch.drop_index("ix_down")
        batch.create_index("ix_down", ["name"])

    change(url, work)

    said = statement(url, "item")
    assert "name VARCHAR(60)," in said
    assert "number INTEGER DEFAULT '5'" in said
    assert "CONSTRAINT once UNIQUE (number)" in said
    assert "ON CONFLICT IGNORE" not in said
    assert "CONSTRAINT ck_more CHECK (number < 1000)" in said
    assert "AUTOINCREMENT" in said
    assert "CHECK (number <> 13)" in said
    assert statement(url, "ix_down") == "CREATE INDEX ix_down ON item (name)"


def test_dropped_column_takes_along_what_is_about_it(tmp_path):
    """Its CHECKs and its indexes on expressions go as they do on a server, everything else stays."""
    url = database(tmp_path, *BESIDE, ITEM, "CREATE INDEX ix_odd ON item (odd || 'x')", "CREATE INDEX ix_low ON item (lower(name))")

    change(url, lambda batch: batch.drop_column("odd"))

    assert "odd" not in statement(url, "item")
    assert [name for (name,) in rows(url, "SELECT name FROM sqlite_master WHERE sql LIKE '%INDEX%'")] == ["ix_low"]


def test_renamed_column_has_its_new_name_everywhere(tmp_path):
    """In CHECKs, keys, generated columns and indexes."""
    url = database(
        tmp_path, *BESIDE, ITEM, "CREATE INDEX ix_lower ON item (lower(name))", "CREATE INDEX ix_n ON item (number DESC)"
    )

    change(url, lambda batch: batch.alter_column("name", new_column_name="title"))

    said = statement(url, "item")
    assert "CONSTRAINT ck_name CHECK (title <> 'a, b) x' AND length(title) < 50)" in said
    assert "ON CONFLICT REPLACE" in said
    assert statement(url, "ix_lower") == "CREATE INDEX ix_lower ON item (lower(title))"
    assert statement(url, "ix_n") == "CREATE INDEX ix_n ON item (number DESC)"


@pytest.mark.parametrize(
    ("column", "broken"),
    [("number", ["view shown", "trigger renumbered"]), ("name", ["view shown", "trigger noted"])],
)
def test_what_would_not_work_any_more(tmp_path, column, broken):
    """A view or a trigger that needs a column which goes is named, and everything is as before."""
    url = database(
        tmp_path, *BESIDE, ITEM.replace("twice INTEGER GENERATED ALWAYS AS (number * 2) STORED", "twice INTEGER"), *OTHERS
    )
    url_was = dump(url)

    with pytest.raises(NotRebuilt) as raised:
        change(url, lambda batch: (batch.drop_column("thrice"), batch.drop_column(column)))

    assert [what for what, _ in raised.value.broken] == broken
    assert dump(url) == url_was


def test_keys_that_batch_mode_wants_a_name_for(tmp_path):
    """They are as create_all() makes them, without one, and are found again by it; one that a person gave stays."""
    url = database(tmp_path, *BESIDE, "CREATE TABLE item (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER)")
    was = dump(url)

    def make(batch):
        batch.create_foreign_key("item_a_fkey", "shop", ["a"], ["id"])
        batch.create_unique_constraint("item_a_b_key", ["a", "b"])
        batch.create_foreign_key("fk_b", "shop", ["b"], ["id"], ondelete="CASCADE")

    def drop(batch):
        batch.drop_constraint("item_a_fkey", type_="foreignkey")
        batch.drop_constraint("item_a_b_key", type_="unique")
        batch.drop_constraint("fk_b", type_="foreignkey")

    change(url, make)

    assert [one.split("CREATE TABLE item ")[1] for one in dump(url) if "TABLE item" in one] == [
        "(CONSTRAINT fk_b FOREIGN KEY(b) REFERENCES shop (id) ON DELETE CASCADE, FOREIGN KEY(a) REFERENCES shop (id),"
        " UNIQUE (a, b), a INTEGER, b INTEGER, id INTEGER PRIMARY KEY)"
    ]
    change(url, drop)
    assert dump(url) == was
