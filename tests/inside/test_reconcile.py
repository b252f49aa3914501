"""A database that differs: the baseline is what it is, a second revision carries it to the models, and both are proven."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.inside import tools
from tests.servers import engine_for

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
    print(facts["baseline"]["text"], facts["reconcile"]["text"])
