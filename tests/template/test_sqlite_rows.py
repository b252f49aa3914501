"""Rows while SQLite builds a table anew."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from adopt.base.errors import RowsLost
from adopt.upgrade import sqlite_rows
from tests.servers import engine_for, execute


@pytest.fixture
def url(tmp_path):
    """Two users, one of which has an order that goes with it, and a shipment that goes with the order."""
    url = f"sqlite:///{tmp_path}/rows.db"
    execute(
        url,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(20))",
        'CREATE TABLE "order" (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE)',
        'CREATE TABLE shipment (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES "order" (id) ON DELETE CASCADE)',
        "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
        'INSERT INTO "order" VALUES (1, 1)',
        "INSERT INTO shipment VALUES (1, 1)",
    )
    return url


def build_anew(connection, table):
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table(table, recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.String(20)))


def counts(url):
    with engine_for(url).connect() as connection:
        return [connection.exec_driver_sql(f'SELECT COUNT(*) FROM "{table}"').scalar() for table in ("users", "order", "shipment")]


@pytest.mark.parametrize("table", ["users", "order", "shipment"])
def test_nothing_is_lost(url, table):
    """Without enforced foreign keys every row is there afterwards."""
    with engine_for(url).begin() as connection, sqlite_rows.counted(connection):
        build_anew(connection, table)

    assert counts(url) == [2, 1, 1]


def test_foreign_keys_that_are_enforced(url):
    """Dropping the old table would delete rows elsewhere: refused before the commit."""
    with engine_for(url).connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys=ON")
        with pytest.raises(RowsLost) as raised, connection.begin(), sqlite_rows.counted(connection):
            connection.exec_driver_sql("BEGIN")
            build_anew(connection, "users")

    assert (raised.value.before, raised.value.after) == (1, 0)
    assert raised.value.table in ('"order"', '"shipment"')
    assert counts(url) == [2, 1, 1]


def test_copy_with_fewer_rows(url):
    """A copy that is not complete is refused before the old table is dropped."""
    execute(url, "CREATE TABLE _alembic_tmp_users (id INTEGER PRIMARY KEY)")

    with engine_for(url).begin() as connection, sqlite_rows.counted(connection), pytest.raises(RowsLost) as raised:
        connection.exec_driver_sql("INSERT INTO _alembic_tmp_users (id) SELECT min(users.id) \nFROM users")

    assert (raised.value.table, raised.value.before, raised.value.after) == ("users", 2, 1)
