"""The baseline on each server: types, keys, enums; what it builds is compared by the session itself."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from tests.inside import tools
from tests.servers import engine_for, execute

IMPORTS = """
    import enum
    import sqlalchemy as sa
    from sqlalchemy import func, text
    from sqlalchemy.dialects import mysql, postgresql
"""
CYCLE = """
    class Person(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        team_id = db.Column(db.Integer, db.ForeignKey("team.id"))

    class Team(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        leader_id = db.Column(db.Integer, db.ForeignKey("person.id"))
        deputy_id = db.Column(db.Integer, db.ForeignKey("person.id"))

    class Folder(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        parent_id = db.Column(db.Integer, db.ForeignKey("folder.id"))
"""
PLAIN = """
    class Everything(db.Model):
        __tablename__ = "select"
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), index=True, unique=True, server_default="it's: 5%")
        done = db.Column(db.Boolean, nullable=False, server_default=sa.false())
        price = db.Column(db.Numeric(10, 2), server_default=text("0"))
        kind = db.Column(db.Enum("a", "b", name="kind"))
        at = db.Column(db.DateTime, server_default=func.now())
        double = db.Column(db.Integer, sa.Computed("id * 2", persisted=True)) if URL[:5] != "mysql" else db.Column(db.Integer)
        __table_args__ = (db.UniqueConstraint("kind", "price", name="one_price"), db.CheckConstraint("price >= 0", name="positive"))

    tags = db.Table("tags", db.Column("left", db.ForeignKey("select.id"), primary_key=True), db.Column("right", db.String(9)))
"""
PERCENTS = """
    class Reader(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        email = db.Column(db.String(80))
        share = db.Column(db.String(9), server_default=text("'5%'"))
        __table_args__ = (
            db.CheckConstraint("email LIKE '%@%'", name="has_at"),
            db.Index("ix_at", "email", postgresql_where=text("email LIKE '%@%'"), sqlite_where=text("email LIKE '%@%'")),
        )
"""
POSTGRESQL = """
    class Color(enum.Enum):
        red = 1
        green = 2

    MOOD = sa.Enum("so so", "it's: fine", "100%", name="Mood of the day")

    class Thing(db.Model):
        id = db.Column(postgresql.UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()"))
        color = db.Column(db.Enum(Color), server_default="red", nullable=False)
        mood = db.Column(MOOD)
        moods = db.Column(postgresql.ARRAY(MOOD))
        data = db.Column(postgresql.JSONB, server_default=text("'{}'::jsonb"))
        words = db.Column(postgresql.TSVECTOR)
        names = db.Column(postgresql.ARRAY(db.String(10)))
        email = db.Column(postgresql.CITEXT)
        lower = db.Index("ix_thing_lower", func.lower(email))
        gin = db.Index("ix_thing_words", words, postgresql_using="gin")
        part = db.Index("ix_thing_part", color, postgresql_where=text("mood IS NULL"))

    class Other(db.Model):
        __table_args__ = {"schema": "archive", "comment": "what's left"}
        id = db.Column(db.BigInteger, sa.Identity(start=100), primary_key=True)
        color = db.Column(db.Enum(Color), comment="as in thing")
        thing_id = db.Column(db.ForeignKey("thing.id", ondelete="CASCADE"))
        number = db.Column(db.Integer, sa.Sequence("other_number_seq"))
"""
MYSQL = """
    class Thing(db.Model):
        __table_args__ = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}
        id = db.Column(mysql.BIGINT(unsigned=True), primary_key=True)
        body = db.Column(mysql.LONGTEXT)
        size = db.Column(mysql.TINYINT(unsigned=True), nullable=False, server_default="7")
        state = db.Column(mysql.ENUM("new", "it's"))
        latin = db.Column(mysql.VARCHAR(20, charset="latin1", collation="latin1_swedish_ci"), comment="old")
        at = db.Column(mysql.DATETIME(fsp=6))
        other_id = db.Column(db.ForeignKey("other.id"))

    class Other(db.Model):
        id = db.Column(db.Integer, primary_key=True)
"""


@pytest.fixture
def url(database_url: str) -> str:
    """The database with the driver that the tests have."""
    return database_url.replace("postgresql://", "postgresql+psycopg2://")


@pytest.fixture
def script_folder(tmp_path: Path) -> Iterator[Path]:
    """An Alembic folder that runs revisions without a Flask application."""
    folder = tmp_path / "plain"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(
        "from alembic import context\n"
        "connection = context.config.attributes.get('connection')\n"
        "if connection is None:\n"
        "    context.configure(url=context.config.attributes['url'], literal_binds=True)\n"
        "else:\n"
        "    context.configure(connection=connection)\n"
        "with context.begin_transaction():\n"
        "    context.run_migrations()\n"
    )
    yield folder
    sys.dont_write_bytecode = True


def create_all(root: Path, url: str) -> None:
    """Let the project itself make its tables in the existing database."""
    code = "import app\nwith app.app.app_context():\n    app.db.create_all()\n"
    subprocess.run([tools.PYTHON or sys.executable, "-B", "-c", code], cwd=root, env=tools.environ(EXISTING_URL=url), check=True)


def verified(tmp_path: Path, url: str, models: str) -> dict[str, object]:
    """The facts after the baseline matched models and a database that `create_all()` made."""
    root = tools.shop(tmp_path / "shop", models=IMPORTS.replace("    ", "") + textwrap.dedent(models))
    create_all(root, url)
    heard = tools.hear(root, stamp=False, env={"EXISTING_URL": url})
    facts = heard.one("verified")
    assert (facts["existing"], facts["differences"], facts["offline"]) == ("present", [], False)
    return facts


def test_plain_types(tmp_path: Path, url: str) -> None:
    """Types, defaults, constraints, indexes and names that need quotes, on every server."""
    assert verified(tmp_path, url, PLAIN)["tables"] == 2


def test_percent_signs(tmp_path: Path, url: str) -> None:
    """Drivers want them twice in what they run; a revision has them once."""
    text = verified(tmp_path, url, PERCENTS)["baseline"]["text"]  # type: ignore[index]

    assert "email LIKE '%@%'" in text
    assert "%%" not in text


def test_cyclic_keys(tmp_path: Path, url: str) -> None:
    """Tables that refer to each other: keys are added when both exist, under the names that the server gives them."""
    facts = verified(tmp_path, url, CYCLE)

    text = facts["baseline"]["text"]  # type: ignore[index]
    assert ("op.create_foreign_key" in text) is not url.startswith("sqlite")
    assert facts["tables"] == 3


def test_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    """Enums once and first, arrays of them, schemas, extensions, sequences, partial and functional indexes."""
    url = postgresql_url.replace("postgresql://", "postgresql+psycopg2://")
    execute(url, "CREATE EXTENSION citext", "CREATE SCHEMA archive")

    text = str(verified(tmp_path, url, POSTGRESQL)["baseline"]["text"])  # type: ignore[index]

    for line in (
        "    op.execute('CREATE EXTENSION IF NOT EXISTS citext')\n",
        "    op.execute('CREATE SCHEMA IF NOT EXISTS archive')\n",
        "    op.execute(\"CREATE TYPE color AS ENUM ('red', 'green')\")\n",
        "    op.execute('CREATE SEQUENCE other_number_seq')\n",
        "    op.execute('DROP TYPE color')\n",
    ):
        assert text.count(line) == 1, line
    assert "create_type=False" in text


def test_many_tables(tmp_path: Path, postgresql_url: str) -> None:
    """More than PostgreSQL has locks for: the baseline commits in between, both ways, and the session has run it."""
    models = """
        for number in range(800):
            columns = [db.Column("name%d" % n, db.Text, unique=True) for n in range(3)]
            db.Table("t%d" % number, db.metadata, db.Column("id", db.Integer, primary_key=True), *columns)
    """
    root = tools.shop(tmp_path / "shop", models=textwrap.dedent(models))

    facts = tools.hear(root, env={"EXISTING_URL": postgresql_url.replace("postgresql://", "postgresql+psycopg2://")}).one(
        "verified"
    )

    up, down = facts["baseline"]["text"].split("def downgrade", 1)
    assert facts["tables"] == 800
    assert (up.count("autocommit_block()"), down.count("autocommit_block()")) == (4, 4)


def test_mariadb(tmp_path: Path, mariadb_url: str) -> None:
    """MySQL's own types, character sets and table options."""
    text = str(verified(tmp_path, mariadb_url, MYSQL)["baseline"]["text"])  # type: ignore[index]

    assert "mysql.BIGINT(unsigned=True)" in text
    assert "mysql_charset='utf8mb4'" in text


def test_downgrade_refuses_to_drop_rows(tmp_path: Path, url: str, script_folder: Path) -> None:
    """With one row anywhere nothing is dropped; without rows everything goes."""
    facts = verified(tmp_path, url, CYCLE)
    (script_folder / "versions" / "baseline.py").write_text(facts["baseline"]["text"])  # type: ignore[index]
    config = Config()
    config.set_main_option("script_location", str(script_folder))
    engine = engine_for(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.stamp(config, "head")
        connection.commit()
    execute(url, "INSERT INTO folder (id) VALUES (1)")

    with engine.connect() as connection, pytest.raises(RuntimeError, match="folder holds rows") as stop:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    assert str(stop.value) == "folder holds rows; nothing was dropped"
    assert tables(url) == ["alembic_version", "folder", "person", "team"]
    execute(url, "DELETE FROM folder")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert tables(url) == ["alembic_version"]


def test_sql_preview(tmp_path: Path, postgresql_url: str, script_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--sql` prints both directions without a connection."""
    url = postgresql_url.replace("postgresql://", "postgresql+psycopg2://")
    execute(url, "CREATE EXTENSION citext", "CREATE SCHEMA archive")
    facts = verified(tmp_path, url, POSTGRESQL)
    (script_folder / "versions" / "baseline.py").write_text(facts["baseline"]["text"])  # type: ignore[index]
    config = Config()
    config.set_main_option("script_location", str(script_folder))
    config.attributes["url"] = url

    command.upgrade(config, "head", sql=True)
    up = capsys.readouterr().out
    command.downgrade(config, f"{tools.REVISION}:base", sql=True)
    down = capsys.readouterr().out

    assert up.count("CREATE TYPE color AS ENUM ('red', 'green');") == 1
    assert "'it''s: fine'" in up
    assert "SELECT 1" not in down
    assert "DROP TYPE color;" in down
    execute(url, "DROP SCHEMA public CASCADE", "DROP SCHEMA archive CASCADE", "CREATE SCHEMA public")
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql(up.replace("%", "%%"))
    assert tables(url) == ["alembic_version", "thing"]


def tables(url: str) -> list[str]:
    """The tables of a database's default schema."""
    from sqlalchemy import inspect

    return sorted(inspect(engine_for(url)).get_table_names())


def test_revision_that_does_not_run_is_told(tmp_path: Path, mariadb_url: str) -> None:
    """A model that this server cannot have: the server's own words, nothing written."""
    root = tools.shop(
        tmp_path / "shop",
        models="class Bad(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    name = db.Column(db.String)\n",
    )

    error = tools.hear(root, env={"EXISTING_URL": mariadb_url}).one("error")

    assert error["reason"] == "baseline-does-not-run"
    assert "VARCHAR requires a length" in error["exception"]
