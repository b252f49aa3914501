"""Rows that are made up for a scratch database."""

from __future__ import annotations

import sqlalchemy as sa

from adopt.rows import made_up
from adopt.schema import snapshot
from tests.servers import engine_for

EVERY = {
    "state": sa.Enum("new", "old", name="state", create_constraint=True),
    "name": sa.String(80),
    "code": sa.CHAR(2),
    "letter": sa.String(1),
    "long": sa.Text(),
    "raw": sa.LargeBinary(),
    "small": sa.SmallInteger(),
    "big": sa.BigInteger(),
    "price": sa.Numeric(5, 2),
    "part": sa.Numeric(2, 2),
    "rate": sa.Float(),
    "yes": sa.Boolean(create_constraint=True, name="is_yes"),
    "day": sa.Date(),
    "at": sa.DateTime(),
    "when": sa.Time(),
    "data": sa.JSON(),
    "key": sa.Uuid(),
    "lasts": sa.Interval(),
    "order": sa.Integer(),
}


def made(url: str, metadata: sa.MetaData, number: int, *more: str) -> tuple[dict, dict]:
    """(what is said of each table, how many rows each has)"""
    metadata.create_all(engine_for(url))
    with engine_for(url).connect() as connection, connection.begin():
        for statement in more:
            connection.execute(sa.text(statement))
        said = made_up.fill(connection, snapshot.take(connection), number)
    with engine_for(url).connect() as connection:
        return said, {name: connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[name])) for name in said}


def test_every_type(database_url):
    """Each column has a value of its type, also where its name is a word of SQL."""
    metadata = sa.MetaData()
    columns = [sa.Column(name, type_, nullable=False) for name, type_ in EVERY.items()]
    table = sa.Table("group", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)

    said, counts = made(database_url, metadata, 20)

    assert said == {"group": (20, "")}
    assert counts == {"group": 20}
    with engine_for(database_url).connect() as connection:
        row = connection.execute(sa.select(table).order_by(table.c.id)).first()
    assert row.state in ("new", "old")
    assert len(row.code) == 2
    assert row.data == {}


def test_types_of_postgresql(postgresql_url):
    """Those that other servers have not; a domain has the values of its type."""
    kinds = ["INTEGER[]", "JSONB", "INET", "CIDR", "TSVECTOR", "INT4RANGE", "BYTEA", "TIMESTAMPTZ", "TIMETZ", "MONEY"]
    kinds += ["VARCHAR", "POSITIVE"]
    columns = ", ".join(f'"{kind}" {kind} NOT NULL' for kind in kinds)

    with engine_for(postgresql_url).connect() as connection, connection.begin():
        connection.execute(sa.text("CREATE DOMAIN positive AS integer CHECK (VALUE >= 0)"))
        connection.execute(sa.text(f"CREATE TABLE things (id integer GENERATED ALWAYS AS IDENTITY, {columns})"))
        said = made_up.fill(connection, snapshot.take(connection), 5)

    assert said == {"things": (5, "")}


def test_keys_and_conditions(database_url):
    """Unique values differ, references lead to rows that are there, conditions hold."""
    metadata = sa.MetaData()
    sa.Table(
        "a_child",
        metadata,
        sa.Column("parent", sa.ForeignKey("parent.id"), primary_key=True),
        sa.Column("other", sa.ForeignKey("parent.id"), primary_key=True),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.CheckConstraint("kind IN ('cat', 'dog')", name="known"),
    )
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(20), unique=True, nullable=False),
        sa.Column("age", sa.Integer, nullable=False),
        sa.Column("above", sa.ForeignKey("parent.id")),
        sa.CheckConstraint("age >= 18 AND age < 100", name="grown"),
        sa.CheckConstraint("email <> ''", name="given"),
    )

    said, counts = made(database_url, metadata, 250)

    assert said == {"parent": (250, ""), "a_child": (250, "")}
    assert counts == {"parent": 250, "a_child": 250}


def test_fewer_rows_than_were_asked_for(database_url):
    """There are two labels, and each may stand once; the reason is the server's."""
    metadata = sa.MetaData()
    sa.Table("states", metadata, sa.Column("name", sa.Enum("new", "old", name="state", create_constraint=True), primary_key=True))
    sa.Table("uses", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.ForeignKey("states.name")))

    said, counts = made(database_url, metadata, 10)

    assert counts == {"states": 2, "uses": 10}
    assert said["states"][0] == 2
    assert said["states"][1]
    assert said["uses"] == (10, "")


def test_tables_that_refer_to_each_other(postgresql_url):
    """The one that may do without the other is filled first."""
    metadata = sa.MetaData()
    sa.Table(
        "a",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("b", sa.ForeignKey("b.id", use_alter=True, name="to_b"), nullable=False),
    )
    sa.Table("b", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.ForeignKey("a.id")))

    said, _ = made(postgresql_url, metadata, 3)

    assert said == {"b": (3, ""), "a": (3, "")}


def test_rows_that_are_there(database_url):
    """A revision has made some; more are made beside them, without a key twice."""
    metadata = sa.MetaData()
    sa.Table("roles", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("name", sa.String(9)))

    said, counts = made(database_url, metadata, 3, "INSERT INTO roles (id, name) VALUES (0, 'admin'), (1, 'user')")

    assert said == {"roles": (5, "")}
    assert counts == {"roles": 5}


def test_schema(postgresql_url):
    """A table outside of the default schema is filled, too."""
    metadata = sa.MetaData()
    sa.Table("things", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="other")
    with engine_for(postgresql_url).connect() as connection, connection.begin():
        connection.execute(sa.text("CREATE SCHEMA other"))
        metadata.create_all(connection)
        said = made_up.fill(connection, snapshot.take(connection, schemas=("other",)), 3)

    assert said == {"other.things": (3, "")}
