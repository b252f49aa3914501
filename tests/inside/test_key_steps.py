"""Primary keys in the second revision: another one, a first one, one that is only there; and where they are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside.test_check_steps import reconciled, upgrade
from tests.inside.test_reconcile import prepared, verified
from tests.servers import DIALECTS, new_database

STOCK = """
    class Stock(db.Model):
        shop = db.Column(db.Integer, primary_key=True, autoincrement=False)
        tea = db.Column(db.Integer, primary_key=True, autoincrement=False)
        size = db.Column(db.Integer)
"""
SALES = """
    class Sale(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        shop = db.Column(db.Integer)
        note = db.Column(db.String(20))
"""
KEYLESS = """
    log = db.Table("log", db.metadata, db.Column("line", db.Integer, nullable=False))


    class Stock(db.Model):
        shop = db.Column(db.Integer, primary_key=True, autoincrement=False)
"""
COLUMNS = "CREATE TABLE stock (shop INTEGER NOT NULL, tea INTEGER NOT NULL, size INTEGER"
ROWS = "; INSERT INTO stock (shop, tea, size) VALUES (1, 1, 5), (1, 2, 7)"
BY_SIZE = COLUMNS.replace("size INTEGER", "size INTEGER NOT NULL") + ", CONSTRAINT by_size PRIMARY KEY (shop, size))"
ADDED = {
    "postgresql": "op.create_primary_key(op.f('stock_pkey'), 'stock', ['shop', 'tea'])",
    "mariadb": "op.execute('ALTER TABLE stock ADD PRIMARY KEY (shop, tea)')",
    "sqlite": "batch_op.create_primary_key(batch_op.f('pk_stock'), ['shop', 'tea'])",
}
CHANGED = {
    "postgresql": ["op.drop_constraint(op.f('by_size'), 'stock', type_='primary')", ADDED["postgresql"]],
    "mariadb": ["op.execute('ALTER TABLE stock DROP PRIMARY KEY, ADD PRIMARY KEY (shop, tea)')"],
    "sqlite": ["batch_op.drop_constraint(batch_op.f('by_size'), type_='primary')", ADDED["sqlite"]],
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_first_one(tmp_path: Path, dialect: str) -> None:
    """Where the rows are told apart by it, it is made."""
    facts = reconciled(tmp_path, dialect, STOCK, COLUMNS + ")" + ROWS)

    assert facts["held"] == []
    assert ADDED[dialect] in upgrade(facts)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_another_one(tmp_path: Path, dialect: str) -> None:
    """The old one gives way to it, and comes back with the downgrade; what was NOT NULL for its sake may be NULL then."""
    facts = reconciled(tmp_path, dialect, STOCK, BY_SIZE + ROWS)

    assert facts["held"] == []
    places = [upgrade(facts).index(line) for line in [*CHANGED[dialect], "nullable=True"]]
    assert places == sorted(places)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_that_does_not_tell_the_rows_apart(tmp_path: Path, dialect: str) -> None:
    """It is held back with their number, and the old one with it: no table is left without a key."""
    facts = reconciled(tmp_path, dialect, STOCK, BY_SIZE + "; INSERT INTO stock (shop, tea, size) VALUES (1, 1, 5), (1, 1, 7)")

    assert set(facts["held"]) == {"stock primary key: 1 row would not be told apart by it"}
    assert [line for line in upgrade(facts).splitlines()[1:] if line and not line.startswith("    #")] == ["    pass"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_on_a_new_column(tmp_path: Path, dialect: str) -> None:
    """Rows have nothing to be told apart by then."""
    there = (
        "CREATE TABLE stock (shop INTEGER NOT NULL, size INTEGER, PRIMARY KEY (shop)); INSERT INTO stock (shop, size) VALUES (1, 5)"
    )
    facts = reconciled(tmp_path, dialect, STOCK, there)

    assert "stock primary key: 1 row would have no value in it" in facts["held"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_that_is_only_there(tmp_path: Path, dialect: str) -> None:
    """Nothing else remembers it, so it is held back."""
    there = "CREATE TABLE log (line INTEGER NOT NULL, CONSTRAINT pk_line PRIMARY KEY (line))"
    facts = reconciled(tmp_path, dialect, KEYLESS, there)

    assert set(facts["held"]) == {"log primary key: only in the database"}


def test_one_without_a_name_that_is_only_there(tmp_path: Path) -> None:
    """SQLite has nothing to call it by: it is told, and left; all else is carried over."""
    with new_database("sqlite", tmp_path) as url:
        there = "CREATE TABLE log (line INTEGER NOT NULL, PRIMARY KEY (line))"
        facts = verified(prepared(tmp_path / "shop", url, KEYLESS, there), url)

    assert facts["left"] == ["log primary key   only in the database  line"]
    assert "op.create_table('stock'" in upgrade(facts)


def test_a_column_of_mysql_that_counts(tmp_path: Path) -> None:
    """It is in a key all the time, as the server demands."""
    models = STOCK.replace(
        "shop = db.Column(db.Integer, primary_key=True, autoincrement=False)",
        "shop = db.Column(db.Integer, primary_key=True, autoincrement=True)",
    )
    there = "CREATE TABLE stock (shop INTEGER NOT NULL AUTO_INCREMENT, tea INTEGER NOT NULL, size INTEGER, PRIMARY KEY (shop))"
    facts = reconciled(tmp_path, "mariadb", models, there)

    assert "DROP PRIMARY KEY, ADD PRIMARY KEY (shop, tea)" in upgrade(facts)


def test_in_another_schema(tmp_path: Path) -> None:
    """Table and schema are named apart."""
    models = STOCK + '        __table_args__ = {"schema": "depot"}\n'
    facts = reconciled(tmp_path, "postgresql", models, "CREATE SCHEMA depot; " + COLUMNS.replace("stock", "depot.stock") + ")")

    assert "'stock', ['shop', 'tea'], schema='depot')" in upgrade(facts)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_that_others_refer_to(tmp_path: Path, dialect: str) -> None:
    """It is told, and left; all else is carried over."""
    there = (
        "CREATE TABLE stock (shop INTEGER NOT NULL, tea INTEGER NOT NULL, size INTEGER, PRIMARY KEY (shop));"
        " CREATE TABLE sale (id INTEGER NOT NULL PRIMARY KEY, shop INTEGER, FOREIGN KEY (shop) REFERENCES stock (shop))"
    )
    with new_database(dialect, tmp_path) as url:
        facts = verified(prepared(tmp_path / "shop", url, STOCK + SALES, there), url)

    assert [line.split("  ")[0] for line in facts["left"]] == ["stock primary key"]
    assert "note" in upgrade(facts)
