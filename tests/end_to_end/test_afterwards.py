"""What a team does after the run: new databases, its own tests, the next migration."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.end_to_end.tools import (
    check_expected,
    commit_all,
    flask,
    git,
    heads,
    make_project,
    rows,
    run,
    run_copier,
    said,
    stamped_at,
    unchanging,
)
from tests.servers import engine_for, execute


def test_upgrade_makes_the_schema_that_create_all_made(database_url: str, tmp_path: Path) -> None:
    """A colleague's empty database becomes, by `flask db upgrade`, what `create_all()` used to make."""
    project = make_project("shop_factory", tmp_path)
    assert run_copier(project).returncode == 0
    empty = {"DATABASE_URL": database_url.replace(".db", "-empty.db")}

    upgraded = flask(project, "db", "upgrade", app=False, env=empty)

    assert upgraded.returncode == 0, upgraded.output
    assert stamped_at(empty["DATABASE_URL"]) == heads(project.root)
    assert rows(empty["DATABASE_URL"]).keys() == rows(project.database_url).keys()


@pytest.mark.parametrize("shape", ["shop_factory", "factory_package"])
def test_the_projects_own_tests_reach_no_real_database(shape: str, tmp_path: Path) -> None:
    """A project's tests pass as before, and their drop_all() stays in memory although DATABASE_URL names the existing database."""
    project = make_project(shape, tmp_path)
    assert run_copier(project).returncode == 0
    before = rows(project.database_url)

    pytest_command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    tests = run(*pytest_command, cwd=project.root, env={"DATABASE_URL": project.database_url})

    assert tests.returncode == 0, tests.output
    assert rows(project.database_url) == before


def test_next_migration_has_the_next_change_only(tmp_path: Path) -> None:
    """A new column becomes a migration of its own after the baseline, which upgrades the existing database and keeps its rows."""
    project = make_project("single_module", tmp_path)
    assert run_copier(project).returncode == 0
    before = rows(project.database_url)
    (baseline,) = heads(project.root)
    source = project.root / "app.py"
    column = "    pinned = db.Column(db.Boolean, default=False)\n"
    source.write_text(source.read_text().replace(column, column + "    colour = db.Column(db.String(20))\n"))

    migrated = flask(project, "db", "migrate", "-m", "colour", app=False)
    upgraded = flask(project, "db", "upgrade", app=False)

    assert (migrated.returncode, upgraded.returncode) == (0, 0), migrated.output + upgraded.output
    (path,) = (project.root / "migrations" / "versions").glob("*colour.py")
    text = path.read_text()
    assert f"Revises: {baseline}" in text
    assert text.count("add_column") == 1
    assert "create_table" not in text
    assert [row[: len(old)] for row, old in zip(rows(project.database_url)["note"], before["note"], strict=True)] == before["note"]


def test_a_database_in_memory_gets_its_tables_at_each_start(tmp_path: Path) -> None:
    """Nothing can upgrade it before the application starts, so the start goes on making its tables."""
    source = """\
from os import environ
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = {url}
db = SQLAlchemy(app)
{migrate}

class Task(db.Model):
    id = db.Column(db.Integer, primary_key=True)


with app.app_context():
    {call}


@app.route("/")
def index():
    return str(Task.query.count())
"""
    before = source.format(url='"sqlite:///:memory:"', migrate="", call="db.create_all()")
    (tmp_path / "app.py").write_text(before)
    (tmp_path / "requirements.txt").write_text("Flask-SQLAlchemy\n")
    commit_all(tmp_path, "as it was")

    result = run_copier(tmp_path)

    assert result.returncode == 0, result.output
    after = source.format(
        url='environ.get(\n    "DATABASE_URL", "sqlite:///:memory:"\n)',
        migrate="migrate = Migrate(app, db)\n",
        call="if not db.inspect(db.engine).get_table_names():\n        db.create_all()",
    )
    assert (tmp_path / "app.py").read_text() == after.replace(
        "import Flask\n", "import Flask\nfrom flask_migrate import Migrate\n", 1
    )
    line = after.splitlines().index("        db.create_all()") + 2
    assert f"create_all() at app.py:{line} stays, for a database without any table, as one in memory is at each start" in said(
        result
    )
    assert "there is no existing database sqlite:///:memory:" in said(result)
    started = run(sys.executable, "-c", "from app import app; print(app.test_client().get('/').text)", cwd=tmp_path)
    assert started.output.split() == ["0"]


