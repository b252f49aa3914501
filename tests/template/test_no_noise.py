"""`flask db migrate` finds nothing after `flask db upgrade`, whatever the models say, and however the server has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import execute
from tests.template.project import Project

SHOP = """\
import enum
import os
import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, text
from sqlalchemy.dialects import mysql, postgresql

NAMES = {
    "ix": "ix_%%(column_0_label)s",
    "uq": "uq_%%(table_name)s_%%(column_0_name)s",
    "ck": "ck_%%(table_name)s_%%(constraint_name)s",
    "fk": "fk_%%(table_name)s_%%(column_0_name)s_%%(referred_table_name)s",
    "pk": "pk_%%(table_name)s",
}
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
db = SQLAlchemy(app, metadata=sa.MetaData(naming_convention=%(names)s))
migrate = Migrate(app, db)


class State(enum.Enum):
    new = "n"
    paid = "p"

"""
FLAGS = """
class Flag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    on = db.Column(db.Boolean(create_constraint=True, name="on_values"), nullable=False)
    plain = db.Column(db.Boolean)
    state = db.Column(db.Enum(State, name="flag_state"), nullable=False)
    kind = db.Column(db.Enum("a", "b", name="kind", native_enum=False, create_constraint=True))
    level = db.Column(db.Enum("low", "high", name="level", native_enum=False, length=20))
"""
CHECKS = """
class Team(db.Model):
    a = db.Column(db.Integer, primary_key=True)
    b = db.Column(db.Integer, primary_key=True)
    parent_a = db.Column(db.Integer)
    parent_b = db.Column(db.Integer)
    __table_args__ = (db.ForeignKeyConstraint(["parent_a", "parent_b"], ["team.a", "team.b"]),)

class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    team_a = db.Column(db.Integer, index=True)
    team_b = db.Column(db.Integer)
    boss_id = db.Column(db.Integer, db.ForeignKey("person.id", ondelete="SET NULL"))
    friend_id = db.Column(db.Integer, db.ForeignKey("person.id", name="fk_friend", ondelete="CASCADE"), index=True)
    age = db.Column(db.Integer, db.CheckConstraint("age > 0", name="age_positive"))
    name = db.Column(db.String(50), unique=True)
    first = db.Column(db.String(50))
    __table_args__ = (
        db.ForeignKeyConstraint(["team_a", "team_b"], ["team.a", "team.b"], name="fk_team", onupdate="CASCADE"),
        db.UniqueConstraint("first", "age"),
        db.UniqueConstraint("first", "team_a", name="uq_first_team"),
        db.CheckConstraint("age < 200", name="age_possible"),
        %s
        db.Index("ix_teams", "team_a", "team_b"),
        db.Index("ix_once", "name", "age", unique=True),
        db.Index("ix_newest", sa.desc("age")),
    )

