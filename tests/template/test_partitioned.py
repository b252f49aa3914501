"""Whether a table is partitioned is a part of its schema, on PostgreSQL; which partitions there are is not."""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers import execute
from tests.template.states import History, stamped

COLUMNS = "sa.Column('id', sa.Integer, primary_key=True, autoincrement=False), sa.Column('made', sa.Date, primary_key=True)"
PLAIN = f"op.create_table('events', {COLUMNS})"
DIVIDED = f"op.create_table('events', {COLUMNS}, postgresql_partition_by='RANGE (made)')"
TABLE = "CREATE TABLE events (id integer NOT NULL, made date NOT NULL, PRIMARY KEY (id, made))"
PARTITION = "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
ROW = "INSERT INTO events VALUES (1, '2024-02-03')"


def verdict(shop: History, *, expect: int) -> dict:
    return json.loads(shop.adopt("status", "--json", expect=expect))["databases"][0]


def test_a_partitioned_table_of_a_revision(postgresql_url: str, tmp_path: Path):
    """It is that revision's, however many partitions it has; those that no revision makes are named."""
    shop = History(tmp_path / "shop", postgresql_url, {"first": DIVIDED})
    execute(postgresql_url, TABLE + " PARTITION BY RANGE (made)", PARTITION, ROW)

    found = verdict(shop, expect=3)
    assert (found["state"], found["revision"], found["unmanaged"]) == ("unstamped", "first", [])
    bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'events_2024'::regclass"
    assert found["unbuilt"] == [{"kind": "partition", "name": "events_2024", "table": "events", "definition": bounds}]
    assert f"unbuilt   1 partition: events_2024 on events   {bounds}\n" in shop.adopt()
    assert stamped(postgresql_url) == ["first"]


def test_a_partitioned_table_where_the_revision_makes_a_plain_one(postgresql_url: str, tmp_path: Path):
    """The two are not the same: nothing is stamped, and what to say is told."""
    shop = History(tmp_path / "shop", postgresql_url, {"first": PLAIN})
    execute(postgresql_url, TABLE + " PARTITION BY RANGE (made)", PARTITION, ROW)

    found = verdict(shop, expect=1)
    assert found["state"] == "drifted"
    assert [(one["what"], one["kind"], one["actual"], one["class"], one["advice"]) for one in found["differences"]] == [
        (
            "partitioning",
            "extra",
            "RANGE (made)",
            "database-ahead",
            "Say postgresql_partition_by='RANGE (made)' where the revision makes the table, and in __table_args__ of the model.",
        )
    ]
    shop.adopt(expect=1)
    assert stamped(postgresql_url) is None


def test_a_plain_table_where_the_revision_makes_a_partitioned_one(postgresql_url: str, tmp_path: Path):
    """The rows that would have to move are counted."""
    shop = History(tmp_path / "shop", postgresql_url, {"first": DIVIDED})
    execute(postgresql_url, TABLE, ROW)

    [found] = verdict(shop, expect=1)["differences"]

    assert (found["what"], found["kind"], found["class"], found["rows"]) == ("partitioning", "missing", "dangerous", 1)
    assert found["advice"] == "A table cannot be divided otherwise: make another one and move the rows of this one, 1 row."


def test_another_key(postgresql_url: str, tmp_path: Path):
    """RANGE and HASH are two schemas."""
    shop = History(tmp_path / "shop", postgresql_url, {"first": DIVIDED})
    execute(postgresql_url, TABLE + " PARTITION BY HASH (id)")

    [found] = verdict(shop, expect=1)["differences"]

    assert (found["kind"], found["expected"], found["actual"]) == ("changed", "RANGE (made)", "HASH (id)")
