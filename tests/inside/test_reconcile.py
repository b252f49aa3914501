"""A database that differs: the baseline is what it is, a second revision carries it to the models, and both are proven."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.inside import tools
from tests.servers import engine_for, new_database

MODELS = """
    class Customer(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        email = db.Column(db.String(120), nullable=False, unique=True)
        phone = db.Column(db.String(20))
        orders = db.relationship("Order")


    class Order(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        customer_id = db.Column(db.ForeignKey("customer.id"), nullable=False)
        note = db.Column(db.String(200))


    class Voucher(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        code = db.Column(db.String(20), nullable=False)
"""
# nickname is only there, phone and voucher are not; email is shorter and may be null, note may be longer from now on
THERE = """
    CREATE TABLE customer (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(80), nickname VARCHAR(30), UNIQUE (email));
    CREATE TABLE "order" (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL, note VARCHAR(100),
        FOREIGN KEY (customer_id) REFERENCES customer (id));
    INSERT INTO customer (id, email, nickname) VALUES (1, 'ada@example.com', 'ada'), (2, NULL, NULL);
    INSERT INTO "order" (id, customer_id, note) VALUES (1, 1, 'x')
"""


def prepared(root: Path, url: str, models: str = MODELS, there: str = THERE) -> Path:
    """A project with these models, and the database at `url` made by these statements."""
    engine = engine_for(url)
    with engine.begin() as connection:
        for statement in there.split(";"):
            connection.execute(text(spelled(statement, engine.dialect.name)))
    return tools.shop(root, models)


def spelled(statement: str, dialect: str) -> str:
    """The statement as the dialect has it: what counts up by itself, and quotes."""
    if dialect == "postgresql":
        return statement.replace("id INTEGER NOT NULL PRIMARY KEY", "id SERIAL PRIMARY KEY")
    if dialect in ("mysql", "mariadb"):
        return statement.replace("NOT NULL PRIMARY KEY", "NOT NULL PRIMARY KEY AUTO_INCREMENT").replace('"', "`")
    return statement


def verified(root: Path, url: str) -> dict[str, Any]:
    """The facts of a run that stamps."""
    heard = tools.hear(root, on_drift="reconcile", stamp=False, env={"EXISTING_URL": url})
    return heard.one("verified")


def test_both_directions_of_drift(tmp_path: Path, database_url: str) -> None:
    """What needs no decision is in the second revision, what would lose or refuse something is commented out with its rows."""
    facts = verified(prepared(tmp_path / "shop", database_url), database_url)

    assert facts.get("not_reconciled") is None
    assert facts["held"] == ["customer.email: 1 row without a value", "customer.nickname: 1 row with a value in it"]


CASES = {
    "a unique constraint only there": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(20))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), CONSTRAINT uq_name UNIQUE (name))",
        ["tag uq_name: only in the database"],
    ),
    "an index only there": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(20))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); CREATE INDEX ix_name ON tag (name)",
        ["tag ix_name: only in the database"],
    ),
    "a new column that may not be null, with rows": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        name = db.Column(db.String(20), nullable=False)\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO tag (id) VALUES (1), (2)",
        ["tag.name: 2 rows would have no value: give it a server_default"],
    ),
    "the same without rows": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        name = db.Column(db.String(20), nullable=False)\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY)",
        [],
    ),
    "unique, where rows repeat": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        name = db.Column(db.String(20))\n        __table_args__ = (db.UniqueConstraint('name', name='uq_name'),)\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20));"
        " INSERT INTO tag (id, name) VALUES (1, 'x'), (2, 'x')",
        ["tag uq_name: 1 value stands in several rows"],
    ),
    "a shorter text": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(10))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); INSERT INTO tag VALUES (1, 'twelve marks')",
        ["tag.name: 1 row with a value that does not fit"],
    ),
    "a shorter text, which every row fits": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(10))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); INSERT INTO tag VALUES (1, 'ten marks')",
        [],
    ),
    "a default only there": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(20))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) DEFAULT 'new')",
        ["tag.name: its default is only in the database"],
    ),
    "a longer text whose default is only there": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(80))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) DEFAULT 'new'); INSERT INTO tag (id) VALUES (1)",
        ["tag.name: its default is only in the database"],
    ),
    "a column under another name": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        label = db.Column(db.String(20))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); INSERT INTO tag VALUES (1, 'x')",
        ["tag.name: 1 row with a value in it; renamed to label?"],
    ),
    "an index under another name": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        name = db.Column(db.String(20), index=True)\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); CREATE INDEX idx_name ON tag (name)",
        [],
    ),
    "unique under another name": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        name = db.Column(db.String(20))\n        __table_args__ = (db.UniqueConstraint('name', name='uq_name'),)\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), CONSTRAINT other UNIQUE (name));"
        " INSERT INTO tag (id, name) VALUES (1, 'x'), (2, NULL)",
        [],
    ),
    "a foreign key only in the models": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "    class Post(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        tag_id = db.Column(db.Integer, db.ForeignKey('tag.id', name='fk_tag'))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY); CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, tag_id INTEGER)",
        [],
    ),
    "a foreign key only in the models, and rows without what they refer to": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "    class Post(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        tag_id = db.Column(db.Integer, db.ForeignKey('tag.id', name='fk_tag'))\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY); CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, tag_id INTEGER);"
        " INSERT INTO tag VALUES (1); INSERT INTO post VALUES (1, 1), (2, 7), (3, NULL)",
        ["post fk_tag: 1 row to what is not there"],
    ),
    "the same, and the other table is new": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "    class Post(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        tag_id = db.Column(db.Integer, db.ForeignKey('tag.id', name='fk_tag'))\n",
        "CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, tag_id INTEGER); INSERT INTO post VALUES (1, 1), (3, NULL)",
        ["post fk_tag: 1 row with a value, and the table is new"],
    ),
    "a table that is new, with an index on its foreign key": (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "    class Post(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        tag_id = db.Column(db.Integer, db.ForeignKey('tag.id'), index=True)\n",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY)",
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_kinds_of_drift(case: str, tmp_path: Path, database_url: str) -> None:
    """Each by itself, on every server: proven, and held back where rows or somebody's index are at stake."""
    models, there, held = CASES[case]

    facts = verified(prepared(tmp_path / "shop", database_url, models, there), database_url)

    assert (facts.get("not_reconciled"), facts["left"], facts["held"]) == (None, [], held)


@pytest.mark.parametrize("rows", ["", "; INSERT INTO tag (id) VALUES (1)"], ids=["no rows", "rows"])
def test_another_kind_of_type_under_a_default_only_there(rows: str, tmp_path: Path, database_url: str) -> None:
    """The default would be no value of the new type: the type waits for somebody to decide on it."""
    models = "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        n = db.Column(db.Integer)\n"
    there = "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, n VARCHAR(20) DEFAULT '7')"

    facts = verified(prepared(tmp_path / "shop", database_url, models, there + rows), database_url)

    only_there = ["tag.n: 1 row with a value of the old type" if rows else "tag.n: its default is only in the database"]
    if database_url.startswith("postgresql"):
        only_there = [
            "tag.n: its default is only in the database",
            "tag.n: its default, which is only in the database, has to go first",
        ]
    assert (facts.get("not_reconciled"), facts["not_carried"], facts["left"], facts["held"]) == (None, "", [], only_there)


def test_a_renamed_column_says_how_to_keep_its_values(tmp_path: Path) -> None:
    """The column that goes has the statement above it that keeps its values in the one that comes."""
    url = f"sqlite:///{tmp_path}/tags.db"
    models, there, _ = CASES["a column under another name"]

    facts = verified(prepared(tmp_path / "shop", url, models, there), url)

    assert facts["reconcile"]["text"].partition("def upgrade():\n")[2].partition("\n\n\ndef")[0] == (
        "    with op.batch_alter_table('tag', schema=None) as batch_op:\n"
        "        batch_op.add_column(sa.Column('label', sa.String(length=20), nullable=True))\n"
        "\n"
        "    # tag.name: 1 row with a value in it; renamed to label?\n"
        "    # if so, keep the values:  op.execute('UPDATE tag SET label = name')\n"
        "    # with op.batch_alter_table('tag', schema=None) as batch_op:\n"
        "    #     batch_op.drop_column('name')"
    )


def test_what_no_revision_carries_over(tmp_path: Path) -> None:
    """AUTOINCREMENT of SQLite: the baseline has it, and it stays when the table is made anew; that is told."""
    url = f"sqlite:///{tmp_path}/tags.db"
    models = "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"

    facts = verified(prepared(tmp_path / "shop", url, models, "CREATE TABLE tag (id INTEGER PRIMARY KEY AUTOINCREMENT)"), url)

    assert (facts.get("not_reconciled"), facts["not_undone"], facts["held"]) == (None, [], [])
    assert facts["left"] == ["tag.id   models no autoincrement   database autoincrement"]
    assert "sqlite_autoincrement=True" in facts["baseline"]["text"]


def test_a_change_that_the_server_refuses(tmp_path: Path) -> None:
    """PostgreSQL makes no timestamp of a truth value: the baseline stands, and the rest is left to the team."""
    with new_database("postgresql") as url:
        models = (
            "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        at = db.Column(db.DateTime)\n"
        )
        there = "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, at BOOLEAN)"

        facts = verified(prepared(tmp_path / "shop", url, models, there), url)

    assert (facts["is_reconciled"], facts["reconcile"]) == (True, None)
    assert "cannot cast type boolean to timestamp" in facts["not_carried"]
    assert facts["left"] == ["tag.at   models TIMESTAMP   database BOOLEAN"]


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
@pytest.mark.parametrize(
    "rows", ["", "; INSERT INTO tag (id) VALUES (1); INSERT INTO post (id, tag_id) VALUES (1, 1)"], ids=["no rows", "rows"]
)
def test_another_type_under_a_foreign_key_only_there(rows: str, dialect: str, tmp_path: Path) -> None:
    """A server changes the type only without the foreign key, which is kept until somebody decides: so both are held back."""
    models = (
        "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "    class Post(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
        "        tag_id = db.Column(db.String(20))\n"
    )
    there = (
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY); CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, tag_id INTEGER,"
        " CONSTRAINT fk_tag FOREIGN KEY (tag_id) REFERENCES tag (id))"
    )
    with new_database(dialect) as url:
        facts = verified(prepared(tmp_path / "shop", url, models, there + rows), url)

    assert (facts["is_reconciled"], facts["not_carried"], facts["left"]) == (True, "", [])
    assert facts["held"] == [
        "post fk_tag: only in the database",
        *(["post fk_tag: the index of that foreign key"] if dialect == "mariadb" else []),
        "post.tag_id: its foreign key, which is only in the database, has to go first",
    ]


TAG = "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n        name = db.Column(db.String(20))\n"
UNUSUAL = {
    "an index on an expression, as in the models": (
        "sqlite",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); CREATE UNIQUE INDEX ix_low ON tag (lower(name))",
        TAG + "        new = db.Column(db.Integer)\n"
        "        __table_args__ = (db.Index('ix_low', db.text('lower(name)'), unique=True),)\n",
        [],
    ),
    "an index on an expression, as in the models of PostgreSQL": (
        "postgresql",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); CREATE UNIQUE INDEX ix_low ON tag (lower(name))",
        TAG + "        new = db.Column(db.Integer)\n"
        "        __table_args__ = (db.Index('ix_low', db.text('lower(name)'), unique=True),)\n",
        [],
    ),
    "an index on an expression, only there": (
        "postgresql",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20)); CREATE INDEX ix_low ON tag (lower(name))",
        TAG,
        ["tag ix_low: only in the database"],
    ),
    "an index with an order and an operator class": (
        "postgresql",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20));"
        " CREATE INDEX ix ON tag (name text_pattern_ops DESC) WHERE name IS NOT NULL",
        TAG,
        ["tag ix: only in the database"],
    ),
    "a column that counts by a sequence": (
        "postgresql",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), number SERIAL); INSERT INTO tag (name) VALUES ('x')",
        TAG,
        ["tag.number: 1 row with a value in it"],
    ),
    "an exclusion constraint": (
        "postgresql",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), r int4range, EXCLUDE USING gist (r WITH &&))",
        TAG,
        ["tag.r: only in the database"],
    ),
    "a comment on a constraint": (
        "postgresql",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), n INTEGER, CONSTRAINT ck CHECK (id > 0));"
        " COMMENT ON CONSTRAINT ck ON tag IS 'it''s why'",
        TAG + "        __table_args__ = (db.CheckConstraint('id > 0', name='ck', comment=\"it's why\"),)\n",
        ["tag.n: only in the database"],
    ),
    "an index on the beginning of a text": (
        "mariadb",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), c VARCHAR(300), KEY pre (c(20)))",
        TAG,
        ["tag pre: only in the database", "tag.c: only in the database"],
    ),
    "an index of its own on a foreign key": (
        "mariadb",
        "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), tag_id INTEGER, n INTEGER,"
        " CONSTRAINT fk_tag FOREIGN KEY (tag_id) REFERENCES tag (id), KEY own (tag_id))",
        TAG + "        tag_id = db.Column(db.ForeignKey('tag.id', name='fk_tag'))\n"
        "        __table_args__ = (db.Index('own', 'tag_id'),)\n",
        ["tag.n: only in the database"],
    ),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_what_tables_do_not_show(case: str, tmp_path: Path) -> None:
    """Indexes, sequences and constraints that SQLAlchemy has no words for are in the baseline all the same."""
    dialect, there, models, held = UNUSUAL[case]
    with new_database(dialect, tmp_path) as url:
        facts = verified(prepared(tmp_path / "shop", url, models, there), url)

    assert (facts.get("not_reconciled"), facts["not_carried"], facts["left"], facts["held"]) == (None, "", [], held)


