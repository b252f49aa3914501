"""Schemas, partitions and views of PostgreSQL under Flask-Migrate's commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.servers import engine_for, execute
from tests.template.project import Project

AUDIT = """

class Entry(db.Model):
    __tablename__ = "entries"
    __table_args__ = {"schema": "audit"}
    id = db.Column(db.Integer, primary_key=True)
"""


@pytest.fixture
def project(postgresql_url: str, tmp_path: Path) -> Project:
    """One database on PostgreSQL that is at the newest revision, which makes `users`."""
    project = Project(tmp_path / "project", postgresql_url)
    project.flask("db", "migrate", "-m", "users")
    project.flask("db", "upgrade")
    return project


def operations(project: Project, message: str) -> list[tuple[str, str]]:
    """(operation, its first argument) in a revision, in their order."""
    [path] = (path for path in project.revisions() if path.stem.endswith("_" + message))
    return re.findall(r"op\.(\w+)\('([^']+)'", path.read_text())


def tables(project: Project, schema: str | None = None) -> set[str]:
    return set(inspect(engine_for(project.database_url)).get_table_names(schema=schema))


def test_first_table_in_a_new_schema(project):
    """CREATE SCHEMA comes before the table, the way back leaves the schema, and nothing is proposed a second time."""
    project.add(AUDIT)

    project.flask("db", "migrate", "-m", "audit")
    project.flask("db", "upgrade")

    assert operations(project, "audit") == [
        ("execute", "CREATE SCHEMA IF NOT EXISTS audit"),
        ("create_table", "entries"),
        ("drop_table", "entries"),
    ]
    assert tables(project, "audit") == {"entries"}
    assert "No changes in schema detected." in project.flask("db", "migrate")
    assert "No new upgrade operations detected." in project.flask("db", "check")
    project.flask("db", "downgrade")
    project.flask("db", "upgrade")
    assert tables(project, "audit") == {"entries"}


def test_schemas_that_no_model_names(project):
    """Only the schemas of the models are looked at: a table of another one is neither dropped nor made."""
    execute(project.database_url, "CREATE SCHEMA audit", "CREATE SCHEMA theirs", "CREATE TABLE theirs.entries (id INTEGER)")
    project.add(AUDIT)

    project.flask("db", "migrate", "-m", "audit")
    project.flask("db", "upgrade")

    assert operations(project, "audit") == [("create_table", "entries"), ("drop_table", "entries")]
    assert (tables(project, "theirs"), tables(project, "audit")) == ({"entries"}, {"entries"})


def test_version_table_in_a_schema_of_its_own(project):
    """`version_table_schema` is obeyed online and offline, and its table is never proposed for dropping."""
    execute(project.database_url, "DROP TABLE users, alembic_version", "CREATE SCHEMA ops", "CREATE SCHEMA audit")
    project.add(AUDIT.replace('"audit"', '"ops"') + "\nmigrate.init_app(app, db, version_table_schema='ops')\n")

    assert "CREATE TABLE ops.alembic_version" in project.flask("db", "upgrade", "--sql")
    project.flask("db", "upgrade")
    project.flask("db", "migrate", "-m", "entries")

    assert tables(project) == {"users"}
    assert tables(project, "ops") == {"alembic_version"}
    assert operations(project, "entries") == [("create_table", "entries"), ("drop_table", "entries")]


def test_partitions(project):
    """The partitions of a table that has a model, made by a revision or by hand, are not proposed for dropping."""
    project.add(
        "\n\nclass Event(db.Model):\n    __tablename__ = 'events'\n"
        "    __table_args__ = {'postgresql_partition_by': 'RANGE (day)'}\n    day = db.Column(db.Date, primary_key=True)\n"
    )
    project.flask("db", "migrate", "-m", "events")
    [path] = (path for path in project.revisions() if path.stem.endswith("_events"))
    made = "op.execute(\"CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')\")"
    path.write_text(path.read_text().replace("\n\n\ndef downgrade", f"\n    {made}\n\n\ndef downgrade"))
    project.flask("db", "upgrade")
    execute(project.database_url, "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')")

    assert "No changes in schema detected." in project.flask("db", "migrate")
    assert tables(project) >= {"events_1", "events_2"}


def test_model_of_a_view(project):
    """A model that is marked as a view is never created, and never dropped."""
    execute(project.database_url, "CREATE VIEW names AS SELECT id, email FROM users")
    project.add(
        "\n\nclass Name(db.Model):\n    __tablename__ = 'names'\n    __table_args__ = {'info': {'is_view': True}}\n"
        "    id = db.Column(db.Integer, primary_key=True)\n"
    )

    assert "No changes in schema detected." in project.flask("db", "migrate")


def test_binds_that_differ_in_their_search_path(postgresql_url, tmp_path):
    """Two schemas of one server database are two databases here, each with its tables and its version row."""
    execute(postgresql_url, "CREATE SCHEMA tenant")
    project = Project(tmp_path / "project", postgresql_url)
    shop = (project.folder / "shop.py").read_text()
    bind = "{'url': app.config['SQLALCHEMY_DATABASE_URI'], 'connect_args': {'options': '-csearch_path=tenant'}}"
    project.write(
        "shop.py",
        shop.replace("db = SQLAlchemy(app)", f"app.config['SQLALCHEMY_BINDS'] = {{'tenant': {bind}}}\ndb = SQLAlchemy(app)"),
    )
    project.add("\n\nclass Room(db.Model):\n    __bind_key__ = 'tenant'\n    id = db.Column(db.Integer, primary_key=True)\n")

    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")

    assert tables(project) == {"users", "alembic_version"}
    assert tables(project, "tenant") == {"room", "alembic_version"}
    assert "No changes in schema detected." in project.flask("db", "migrate")
