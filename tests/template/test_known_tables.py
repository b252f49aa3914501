"""A snapshot that is put together from what was seen before is the one that reading everything gives."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adopt.schema import known_tables, snapshot
from adopt.schema.known_tables import KNOWN, Known
from tests.servers import DIALECTS, engine_for, execute, new_database
from tests.template import plain_postgresql

EMAIL = "email VARCHAR(20) DEFAULT 'it''s'"
COLUMNS = {
    "sqlite": [
        *("id INTEGER PRIMARY KEY", "code TEXT PRIMARY KEY", EMAIL, "price NUMERIC(8, 2) NOT NULL DEFAULT (1)"),
        *("a INTEGER REFERENCES shop", "b INTEGER CHECK (b > 0)", "c INTEGER UNIQUE", "a2 REFERENCES Shop (id) ON DELETE CASCADE"),
    ],
    "postgresql": [
        *("id SERIAL PRIMARY KEY", "code TEXT PRIMARY KEY", EMAIL, "price NUMERIC(8, 2) NOT NULL DEFAULT 1 + 2", "at TIMESTAMP(3)"),
        *("b INTEGER CHECK (b > 0)", "c INTEGER UNIQUE", 'd VARCHAR COLLATE "C"', "e INTEGER GENERATED ALWAYS AS IDENTITY"),
        *("f mood", "g INTEGER GENERATED ALWAYS AS (1 + 1) STORED", "h TEXT[]", 'i INTEGER REFERENCES parent ("Id")'),
    ],
    "mariadb": [
        *("id INTEGER AUTO_INCREMENT PRIMARY KEY", "code CHAR(9) PRIMARY KEY", EMAIL, "price DECIMAL(8, 2) NOT NULL DEFAULT 1"),
        *("b INTEGER CHECK (b > 0)", "c INTEGER UNIQUE COMMENT 'ENGINE=x AUTO_INCREMENT=7'", "d ENUM('x', 'y')", "e TEXT"),
        *("f INT AS (1 + 1) STORED", "i INTEGER, FOREIGN KEY (i) REFERENCES parent (`Id`) ON DELETE CASCADE"),
    ],
}
BEFORE = {
    "sqlite": ['CREATE TABLE parent ("Id" INTEGER PRIMARY KEY)'],
    "postgresql": ["CREATE TYPE mood AS ENUM ('ok', 'sad')", 'CREATE TABLE parent ("Id" INTEGER PRIMARY KEY)'],
    "mariadb": ["CREATE TABLE parent (`Id` INTEGER PRIMARY KEY)"],
}
NAMES = ["shop", "odd name", "t\u00e4ble"]
CHANGES = [
    'DROP TABLE "{name}"',
    'ALTER TABLE "{name}" ADD COLUMN later VARCHAR(7)',
    'CREATE INDEX "ix {name}" ON "{name}" (email)',
    'CREATE UNIQUE INDEX "ux {name}" ON "{name}" (price, email)',
    'CREATE INDEX "lower {name}" ON "{name}" (lower(email))',
    'CREATE VIEW "view {name}" AS SELECT * FROM "{name}"',
    'ALTER TABLE "{name}" RENAME COLUMN price TO cost',
    'INSERT INTO "{name}" (price) VALUES (1)',
    "COMMENT ON TABLE \"{name}\" IS 'a shop'",
    "COMMENT ON COLUMN \"{name}\".price IS 'in euros'",
    'ALTER TABLE "{name}" DROP COLUMN email CASCADE',
    "ALTER TABLE \"{name}\" COMMENT = 'a shop'",
]


def plain(connection: sa.Connection) -> dict:
    """The snapshot without what was seen before, and with the catalogue read row by row."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_tables, "texts", lambda connection, names, schema: {})
        patch.setattr(snapshot, "snapshot_postgresql", plain_postgresql)
        return snapshot.take(connection)


def try_out(engine: sa.Engine, statement: str) -> None:
    """Run a statement that may make no sense here."""
    if engine.dialect.name == "mysql":
        statement = statement.replace('"', "`")
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
    except (sa.exc.DBAPIError, sa.exc.ResourceClosedError):
        pass


def making(dialect: str) -> st.SearchStrategy[str]:
    """A CREATE TABLE; some columns make no sense together, and then there is no table."""
    columns = st.lists(st.sampled_from(COLUMNS[dialect]), min_size=1, max_size=5, unique=True)
    return st.builds(lambda name, chosen: f'CREATE TABLE "{name}" ({", ".join(chosen)})', st.sampled_from(NAMES), columns)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_known_tables_are_what_they_are(dialect: str, data: st.DataObject):
    """Whatever was made and changed, in this database and in others before it: the quick snapshot is the plain one."""
    changes = st.builds(str.format, st.sampled_from(CHANGES), name=st.sampled_from(NAMES))
    with tempfile.TemporaryDirectory() as folder, new_database(dialect, Path(folder)) as url:
        engine = engine_for(url)
        for statement in BEFORE[dialect]:
            try_out(engine, statement)
        for statement in data.draw(st.lists(making(dialect) | changes, min_size=3, max_size=10)):
            try_out(engine, statement)
            with engine.connect() as connection:
                expected = plain(connection)
                quick = [snapshot.take(connection), snapshot.take(connection)]
            assert quick == [expected, expected]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_statements_of_the_property_make_sense(dialect, tmp_path):
    """Every column and every change above is taken by at least one server, so that the property is about something."""
    with new_database(dialect, tmp_path) as url:
        engine = engine_for(url)
        for statement in BEFORE[dialect]:
            try_out(engine, statement)
        for number, column in enumerate(COLUMNS[dialect]):
            try_out(engine, f"CREATE TABLE t{number} ({column})")

        names = set(sa.inspect(engine).get_table_names())

    assert names == {"parent", *(f"t{number}" for number in range(len(COLUMNS[dialect])))}


