"""`postgres://`, as Heroku gives it in DATABASE_URL, from the run to the commands of every day, on PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.end_to_end.stacks import STACKS, make_environment
from tests.end_to_end.tools import (
    commit_all,
    flask,
    heads,
    make_project,
    rows,
    run,
    run_copier,
    schema,
    stamped_at,
)
from tests.servers import new_database


def old(url: str) -> str:
    """The same database, as Heroku writes it."""
    return "postgres://" + url.partition("://")[2]


def test_heroku_project(postgresql_url: str, tmp_path: Path) -> None:
    """SQLite on the desk, a Procfile: the edited application takes the URL of the platform, and so does each command."""
    project = make_project("seeds_at_start", tmp_path)
    before = rows(project.database_url)

    result = run_copier(project)
    platform = {"DATABASE_URL": old(postgresql_url)}
    upgraded = flask(project, "db", "upgrade", env=platform)
    state = run(sys.executable, "-m", "migrations.adopt", "status", cwd=project.root, env={**project.shape.env, **platform})

    assert (result.returncode, upgraded.returncode, state.returncode) == (0, 0, 0), result.output + upgraded.output + state.output
    assert stamped_at(postgresql_url) == heads(project.root)
    assert rows(project.database_url) == before


def test_run_with_such_a_url(postgresql_url: str, tmp_path: Path) -> None:
    """DATABASE_URL and EMPTY_DATABASE_URL of the run itself may be written so: that database is verified and stamped."""
    project = make_project("gitlab_and_procfile", tmp_path, postgresql_url)
    before = rows(postgresql_url)

    with new_database("postgresql", tmp_path) as empty:
        result = run_copier(project, env={"DATABASE_URL": old(postgresql_url), "EMPTY_DATABASE_URL": old(empty)})

        assert result.returncode == 0, result.output
        assert schema(empty) == ({}, [])
    assert (stamped_at(postgresql_url), rows(postgresql_url)) == (heads(project.root), before)


APP = """\
import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


def test_application_that_reads_it_as_it_is(postgresql_url: str, tmp_path: Path) -> None:
    """An application that reads the variable itself is not edited there; the run says what it would have to write."""
    (tmp_path / "app.py").write_text(APP)
    commit_all(tmp_path)

    result = run_copier(tmp_path, env={"DATABASE_URL": old(postgresql_url)})

    assert result.returncode != 0
    assert result.stderr.partition("error: ")[2].partition("Task")[0].strip() == MESSAGE.strip()
    assert (tmp_path / "app.py").read_text() == APP


MESSAGE = """\
app-failed-to-load
  The application could not be loaded; this is its own error:
    app.py:8   db = SQLAlchemy(app)
    NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres
  No file was changed, and nothing was stamped.
  SQLAlchemy 1.4 and newer take no URL that begins with postgres://. Where the application reads it, write:
    url.replace("postgres://", "postgresql://", 1)
  Or give it one that begins with postgresql://, and run again.
"""


@pytest.mark.parametrize("name", ["flask-2.0", "newest"])
def test_commands_of_an_application_that_reads_it_as_it_is(name: str, postgresql_url: str, tmp_path: Path) -> None:
    """The commands of ours say it; with Flask-SQLAlchemy 2, which asks for an engine later, `flask db` says it as well."""
    environment = make_environment(STACKS[name], "postgresql", tmp_path / "environment")
    root = tmp_path / "shop"
    root.mkdir()
    (root / "app.py").write_text(APP)
    commit_all(root)
    result = run_copier(root, f"python={environment.python}")
    assert result.returncode == 0, result.output
    env = {**environment.activated, "DATABASE_URL": old(postgresql_url)}

    status = run(environment.python, "-m", "migrations.adopt", "status", cwd=root, env=env)
    upgrade = run("flask", "db", "upgrade", cwd=root, env=env)

    assert (status.returncode, status.stderr.partition("error: ")[2]) == (2, SAID)
    assert upgrade.returncode != 0
    assert upgrade.stderr.endswith(REFUSED if name == "flask-2.0" else "sqlalchemy.dialects:postgres\n")


SAID = """\
old-scheme
  The application has a database URL that begins with postgres://, which SQLAlchemy 1.4 and newer refuse.
  Where the application reads it, write:
    url.replace("postgres://", "postgresql://", 1)
  Or give it one that begins with postgresql://.
  This command wrote to no database.
"""
REFUSED = """\
Error: old-scheme
  The application has a database URL that begins with postgres://, which SQLAlchemy 1.4 and newer refuse.
  Nothing was changed.
  Where the application reads it, write:
    url.replace("postgres://", "postgresql://", 1)
  Or give it one that begins with postgresql://.
"""
