"""Snapshots and their differences: what counts as the same schema, on each server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adopt.schema import differences, snapshot
from tests.servers import engine_for, execute, new_database


def shop(email: int = 255, *, server_default: str = "1") -> sa.MetaData:
    """Two tables with one of everything that all three servers have."""
    metadata = sa.MetaData()
    users = sa.Table(
        "users",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(email), nullable=False, unique=True),
        sa.Column("level", sa.Integer, server_default=server_default),
        sa.Column("balance", sa.Numeric(10, 2), index=True),
        sa.Column("color", sa.Enum("red", "green", name="color")),
        sa.Column("made", sa.DateTime, server_default=sa.func.current_timestamp()),
        sa.UniqueConstraint("level", "balance", name="uq_level_balance"),
        sa.CheckConstraint("level > 0", name="positive"),
    )
    sa.Table(
        "orders",
        metadata,
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("user_id", sa.ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
        sa.Column("odd name", sa.Float),
    )
    return metadata


def taken(url: str, metadata: sa.MetaData, *statements: str) -> dict:
    """Build this schema, run the statements, and take the snapshot."""
    engine = engine_for(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    with engine.connect() as connection:
        return snapshot.take(connection)


@pytest.fixture
def other_url(request: pytest.FixtureRequest, database_url, tmp_path):
    """A second empty database on the server of `database_url`."""
    dialect = {"sqlite": "sqlite", "postgresql": "postgresql", "mysql": "mariadb"}[sa.make_url(database_url).get_backend_name()]
    with new_database(dialect, tmp_path) as url:
        yield url


def test_same_schema_twice(database_url, other_url):
    """Two databases that were built alike have equal snapshots, also after a trip through JSON."""
    one, other = taken(database_url, shop()), taken(other_url, shop())

    assert one == other == json.loads(json.dumps(one))
    assert differences.compare(one, other) == []


def test_order_of_columns_and_version_table_do_not_count(database_url, other_url):
    """A column that was added later stands last; alembic_version is not part of the schema."""
    one = "CREATE TABLE t (a INTEGER, b VARCHAR(9))", "CREATE TABLE alembic_version (version_num VARCHAR(32))"
    other = "CREATE TABLE t (b VARCHAR(9))", "ALTER TABLE t ADD COLUMN a INTEGER"

    assert differences.compare(taken(database_url, sa.MetaData(), *one), taken(other_url, sa.MetaData(), *other)) == []


CHANGES: list[tuple[str, Callable[[], sa.MetaData], tuple[str, ...], list[str]]] = [
    ("length", lambda: shop(120), (), ["users.email   models VARCHAR(255)   database VARCHAR(120)"]),
    ("default", lambda: shop(server_default="2"), (), ["users.level   models DEFAULT 1   database DEFAULT 2"]),
    ("extra index", shop, ("CREATE INDEX ix_color ON users (color)",), ["users index ix_color   only in the database  (color)"]),
    (
        "missing index",
        shop,
        ("DROP INDEX ix_users_balance{on users}",),
        ["users index ix_users_balance   only in the models  (balance)"],
    ),
    ("missing table", shop, ("DROP TABLE orders",), ["orders   only in the models"]),
    (
        "extra column",
        shop,
        ("ALTER TABLE users ADD COLUMN phone VARCHAR(20)",),
        ["users.phone   only in the database  VARCHAR(20)"],
    ),
    (
        "unique index instead of none",
        shop,
        ("CREATE UNIQUE INDEX ux ON orders (user_id)",),
        ["orders index ux   only in the database  UNIQUE (user_id)"],
    ),
]


@pytest.mark.parametrize(("metadata", "statements", "lines"), [item[1:] for item in CHANGES], ids=[item[0] for item in CHANGES])
def test_difference_in_words(database_url, other_url, metadata, statements, lines):
    """One difference is one line that names the place and both values."""
    is_mariadb = database_url.startswith("mysql")
    statements = tuple(statement.replace("{on users}", " ON users" if is_mariadb else "") for statement in statements)

    found = differences.compare(taken(database_url, shop()), taken(other_url, metadata(), *statements))

    assert differences.lines(found) == lines


def test_table_without_model_is_unmanaged(database_url, other_url):
    """A table that only the database has is no difference, but is named."""
    one, other = taken(database_url, shop()), taken(other_url, shop(), "CREATE TABLE legacy (id INTEGER)")

    assert differences.compare(one, other) == []
    assert differences.unmanaged(one, other) == ["legacy"]


def foreign_key(**options: str) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("b", metadata, sa.Column("a_id", sa.Integer, sa.ForeignKey("a.id", **options)))
    return metadata


def test_foreign_keys(database_url, other_url):
    """What they do on delete counts, and both sides are told; their names do not count."""
    one = taken(database_url, foreign_key(ondelete="CASCADE", name="fk_one"))

    assert differences.lines(differences.compare(one, taken(other_url, foreign_key(name="fk_other")))) == [
        "b foreign key   only in the models  a_id to a(id) ON DELETE CASCADE",
        "b foreign key   only in the database  a_id to a(id)",
    ]


@pytest.mark.parametrize(("ours", "theirs", "count"), [(None, "uq_theirs", 0), ("uq_ours", "uq_theirs", 1), ("uq_ours", None, 1)])
def test_names_of_unique_constraints(postgresql_url, ours, theirs, count):
    """A name that somebody gave counts, for a later revision will use it; one that the server made up does not."""

    def unique(name):
        metadata = sa.MetaData()
        sa.Table("a", metadata, sa.Column("x", sa.Integer), sa.UniqueConstraint("x", name=name))
        return metadata

    with new_database("postgresql") as other:
        found = differences.compare(taken(postgresql_url, unique(ours)), taken(other, unique(theirs)))

    assert len(found) == count


@pytest.mark.parametrize(
    "ours, theirs, count",
    [(None, "uq_email", 0), (None, None, 0), ("uq_email", None, 2), ("uq_email", "other", 2)],
    ids=["named there", "unnamed", "named here", "another name"],
)
def test_names_of_unique_constraints_of_mariadb(ours, theirs, count):
    """One that the server has named is the same under any name, as on PostgreSQL."""

    def users(name: str | None) -> sa.MetaData:
        metadata = sa.MetaData()
        sa.Table("users", metadata, sa.Column("email", sa.String(20)), sa.UniqueConstraint("email", name=name))
        return metadata

    with new_database("mariadb") as url, new_database("mariadb") as other:
        assert len(differences.compare(taken(url, users(ours)), taken(other, users(theirs)))) == count


def test_postgresql_types_defaults_and_expressions(postgresql_url):
    """Types read as SQL has them, serial and identity differ, expression and partial indexes are seen."""
    metadata = sa.MetaData()
    table = sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, sa.Identity(always=True)),
        sa.Column("tags", postgresql.ARRAY(sa.String(9))),
        sa.Column("data", postgresql.JSONB),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("naive", postgresql.TIMESTAMP(precision=3)),
        sa.Column("name", sa.String(collation="C")),
        sa.Column("double", sa.Integer, sa.Computed("number * 2", persisted=True)),
        sa.Column("mood", sa.Enum("ok", "Sad", name="Mood")),
    )
    sa.Index("ix_lower", sa.func.lower(table.c.name), postgresql_where=table.c.id > 3)
    sa.Index("ix_data", table.c.data, postgresql_using="gin")

    result = taken(postgresql_url, metadata)
    columns = result["tables"]["t"]["columns"]

    assert {name: column["type"] for name, column in columns.items()} == {
        "id": "INTEGER",
        "number": "INTEGER",
        "tags": "VARCHAR(9)[]",
        "data": "JSONB",
        "at": "TIMESTAMP WITH TIME ZONE",
        "naive": "TIMESTAMP(3)",
        "name": 'VARCHAR COLLATE "C"',
        "double": "INTEGER",
        "mood": '"Mood"',
    }
    assert (columns["id"]["autoincrement"], columns["id"]["default"]) == (True, None)
    assert columns["number"]["identity"] == "ALWAYS"
    assert columns["double"]["computed"] == "(number * 2)"
    assert result["enums"] == {"Mood": ["ok", "Sad"]}
    assert result["tables"]["t"]["indexes"] == {
        "ix_data": {"unique": False, "definition": "gin (data)"},
        "ix_lower": {"unique": False, "definition": "(lower((name)::text)) WHERE (id > 3)"},
    }


def test_postgresql_enum_labels(postgresql_url):
    """A label that is missing in the database is a difference."""

    def mood(*labels):
        metadata = sa.MetaData()
        sa.Table("t", metadata, sa.Column("mood", sa.Enum(*labels, name="mood")))
        return metadata

    with new_database("postgresql") as other:
        found = differences.compare(taken(postgresql_url, mood("ok", "sad", "new")), taken(other, mood("ok", "sad")))

    assert differences.lines(found) == ["enum mood   models ok, sad, new   database ok, sad"]


def test_postgresql_partitions_and_extensions_are_apart(postgresql_url):
    """Partitions belong to their table; tables that an extension made are listed as such."""
    result = taken(
        postgresql_url,
        sa.MetaData(),
        "CREATE TABLE events (at date) PARTITION BY RANGE (at)",
        "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "CREATE VIEW report AS SELECT 1 AS one",
    )

    assert (list(result["tables"]), result["views"], result["extension_tables"]) == (["events"], ["report"], [])


def test_tables_in_other_schemas(postgresql_url):
    """They are named with their schema, and only those that were asked for are there."""
    engine = engine_for(postgresql_url)
    with engine.begin() as connection:
        for statement in ("CREATE SCHEMA one", "CREATE SCHEMA two", "CREATE TABLE one.t (id int)", "CREATE TABLE two.t (id int)"):
            connection.execute(sa.text(statement))

    with engine.connect() as connection:
        assert list(snapshot.take(connection, schemas=("one",))["tables"]) == ["one.t"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))"),
        ("CREATE TABLE t (x INTEGER DEFAULT 1)", "CREATE TABLE t (x INTEGER DEFAULT '1')"),
        ("CREATE TABLE t (x INTEGER DEFAULT (1))", "CREATE TABLE t (x INTEGER DEFAULT 1)"),
        ("CREATE TABLE t (x INTEGER CHECK (x>0))", 'CREATE TABLE t (x INTEGER, CONSTRAINT c CHECK (( "x">0 )))'),
        ("CREATE TABLE t (x BOOLEAN)", "CREATE TABLE t (x BOOLEAN, CHECK (x IN (0, 1)))"),
        ("CREATE TABLE t (x INTEGER DEFAULT NULL)", "CREATE TABLE t (x INTEGER)"),
        ("CREATE TABLE t (x INTEGER UNIQUE)", "CREATE TABLE t (x INTEGER, UNIQUE (x))"),
    ],
)
def test_sqlite_spellings_of_one_schema(tmp_path, one, other):
    """What means the same to SQLite is the same."""
    first = taken(f"sqlite:///{tmp_path}/one.db", sa.MetaData(), one)

    assert differences.compare(first, taken(f"sqlite:///{tmp_path}/other.db", sa.MetaData(), other)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX ix ON t (lower(x))",
        "CREATE UNIQUE INDEX ux ON t (x) WHERE x > 0",
        "ALTER TABLE t ADD COLUMN y INTEGER",
    ],
)
def test_sqlite_differences_are_seen(tmp_path, statement):
    """Also indexes that SQLAlchemy does not reflect, and without a warning."""
    table = "CREATE TABLE t (x INTEGER)"
    first = taken(f"sqlite:///{tmp_path}/one.db", sa.MetaData(), table)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(differences.compare(first, taken(f"sqlite:///{tmp_path}/other.db", sa.MetaData(), table, statement))) == 1


def test_schema_with_a_percent_sign(postgresql_url):
    """Drivers read a percent sign as the beginning of a parameter."""
    execute(postgresql_url, 'CREATE SCHEMA "100%"', 'CREATE TABLE "100%".users (id INTEGER)')

    with engine_for(postgresql_url).connect() as connection:
        found = snapshot.take(connection, schemas=("100%",))

    assert list(found["tables"]) == ["100%.users"]


def test_space_before_the_brackets_of_a_type(tmp_path):
    """SQLite keeps a type as it was declared: tools write VARCHAR (255), which is SQLAlchemy's VARCHAR(255)."""
    engine = engine_for(f"sqlite:///{tmp_path}/shop.db")
    execute(engine.url, "CREATE TABLE news (id INTEGER NOT NULL, title VARCHAR (255), price NUMERIC (10, 2), PRIMARY KEY (id))")

    with engine.connect() as connection:
        columns = snapshot.take(connection)["tables"]["news"]["columns"]

    assert [columns[name]["type"] for name in ("title", "price")] == ["VARCHAR(255)", "NUMERIC(10, 2)"]