def test_key_of_the_other_table(tmp_path):
    """A foreign key of SQLite without columns means the other's primary key, which may be another one in the next database."""
    child = "CREATE TABLE child (p INTEGER REFERENCES /* its key */ parent)"
    found = []
    for number, column in enumerate(("id", "code", "id")):
        url = f"sqlite:///{tmp_path}/{number}.db"
        execute(url, f"CREATE TABLE parent ({column} INTEGER PRIMARY KEY)", child)
        with engine_for(url).connect() as connection:
            found += [key["refers_to"] for key in snapshot.take(connection)["tables"]["child"]["foreign_keys"]]

    assert found == ["parent(id)", "parent(code)", "parent(id)"]


def test_second_database_is_not_reflected(database_url, tmp_path, monkeypatch):
    """Tables that are described by the same text are the same objects; nothing but the texts is read again."""
    execute(database_url, "CREATE TABLE seen_before (id INTEGER PRIMARY KEY, email VARCHAR(80))")
    with engine_for(database_url).connect() as connection:
        first = snapshot.take(connection)
        before = copy.deepcopy(first)
        monkeypatch.setattr(snapshot.snapshot_reflected, "read", None)
        second = snapshot.take(connection)

    assert first == second == before
    if connection.dialect.name != "postgresql":
        assert first["tables"]["seen_before"] is second["tables"]["seen_before"]


def test_number_of_the_next_row_does_not_count(mariadb_url, monkeypatch):
    """MariaDB prints it with the table; a table with more rows is known all the same."""
    execute(mariadb_url, "CREATE TABLE counted (id INTEGER AUTO_INCREMENT PRIMARY KEY, x INTEGER)")
    with engine_for(mariadb_url).connect() as connection:
        snapshot.take(connection)
    execute(mariadb_url, "INSERT INTO counted (x) VALUES (1), (2), (3)")
    monkeypatch.setattr(snapshot.snapshot_reflected, "read", None)

    with engine_for(mariadb_url).connect() as connection:
        assert list(snapshot.take(connection)["tables"]) == ["counted"]


def test_virtual_tables_are_always_read(tmp_path):
    """What they are is up to their module, not to their text."""
    url = f"sqlite:///{tmp_path}/virtual.db"
    execute(url, "CREATE VIRTUAL TABLE found USING fts5(words)")

    with engine_for(url).connect() as connection:
        assert "found" not in known_tables.texts(connection, ["found"], None)
        assert snapshot.take(connection) == plain(connection)


def test_table_that_changes_while_it_is_read(tmp_path):
    """It is not remembered under the text that it had before."""
    url = f"sqlite:///{tmp_path}/changing.db"
    execute(url, "CREATE TABLE changing (x INTEGER)")

    def read(names):
        execute(url, "ALTER TABLE changing ADD COLUMN y INTEGER")
        return {"changing": "what is there now"}

    with engine_for(url).connect() as connection:
        before = known_tables.texts(connection, ["changing"], None)["changing"]
        assert known_tables.tables(connection, ["changing"], None, read) == {"changing": "what is there now"}

    assert KNOWN.get(before) is None


def test_only_so_much_is_remembered():
    """What was not asked for longest is forgotten when there is too much text."""
    known = Known(most_text=10)
    for key in ("aaaa", "bbbb"):
        known.add((key,), key)
    known.get(("aaaa",))

    known.add(("cccc",), "cccc")

    assert [known.get((key,)) for key in ("aaaa", "bbbb", "cccc")] == ["aaaa", None, "cccc"]


def test_order_of_constraints_does_not_count(tmp_path, monkeypatch):
    """`create_all()` writes them as the models declare them, a revision sorted: what the tables are is read once."""
    models, revision = f"sqlite:///{tmp_path}/models.db", f"sqlite:///{tmp_path}/revision.db"
    columns = "CREATE TABLE pet (\n\tid INTEGER NOT NULL, \n\tname VARCHAR(9), \n\tage INTEGER, \n\t"
    constraints = ["PRIMARY KEY (id)", "CHECK (age > 0)", "CONSTRAINT uq_pet UNIQUE (name, age)"]
    indexes = ["CREATE INDEX ix_name ON pet (name)", "CREATE INDEX ix_age ON pet (age)"]
    execute(models, columns + ", \n\t".join(constraints) + "\n)", *indexes)
    execute(revision, columns + ", \n\t".join(reversed(constraints)) + "\n)", *reversed(indexes))
    with engine_for(models).connect() as connection:
        expected = snapshot.take(connection)
    with engine_for(revision).connect() as connection:
        assert plain(connection) == expected
    monkeypatch.setattr(snapshot.snapshot_reflected, "read", None)

    with engine_for(revision).connect() as connection:
        assert snapshot.take(connection) == expected
