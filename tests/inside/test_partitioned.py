"""Tables that PostgreSQL keeps in partitions: the baseline makes them so, and a database counts as different that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside import tools
from tests.inside.test_retrofit import driver_url
from tests.servers import engine_for, execute

MODEL = """
    class Event(db.Model):
        __tablename__ = "event"
        {args}
        id = db.Column(db.Integer, primary_key=True, autoincrement=False)
        made = db.Column(db.Date, primary_key={in_key}, nullable=False)
"""
TABLE = "CREATE TABLE event (id integer, made date NOT NULL, PRIMARY KEY (id, made))"
RANGE = " PARTITION BY RANGE (made)"
ROWS = (
    "CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "INSERT INTO event VALUES (1, '2024-02-03')",
)


def test_a_model_that_says_nothing_of_it(tmp_path: Path, postgresql_url: str) -> None:
    """The baseline divides the table as the database does, and names the partitions, which a new database would go without."""
    root = tools.shop(tmp_path / "shop", MODEL.format(args="", in_key=True))
    execute(postgresql_url, TABLE + RANGE, *ROWS)

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(postgresql_url)})

    facts = heard.one("verified")
    assert "    postgresql_partition_by='RANGE (made)'\n" in facts["baseline"]["text"]
    assert facts["differences"] == []
    assert [(one["kind"], one["name"], one["table"]) for one in facts["unbuilt"]] == [("partition", "event_2024", "event")]
    assert facts["unmanaged"] == []
    assert heard.one("stamped")["revision"] == tools.REVISION
    with engine_for(postgresql_url).connect() as connection:
        assert connection.exec_driver_sql("SELECT made::text FROM event").scalars().all() == ["2024-02-03"]


@pytest.mark.parametrize("said", ["RANGE (made)", "RANGE(made)"])
def test_a_model_that_says_it(tmp_path: Path, postgresql_url: str, said: str) -> None:
    """It stays as the model has it."""
    args = f"__table_args__ = {{'postgresql_partition_by': '{said}'}}"
    root = tools.shop(tmp_path / "shop", MODEL.format(args=args, in_key=True))
    execute(postgresql_url, TABLE + RANGE, *ROWS)

    facts = tools.hear(root, env={"EXISTING_URL": driver_url(postgresql_url)}).one("verified")

    assert f"    postgresql_partition_by='{said}'\n" in facts["baseline"]["text"]
    assert facts["differences"] == []


def test_a_model_that_says_it_of_a_plain_table(tmp_path: Path, postgresql_url: str) -> None:
    """The database differs, and is not stamped with a baseline that would divide the table."""
    args = "__table_args__ = {'postgresql_partition_by': 'RANGE (made)'}"
    root = tools.shop(tmp_path / "shop", MODEL.format(args=args, in_key=True))
    execute(postgresql_url, TABLE, ROWS[1])

    facts = tools.hear(root, stamp=False, env={"EXISTING_URL": driver_url(postgresql_url)}).one("verified")

    assert [(one["what"], one["kind"], one["expected"], one["class"], one["rows"]) for one in facts["differences"]] == [
        ("partitioning", "missing", "RANGE (made)", "dangerous", 1)
    ]


def test_reconciling_a_plain_table_that_the_model_divides(tmp_path: Path, postgresql_url: str) -> None:
    """The baseline is the plain table; that no revision divides it is told."""
    args = "__table_args__ = {'postgresql_partition_by': 'RANGE (made)'}"
    root = tools.shop(tmp_path / "shop", MODEL.format(args=args, in_key=True))
    execute(postgresql_url, TABLE, ROWS[1])

    heard = tools.hear(root, on_drift="reconcile", env={"EXISTING_URL": driver_url(postgresql_url)})

    facts = heard.one("verified")
    assert "partition_by" not in facts["baseline"]["text"]
    assert facts["left"] == ["event partitioning   only in the models  RANGE (made)"]
    assert heard.one("stamped")["revision"] == tools.REVISION


def test_a_model_whose_key_does_not_allow_it(tmp_path: Path, postgresql_url: str) -> None:
    """The database differs from the model in its key as well; the baseline of what it is divides the table."""
    root = tools.shop(tmp_path / "shop", MODEL.format(args="", in_key=False))
    execute(postgresql_url, TABLE + RANGE, *ROWS)

    heard = tools.hear(root, on_drift="reconcile", env={"EXISTING_URL": driver_url(postgresql_url)})

    facts = heard.one("verified")
    assert {(one["what"], one["kind"]) for one in facts["differences"]} == {("primary key", "changed"), ("partitioning", "extra")}
    assert "    postgresql_partition_by='RANGE (made)'\n" in facts["baseline"]["text"]
