"""Tables without a model: who probably made them, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from adopt.rows import unmanaged
from adopt.rows.owners import owner


def table(*columns: str, key: bool = True) -> dict[str, Any]:
    return {"columns": {column: {} for column in columns}, "primary_key": ["id"] if key else []}


CASES = [
    ("spatial_ref_sys", None, "postgresql", "PostGIS"),
    ("tiger.zip_state", None, "postgresql", "PostGIS"),
    ("address_standardizer", None, "postgresql", "an extension of PostgreSQL"),
    ("geometry_columns", table("f_table_name"), "sqlite", "SpatiaLite"),
    ("idx_parks_geometry_node", table("nodeno"), "sqlite", "SpatiaLite"),
    ("apscheduler_jobs", table("id"), "postgresql", "APScheduler"),
    ("jobs", table("id", "next_run_time", "job_state"), "postgresql", "APScheduler"),
    ("celery_taskmeta", table("id"), "mysql", "Celery"),
    ("kombu_message", table("id"), "mysql", "Kombu"),
    ("sessions", table("id", "session_id", "data", "expiry"), "sqlite", "Flask-Session"),
    ("sessions", table("id", "user_id"), "sqlite", "unknown"),
    ("flask_dance_oauth", table("id"), "sqlite", "Flask-Dance"),
    ("oauth", table("id", "provider", "created_at", "token"), "sqlite", "Flask-Dance"),
    ("procrastinate_jobs", table("id"), "postgresql", "procrastinate"),
    ("huey_task", table("id"), "sqlite", "Huey"),
    ("post_version", table("id", "transaction_id", "operation_type"), "sqlite", "SQLAlchemy-Continuum"),
    ("transaction", table("id", "issued_at"), "sqlite", "SQLAlchemy-Continuum"),
    ("transaction", table("id", "amount"), "sqlite", "unknown"),
    ("other_version", table("version_num"), "sqlite", "Alembic of another application"),
    ("django_migrations", table("id"), "mysql", "Django"),
    ("auth_user_groups", table("id"), "mysql", "Django"),
    ("schema_migrations", table("version"), "postgresql", "Rails"),
    ("schema_migrations", table("version", "dirty"), "postgresql", "golang-migrate"),
    ("ab_user", table("id"), "mysql", "Flask-AppBuilder"),
    ("docs_segdir", table("level"), "sqlite", "full-text search of SQLite"),
    ("users_backup", table("id"), "mysql", "a copy of users"),
    ("users_20240131", table("id"), "mysql", "a copy of users"),
    ("tmp_users", table("id", key=False), "mysql", "a copy of users"),
    ("prices", table("index", "price", key=False), "sqlite", "pandas"),
    ("prices", table("price", key=False), "sqlite", "a tool such as pandas, for it has no primary key"),
    ("anything", table("id"), "sqlite", "unknown"),
]


@pytest.mark.parametrize(("name", "facts", "dialect", "expected"), CASES)
def test_owners(name: str, facts: dict[str, Any] | None, dialect: str, expected: str):
    """The name tells most of them, and columns those whose name anybody might have given."""
    assert owner(name, facts, {"users", "docs", name}, dialect) == expected


def test_lines():
    """Aligned, numbers to the right, and what was not counted is not given a number."""
    found = [
        {"table": "apscheduler_jobs", "rows": 12, "owner": "APScheduler"},
        {"table": "big", "rows": 10001, "owner": "unknown"},
        {"table": "secret", "rows": None, "owner": "unknown"},
    ]

    assert unmanaged.lines(found) == [
        "apscheduler_jobs                12 rows   APScheduler",
        "big                more than 10000 rows   unknown",
        "secret                      not counted   unknown",
    ]
    assert unmanaged.lines(found, most=1)[1:] == ["and 2 more"]


@pytest.mark.parametrize(
    ("register", "managed", "expected"),
    [(set(), {"users"}, True), (set(), set(), False), ({"users"}, {"users"}, False)],
    ids=["made by a revision", "never made by one", "made by one, and in the register"],
)
def test_what_is_proposed_for_dropping(register: set[str], managed: set[str], expected: bool):
    """Only what the migrations have made, and what the register does not keep."""
    assert unmanaged.is_proposed("users", register, lambda: managed) is expected
