"""The targets of `db.mk`, run by `make` as a team runs them, on every server; db-setup has tests of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from tests import warm
from tests.servers import engine_for, execute
from tests.template.project import Project

PHONE = "    phone = db.Column(db.String(20))\n"


def make(project: Project, *arguments: str, expect: int = 0) -> str:
    """What one target says; `expect` is what make ends with, 2 for a target that failed."""
    command = ["make", "-f", "migrations/db.mk", f"FLASK={warm.python()} -m flask", *arguments]
    environment = {**os.environ, "FLASK_APP": "shop", "DATABASE_URL": project.database_url}
    ended = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode == expect, said
    return said


def columns(url: str) -> set[str]:
    """The names of the columns of `users`."""
    return {column["name"] for column in inspect(engine_for(url)).get_columns("users")}


def emails(url: str) -> list[str]:
    """What the rows hold."""
    with engine_for(url).connect() as connection:
        return list(connection.execute(text("SELECT email FROM users ORDER BY id")).scalars())


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """One model, no revision yet, and the page that the picture is in."""
    result = Project(tmp_path / "project", database_url)
    result.write("migrations/SCHEMA.md", "# Our schema\n")
    return result


def test_the_daily_targets(project):
    """From the first revision to a second one in production and back; rows are what they were, and the picture is kept up."""
    page = project.folder / "migrations" / "SCHEMA.md"

    make(project, "db-migrate", "m=users of the shop")
    assert "users_of_the_shop" in project.revisions()[0].name
    assert "erDiagram" in page.read_text()
    make(project, "db-sql")
    assert "CREATE TABLE users" in (project.folder / "preview.sql").read_text()
    assert not inspect(engine_for(project.database_url)).has_table("users")
    make(project, "db-upgrade")
    execute(project.database_url, "INSERT INTO users (id, email) VALUES (1, 'ada@example.com')")
    make(project, "db-status")
    make(project, "db-check")

    project.add(PHONE)
    make(project, "db-migrate", "m=add users.phone")
    assert "phone" in page.read_text()
    assert "flask db upgrade" in make(project, "db-status")
    make(project, "db-deploy")
    assert "phone" in columns(project.database_url)
    make(project, "db-downgrade")
    assert "phone" not in columns(project.database_url)
    assert emails(project.database_url) == ["ada@example.com"]


def test_history(project):
    """The revisions, and the picture, which is drawn anew where somebody has taken it out."""
    page = project.folder / "migrations" / "SCHEMA.md"
    make(project, "db-migrate", "m=users")
    page.write_text("# Migrations\n")

    assert "users" in make(project, "db-history")
    assert "erDiagram" in page.read_text()


def test_adopt(project):
    """A database that was there before is stamped, and nothing else in it changes."""
    make(project, "db-migrate", "m=users")
    make(project, "db-upgrade")
    execute(project.database_url, "DROP TABLE alembic_version", "INSERT INTO users (id, email) VALUES (1, 'ada@example.com')")

    assert "committed and read back" in make(project, "db-adopt")
    make(project, "db-status")
    assert emails(project.database_url) == ["ada@example.com"]
