"""Alembic's own command in a project of ours: `alembic -c migrations/alembic.ini`, or `alembic` in migrations/."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.servers import engine_for, execute
from tests.template.project import ORDERS, Project
from tests.template.states import everything

INI = ("-c", "migrations/alembic.ini")
PHONE = "    phone = db.Column(db.String(20))\n"


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """A model, and no revision yet."""
    return Project(tmp_path / "project", database_url)


def alembic(project: Project, *arguments: str, expect: int = 0, **environment: str) -> str:
    """What the command says in the project's root."""
    return project.run("alembic", *INI, *arguments, expect=expect, **environment)


def tables(project: Project) -> set[str]:
    """Those that the database has."""
    return set(inspect(engine_for(project.database_url)).get_table_names())


def test_daily_cycle(project):
    """A revision from the models, run, compared, undone: as `flask db` does it, in either order."""
    alembic(project, "revision", "--autogenerate", "-m", "Users")
    [first] = project.revisions()
    assert "FAILED: Target database is not up to date." in alembic(project, "check", expect=255)

    alembic(project, "upgrade", "head")
    assert tables(project) == {"users", "alembic_version"}
    assert "No new upgrade operations detected." in alembic(project, "check")
    assert "(head)" in alembic(project, "current")
    assert "(head)" in project.flask("db", "current")
    assert "<base> -> " in alembic(project, "history")

    project.add(PHONE)
    assert "New upgrade operations detected" in alembic(project, "check", expect=255)
    alembic(project, "revision", "--autogenerate", "-m", "phone")
    [second] = set(project.revisions()) - {first}
    assert second.read_text().count("add_column") == 1
    project.flask("db", "upgrade")
    alembic(project, "downgrade", "-1")
    assert "phone" not in {column["name"] for column in inspect(engine_for(project.database_url)).get_columns("users")}
    alembic(project, "downgrade", "base")
    assert tables(project) == {"alembic_version"}


def test_nothing_to_write(project):
    """Where nothing has changed no revision is written, and no table of somebody else's is proposed for dropping."""
    alembic(project, "revision", "--autogenerate", "-m", "Users")
    alembic(project, "upgrade", "head")
    execute(project.database_url, "CREATE TABLE legacy (id INTEGER)")

    said = alembic(project, "revision", "--autogenerate", "-m", "nothing")

    assert "No changes in schema detected." in said
    assert len(project.revisions()) == 1


def test_database_that_the_application_made(project):
    """One that has the tables and no revision is verified and stamped by `alembic upgrade` as well."""
    alembic(project, "revision", "--autogenerate", "-m", "Users")
    made = "import shop; shop.app.app_context().push(); shop.db.create_all()"
    subprocess.run([sys.executable, "-c", made], cwd=project.folder, env=environment(project), check=True)
    execute(project.database_url, "INSERT INTO users (id, email) VALUES (1, 'a@b.c')")
    before = everything(project.database_url)["rows"]

    alembic(project, "upgrade", "head")

    assert "(head)" in alembic(project, "current")
    after = everything(project.database_url)["rows"]
    assert {name: rows for name, rows in after.items() if name != "alembic_version"} == before


def environment(project: Project) -> dict[str, str]:
    """What `Project.run` sets."""
    return {**os.environ, "FLASK_APP": "shop", "DATABASE_URL": project.database_url}


def test_models_that_nobody_imported(project):
    """What `flask db migrate` refuses, `alembic revision --autogenerate` refuses too, and names itself."""
    project.write("orders.py", ORDERS)
    project.add("\nimport orders\n")
    alembic(project, "revision", "--autogenerate", "-m", "all")
    alembic(project, "upgrade", "head")
    code = project.folder / "shop.py"
    code.write_text(code.read_text().replace("\nimport orders\n", ""))

    said = alembic(project, "revision", "--autogenerate", "-m", "gone", expect=255)

    assert "FAILED: models-not-loaded\n" in said
    assert "MIGRATIONS_ALLOW_DROP=1 python -m alembic -c migrations/alembic.ini revision --autogenerate -m gone\n" in said
    assert len(project.revisions()) == 1


def test_sql_is_that_of_flask_db(project):
    """The SQL of a revision that is not run is the same by either command, and nothing is run."""
    alembic(project, "revision", "--autogenerate", "-m", "Users")

    by_alembic, by_flask = (project.run(*command, "upgrade", "head", "--sql") for command in (("alembic", *INI), ("flask", "db")))

    assert "CREATE TABLE users" in by_alembic
    assert sql_of(by_alembic) == sql_of(by_flask)
    assert tables(project) == set()


def sql_of(said: str) -> list[str]:
    """The output without what is logged."""
    return [line for line in said.splitlines() if not line.startswith("INFO ")]


def test_in_the_folder_of_the_migrations(project):
    """There `alembic` finds its alembic.ini by itself; the application is the one of the project."""
    alembic(project, "revision", "--autogenerate", "-m", "Users")

    ended = in_folder(project, "migrations", "upgrade", "head")

    assert ended.returncode == 0, ended.stderr
    assert tables(project) == {"users", "alembic_version"}


def test_where_there_is_no_application(project):
    """Elsewhere it is told what is missing, without a traceback."""
    (project.folder / "docs").mkdir()

    ended = in_folder(project, "docs", "-c", "../migrations/alembic.ini", "current")

    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert ended.stdout == (
        "FAILED: application-not-loaded\n"
        "  Could not import 'shop'.\n"
        "  Nothing was changed.\n"
        "  Run it in the project's root, or say which application it is, as for `flask`:  FLASK_APP=module:name\n"
    )


def in_folder(project: Project, folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program itself, not `python -m`, which adds the folder to where modules are looked for."""
    program = str(Path(sys.executable).parent / "alembic")
    where = project.folder / folder
    return subprocess.run([program, *arguments], cwd=where, env=environment(project), capture_output=True, text=True, check=False)
