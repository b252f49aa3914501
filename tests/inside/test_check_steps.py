"""CHECK constraints in the second revision: added, dropped and changed, on the servers that can and on SQLite where it can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.inside.test_reconcile import prepared, verified
from tests.servers import new_database

SERVERS = ["postgresql", "mariadb"]
WITH = """
    class Tag(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        size = db.Column(db.Integer)
        __table_args__ = (db.CheckConstraint("size > 0 AND size <> 7", name="ck_size"),)
"""
WITHOUT = """
    class Tag(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        size = db.Column(db.Integer)
"""
PLAIN = "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, size INTEGER)"
CHECKED = "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY, size INTEGER, CONSTRAINT ck_size CHECK (size > 3))"
ROWS = "; INSERT INTO tag (id, size) VALUES (1, 5), (2, 7), (3, NULL)"


def reconciled(folder: Path, dialect: str, models: str, there: str) -> dict[str, Any]:
    """The facts of a run; nothing is left, and both directions were run."""
    with new_database(dialect, folder) as url:
        facts = verified(prepared(folder / "shop", url, models, there), url)
    assert facts.get("not_reconciled") is None
    assert (facts["left"], facts["not_undone"], facts["not_carried"]) == ([], [], "")
    return facts


def upgrade(facts: dict[str, Any]) -> str:
    """What the second revision does."""
    text: str = facts["reconcile"]["text"]
    return text[text.index("def upgrade():") : text.index("def downgrade():")]


@pytest.mark.parametrize("dialect", [*SERVERS, "sqlite"])
def test_a_new_one(tmp_path: Path, dialect: str) -> None:
    """Where every row satisfies it, it is added with the name and the words of the model."""
    facts = reconciled(tmp_path, dialect, WITH, PLAIN + "; INSERT INTO tag (id, size) VALUES (1, 5)")

    assert facts["held"] == []
    assert "create_check_constraint(" in upgrade(facts)
    assert "'size > 0 AND size <> 7')" in upgrade(facts)
    assert "f('ck_size')" in upgrade(facts)


@pytest.mark.parametrize("dialect", [*SERVERS, "sqlite"])
def test_a_new_one_that_rows_do_not_satisfy(tmp_path: Path, dialect: str) -> None:
    """It is held back, with their number; a row without a value satisfies it."""
    facts = reconciled(tmp_path, dialect, WITH, PLAIN + ROWS)

    assert facts["held"] == ["tag ck_size: 1 row does not satisfy it"]


@pytest.mark.parametrize("dialect", [*SERVERS, "sqlite"])
def test_one_that_is_only_there(tmp_path: Path, dialect: str) -> None:
    """Nothing else remembers it, so it is held back."""
    facts = reconciled(tmp_path, dialect, WITHOUT, CHECKED)

    assert facts["held"] == ["tag ck_size: only in the database"]
    assert "drop_constraint(" in upgrade(facts)


@pytest.mark.parametrize("dialect", SERVERS)
def test_one_that_has_changed(tmp_path: Path, dialect: str) -> None:
    """The old one gives way to the new one of its name."""
    facts = reconciled(tmp_path, dialect, WITH, CHECKED)

    assert facts["held"] == []
    assert upgrade(facts).index("drop_constraint") < upgrade(facts).index("create_check_constraint")


@pytest.mark.parametrize("dialect", SERVERS)
def test_beside_a_column_that_is_held_back(tmp_path: Path, dialect: str) -> None:
    """A condition on a column that the revision does not add as it is written waits for that."""
    there = "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO tag (id) VALUES (1)"
    facts = reconciled(tmp_path, dialect, WITH.replace("(db.Integer)", "(db.Integer, nullable=False)"), there)

    assert facts["held"] == [
        "tag.size: 1 row would have no value: give it a server_default",
        "tag ck_size: after what is held back of its table",
    ]


@pytest.mark.parametrize("dialect", SERVERS)
def test_one_without_a_name(tmp_path: Path, dialect: str) -> None:
    """It gets the name that the server gives it in a new database."""
    models = WITH.replace(', name="ck_size"', "")

    assert "create_check_constraint(op.f(" in upgrade(reconciled(tmp_path, dialect, models, PLAIN))


def test_what_a_colon_and_a_percent_sign_are(tmp_path: Path) -> None:
    """They are those of the condition."""
    models = WITH.replace("size > 0 AND size <> 7", "size::text NOT LIKE '1:2%' AND size % 2 = 1")

    assert "LIKE '1" in upgrade(reconciled(tmp_path, "postgresql", models, PLAIN))


def test_in_another_schema(tmp_path: Path) -> None:
    """Table and schema are named apart."""
    models = WITH.replace('name="ck_size"),)', 'name="ck_size"), {"schema": "stock"})')
    there = "CREATE SCHEMA stock; " + PLAIN.replace("TABLE tag", "TABLE stock.tag")

    assert "schema='stock')" in upgrade(reconciled(tmp_path, "postgresql", models, there))