ENUM_MODEL = """
    class Tag(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        mood = db.Column(db.Enum({labels}, name="mood"))
"""
ENUMS = {
    "a new label": (
        '"ok", "new", "bad"',
        "CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE TABLE tag (id SERIAL PRIMARY KEY, mood mood)",
        [],
        ["enum mood   before ok, bad   after the downgrade ok, new, bad"],
    ),
    "a new label at either end": (
        '"first", "ok", "it\'s new"',
        "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE tag (id SERIAL PRIMARY KEY, mood mood)",
        [],
        ["enum mood   before ok   after the downgrade first, ok, it's new"],
    ),
    "a label only there, which a row has": (
        '"ok"',
        "CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE TABLE tag (id SERIAL PRIMARY KEY, mood mood);"
        " INSERT INTO tag VALUES (1, 'bad'), (2, 'ok')",
        ["mood: 1 row with 'bad'"],
        [],
    ),
    "a label only there": (
        '"ok"',
        "CREATE TYPE mood AS ENUM ('bad', 'ok'); CREATE TABLE tag (id SERIAL PRIMARY KEY, mood mood DEFAULT 'ok')",
        ["mood: 'bad' is only in the database", "tag.mood: its default is only in the database"],
        [],
    ),
    "labels in another order, with an array of them": (
        '"ok", "bad"',
        "CREATE TYPE mood AS ENUM ('bad', 'ok'); CREATE TABLE tag (id SERIAL PRIMARY KEY, mood mood, many mood[]);"
        " INSERT INTO tag VALUES (1, 'ok', '{ok,bad}')",
        ["tag.many: 1 row with a value in it"],
        [],
    ),
    "a column that is missing, with its type": ('"ok"', "CREATE TABLE tag (id SERIAL PRIMARY KEY)", [], []),
    "a text that becomes an enum": (
        '"ok"',
        "CREATE TABLE tag (id SERIAL PRIMARY KEY, mood VARCHAR(10)); INSERT INTO tag VALUES (1, 'ok')",
        ["tag.mood: 1 row with a value of the old type"],
        [],
    ),
    "a table that differs elsewhere": (
        '"ok"',
        "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE tag (id SERIAL PRIMARY KEY, mood mood, n INTEGER)",
        ["tag.n: only in the database"],
        [],
    ),
}