membership = db.Table(
    "membership",
    db.Column("person_id", db.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    db.Column("other_id", db.ForeignKey("person.id"), primary_key=True),
)
"""
TYPES = """
class Everything(db.Model):
    __table_args__ = {"comment": "all of it, 100%"}
    id = db.Column(db.BigInteger().with_variant(db.Integer, "sqlite"), primary_key=True)
    small = db.Column(db.SmallInteger, nullable=False)
    price = db.Column(db.Numeric(10, 2), comment="it's gross")
    rate = db.Column(db.Numeric)
    ratio = db.Column(db.Float)
    exact = db.Column(db.Float(53))
    body = db.Column(db.Text)
    long = db.Column(db.Text(100000).with_variant(db.Text(), "postgresql"))
    huge = db.Column(db.Text(4294000000).with_variant(db.Text(), "postgresql"))
    raw = db.Column(db.LargeBinary)
    sized = db.Column(db.LargeBinary(500))
    data = db.Column(db.JSON)
    day = db.Column(db.Date)
    hour = db.Column(db.Time)
    at = db.Column(db.DateTime)
    at_zone = db.Column(db.DateTime(timezone=True))
    span = db.Column(db.Interval)
    key = db.Column(sa.Uuid)
    label = db.Column(db.Unicode(20))
    words = db.Column(db.UnicodeText)
    pickled = db.Column(db.PickleType)

    own = db.Column(db.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb").with_variant(postgresql.JSONB(), "postgresql"))
    list = db.Column(db.JSON().with_variant(postgresql.ARRAY(db.String(20)), "postgresql"))
    rest = db.Column(postgresql.JSONB(none_as_null=True).with_variant(db.JSON(), "sqlite", "mysql", "mariadb"))
    single = db.Column(db.Float(10))
    flag = db.Column(db.Integer().with_variant(mysql.TINYINT(1), "mysql", "mariadb"))
    bits = db.Column(db.BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql", "mariadb"))
"""
DEFAULTS = """
class Order(db.Model):
    __tablename__ = "order"
    id = db.Column(db.Integer, primary_key=True)
    state = db.Column(db.Enum(State, name="order_state"), server_default="new", nullable=False)
    count = db.Column(db.Integer, server_default="0", nullable=False)
    number = db.Column(db.Integer, server_default=text("1"))
    price = db.Column(db.Numeric(10, 2), server_default="0")
    word = db.Column(db.String(20), server_default="it's")
    empty = db.Column(db.String(20), server_default="")
    on = db.Column(db.Boolean, server_default=sa.false(), nullable=False)
    off = db.Column(db.Boolean, server_default=sa.text("true"))
    made = db.Column(db.DateTime, server_default=func.now(), nullable=False)
    changed = db.Column(db.DateTime, server_default=func.current_timestamp())
    void = db.Column(db.Integer, server_default=text("NULL"))
"""
POSTGRESQL = """
class Own(db.Model):
    id = db.Column(sa.Uuid, primary_key=True, server_default=text("gen_random_uuid()"))
    number = db.Column(db.BigInteger, sa.Identity(), nullable=False)
    tags = db.Column(postgresql.ARRAY(db.String(20)), server_default="{}")
    data = db.Column(postgresql.JSONB, server_default=text("'{}'::jsonb"), nullable=False)
    states = db.Column(postgresql.ARRAY(db.Enum(State, name="own_state")))
    where = db.Column(postgresql.INET)
    span = db.Column(postgresql.TSTZRANGE)
    found = db.Column(postgresql.TSVECTOR)
    name = db.Column(db.String(50, collation="C"))
    amount = db.Column(db.Integer)
    double = db.Column(db.Integer, sa.Computed("amount * 2"))
    deleted = db.Column(db.DateTime(timezone=True))
    __table_args__ = (
        db.Index("ix_alive", "name", unique=True, postgresql_where=text("deleted IS NULL")),
        db.Index("ix_data", "data", postgresql_using="gin"),
        db.Index("ix_lower", func.lower(name)),
        db.Index("ix_last", sa.desc("deleted"), sa.asc("name")),
        db.Index("ix_nulls", deleted.desc().nulls_last()),
        db.Index("ix_pattern", "name", postgresql_ops={"name": "varchar_pattern_ops"}),
        db.Index("ix_more", "amount", postgresql_include=["name"]),
        postgresql.ExcludeConstraint(("span", "&&"), name="ex_span"),
        db.UniqueConstraint("amount", name="uq_amount", deferrable=True, initially="DEFERRED"),
    )
"""


def changes_after_upgrade(project: Project, models: str, names: bool) -> str:
    """What a second `flask db migrate` says after the first one and an upgrade."""
    project.write("shop.py", SHOP % {"names": "NAMES" if names else "None"} + models)
    project.flask("db", "migrate", "-m", "all")
    project.flask("db", "upgrade")
    return project.flask("db", "migrate", "-m", "again")


@pytest.mark.parametrize("names", [False, True], ids=["server's names", "naming convention"])
def test_nothing_is_found_after_an_upgrade(database_url: str, tmp_path: Path, names: bool):
    """Flags, enums, keys, checks, types and defaults are in the database as the models say."""
    project = Project(tmp_path / "project", database_url)
    unnamed = "" if names else "db.CheckConstraint(\"first <> ''\"),"  # such a convention demands a name
    models = FLAGS + CHECKS % unnamed + TYPES + DEFAULTS
    if database_url.startswith("postgresql"):
        models += POSTGRESQL

    said = changes_after_upgrade(project, models, names)

    assert "No changes in schema detected." in said, said
    assert len(project.revisions()) == 1


ORDERS = """

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("users.id"))
"""


def test_a_foreign_key_under_another_name(database_url: str, tmp_path: Path) -> None:
    """A name that the models do not give says nothing, nor does that of the index which MariaDB has made for the key."""
    project = Project(tmp_path / "project", database_url)
    project.flask("db", "migrate", "-m", "users")
    project.flask("db", "upgrade")
    quoted = '"order"' if not database_url.startswith("mysql") else "`order`"
    counts = {"postgresql": "SERIAL", "sqlite": "INTEGER NOT NULL"}
    number = counts.get(database_url.partition(":")[0], "INTEGER NOT NULL AUTO_INCREMENT")
    execute(
        database_url,
        f"CREATE TABLE {quoted} (id {number}, user_id INTEGER, PRIMARY KEY (id),"
        " CONSTRAINT by_hand FOREIGN KEY (user_id) REFERENCES users (id))",
    )
    project.add(ORDERS)

    assert "No changes in schema detected" in project.flask("db", "migrate", "-m", "orders")


def test_a_naming_convention_that_came_later(database_url: str, tmp_path: Path) -> None:
    """Its names are in a revision, which runs on a new database too: its first revision, which says no names, gives them."""
    project = Project(tmp_path / "project", database_url)
    project.add(ORDERS)
    project.flask("db", "migrate", "-m", "all")
    project.flask("db", "upgrade")
    names = "{'fk': 'fk_%(table_name)s_%(column_0_name)s', 'pk': 'pk_%(table_name)s'}"
    shop = (project.folder / "shop.py").read_text()
    shop = shop.replace("SQLAlchemy(app)", f"SQLAlchemy(app, metadata=MetaData(naming_convention={names}))")
    project.write("shop.py", "from sqlalchemy import MetaData\n" + shop)

    project.flask("db", "migrate", "-m", "named")
    project.flask("db", "upgrade")

    assert "No changes in schema detected" in project.flask("db", "migrate", "-m", "again")
    project.adopt("check")