def test_commit_is_all_that_is_left_to_do(tmp_path: Path) -> None:
    """After `git add -A && git commit` the tree is clean: no database, environment or bytecode got under version control."""
    project = make_project("shop_factory", tmp_path)
    assert run_copier(project).returncode == 0

    git(project.root, "add", "-A")
    git(project.root, "commit", "-q", "-m", "Flask-Migrate")

    tracked = git(project.root, "ls-files").split()
    assert [path for path in tracked if path.endswith((".db", ".pyc", ".env"))] == []
    assert git(project.root, "status", "--porcelain") == ""


def test_upgrade_of_a_database_that_the_application_made(database_url: str, tmp_path: Path) -> None:
    """Where create_all() stays for empty databases, `flask db upgrade` finds the tables made; it verifies and stamps them."""
    project = make_project("factory_package", tmp_path)
    assert run_copier(project).returncode == 0
    assert "if not db.inspect(db.engine).get_table_names():" in (project.root / "tracker" / "db.py").read_text()
    empty = {"DATABASE_URL": database_url.replace(".db", "-empty.db")}

    upgraded = flask(project, "db", "upgrade", app=False, env=empty)

    assert upgraded.returncode == 0, upgraded.output
    assert stamped_at(empty["DATABASE_URL"]) == heads(project.root)
    assert flask(project, "db", "check", app=False, env=empty).returncode == 0


def test_upgrade_of_a_database_that_differs(database_url: str, tmp_path: Path) -> None:
    """Tables of the same names with another schema: the differences are told, nothing is written, no version table is left."""
    project = make_project("single_module", tmp_path)
    assert run_copier(project).returncode == 0
    other = {"DATABASE_URL": database_url.replace(".db", "-other.db")}
    execute(other["DATABASE_URL"], "CREATE TABLE note (id INTEGER PRIMARY KEY)", "INSERT INTO note VALUES (7)")

    upgraded = flask(project, "db", "upgrade", app=False, env=other)

    assert upgraded.returncode == 1, upgraded.output
    assert "error: database-differs" in upgraded.stderr
    assert "python -m migrations.adopt" in upgraded.stderr
    assert rows(other["DATABASE_URL"]) == {"note": [(7,)]}
    assert "alembic_version" not in inspect(engine_for(other["DATABASE_URL"])).get_table_names()


def test_page_of_the_teams_own(tmp_path: Path) -> None:
    """migrations/SCHEMA.md says how the directory came about and draws the schema; drawing it again changes nothing."""
    project = make_project("single_module", tmp_path)
    assert run_copier(project).returncode == 0
    page = project.root / "migrations" / "SCHEMA.md"
    before = page.read_text()

    drawn = run(sys.executable, "-m", "migrations.adopt", "diagram", cwd=project.root)

    check_expected("single_module.md", unchanging(project, before))
    assert (drawn.returncode, drawn.stdout) == (0, ""), drawn.output
    assert page.read_text() == before


@pytest.mark.parametrize("is_in_time", [True, False])
def test_taking_everything_back(is_in_time: bool, tmp_path: Path) -> None:
    """As the README says: the stamp by `flask db stamp base`, the files by git, and the command works again.

    Where the files went first, the refusal names the statement that does it.
    """
    project = make_project("shop_factory", tmp_path)
    before = rows(project.database_url)
    assert run_copier(project).returncode == 0
    if is_in_time:
        assert flask(project, "db", "stamp", "base", app=False).returncode == 0
    git(project.root, "checkout", "-q", ".")
    git(project.root, "clean", "-qfd")
    assert git(project.root, "status", "--porcelain") == ""

    if not is_in_time:
        refused = said(run_copier(project)).splitlines()
        statement = refused[-1].strip()
        assert statement == "DELETE FROM alembic_version"
        execute(project.database_url, statement)
    again = run_copier(project)

    assert again.returncode == 0, again.output
    assert stamped_at(project.database_url) == heads(project.root)
    assert rows(project.database_url) == before