@pytest.mark.parametrize("case", ENUMS)
def test_enum_types_of_postgresql(case: str, tmp_path: Path) -> None:
    """Labels are compared and carried over, types are made once, and a label that goes is a decision."""
    labels, there, held, not_undone = ENUMS[case]
    with new_database("postgresql") as url:
        facts = verified(prepared(tmp_path / "shop", url, ENUM_MODEL.format(labels=labels), there), url)

    assert (facts.get("not_reconciled"), facts["not_carried"], facts["left"]) == (None, "", [])
    assert (facts["held"], facts["not_undone"]) == (held, not_undone)


def test_the_existing_database_is_only_read(tmp_path: Path) -> None:
    """File and schema are what they were, byte for byte, while both revisions are made and proven."""
    url = f"sqlite:///{tmp_path}/customers.db"
    root = prepared(tmp_path / "shop", url)
    before = (tmp_path / "customers.db").read_bytes()

    verified(root, url)

    assert (tmp_path / "customers.db").read_bytes() == before


def test_a_difference_that_alembic_does_not_see(tmp_path: Path) -> None:
    """A CHECK that only the database has: no second revision is made of nothing, and what is left to do by hand is told."""
    url = f"sqlite:///{tmp_path}/tags.db"
    models = "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"

    facts = verified(
        prepared(tmp_path / "shop", url, models, "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY CHECK (id > 9))"), url
    )

    assert (facts.get("not_reconciled"), facts["reconcile"]) == (None, None)
    assert facts["left"] == ["tag check   only in the database  id > 9"]
    assert "sa.CheckConstraint('id > 9')" in facts["baseline"]["text"]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mariadb"])
def test_keys_in_another_order_and_options_that_differ(tmp_path: Path, dialect: str) -> None:
    """The baseline keeps the order of a composite key and the options of a table; both stamp."""
    models = (
        "    class Seat(db.Model):\n        hall = db.Column(db.Integer, primary_key=True)\n"
        "        row = db.Column(db.Integer, primary_key=True, autoincrement=%s)\n        name = db.Column(db.String(9))\n"
    )
    options = {"sqlite": " WITHOUT ROWID", "postgresql": " WITH (fillfactor=70)", "mariadb": " CHARSET=latin1"}
    columns = "CREATE TABLE seat (hall INTEGER NOT NULL, row INTEGER NOT NULL, name VARCHAR(9), PRIMARY KEY (row, hall))"
    quoted = columns.replace("row", "`row`") if dialect == "mariadb" else columns
    with new_database(dialect, tmp_path) as url:
        facts = verified(prepared(tmp_path / "shop", url, models % "False", quoted + options[dialect]), url)

    assert facts.get("not_reconciled") is None
    assert "sa.PrimaryKeyConstraint('row', 'hall'" in facts["baseline"]["text"]
