"""The one command on whole projects, on every server and with other answers; test_shapes.py has every kind of project."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.end_to_end.tools import (
    commit_all,
    flask,
    heads,
    make_project,
    point_at,
    rows,
    run_copier,
    sqlite_files,
    stamped_at,
    tree_bytes,
)
from tests.servers import databases


def prefix(purpose: str) -> str:
    """How the scratch databases of one project are named."""
    return f"scratch_{hashlib.sha1(purpose.encode()).hexdigest()[:10]}"


SHAPES = ("shop_factory", "single_module", "factory_package")


@pytest.mark.parametrize("shape", SHAPES)
def test_retrofit_on_every_server(shape: str, database_url: str, tmp_path: Path) -> None:
    """On SQLite, PostgreSQL and MariaDB: stamped and clean, the same rows, no scratch database is left."""
    dialect = "postgresql" if database_url.startswith("postgresql") else "mariadb" if database_url.startswith("mysql") else ""
    project = make_project(shape, tmp_path, database_url)
    before = rows(database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert rows(database_url) == before
    assert stamped_at(database_url) == heads(project.root) != []
    check = flask(project, "db", "check", app=False)
    assert check.returncode == 0, check.output
    if dialect:
        assert not {name for name in databases(dialect) if name.startswith(prefix(str(project.root)))}


SETTINGS = """\
import configparser
import os

settings = configparser.ConfigParser()
settings.read("settings.ini")
for key in settings["server"]:
    if os.environ.get(key.upper()):
        settings["server"][key] = os.environ[key.upper()]
"""


@pytest.mark.parametrize("follows", [True, False], ids=["environment", "file alone"])
def test_settings_file_that_names_the_variable(follows: bool, tmp_path: Path) -> None:
    """Where the environment is put into the settings the configuration follows already and stays; where it is not, it is edited."""
    project = make_project("single_module", tmp_path)
    code = SETTINGS if follows else SETTINGS.partition("for key")[0]
    app = project.root / "app.py"
    value = 'app.config["SQLALCHEMY_DATABASE_URI"] = settings["server"]["database_url"]'
    text = app.read_text().replace('app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///notes.db"', value)
    app.write_text(code + "\n" + text)
    (project.root / "settings.ini").write_text("[server]\n# DATABASE_URL comes first\nDATABASE_URL = sqlite:///notes.db\n")
    commit_all(project.root)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (value + "\n" in app.read_text()) is follows
    assert ("reads DATABASE_URL" in result.stderr) is not follows
    assert stamped_at(project.database_url) == heads(project.root)
    empty = {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}
    assert flask(project, "db", "upgrade", app=False, env=empty).returncode == 0
    assert stamped_at(empty["DATABASE_URL"]) == heads(project.root)


@pytest.mark.usefixtures("from_nothing")
def test_second_run_changes_nothing(tmp_path: Path) -> None:
    """`copier copy` again, `copier recopy`: the same tree, the same rows, one revision, and not a word from the hook."""
    project = make_project("shop_factory", tmp_path)
    assert run_copier(project).returncode == 0
    commit_all(project.root)
    tree, before = tree_bytes(project.root), rows(project.database_url)

    again = run_copier(project)
    recopied = run_copier(project, command="recopy")

    assert (again.returncode, recopied.returncode) == (0, 0), again.output + recopied.output
    assert tree_bytes(project.root) == tree
    assert rows(project.database_url) == before
    assert "detect" not in again.output + recopied.output


@pytest.mark.usefixtures("from_nothing")
def test_fresh_clone_gets_everything_but_the_stamp(tmp_path: Path) -> None:
    """Without an existing database the baseline is proven against the models, no database file appears, and the report says so."""
    project = make_project("shop_factory", tmp_path, populate=False)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert not list(project.root.rglob("*.db"))
    assert "unverified there is no existing database" in result.output
    assert "stamped" not in result.output.replace("none stamped", "")
    assert len(heads(project.root)) == 1
    upgraded = flask(project, "db", "upgrade", app=False)
    assert upgraded.returncode == 0, upgraded.output
    assert flask(project, "db", "check", app=False).returncode == 0


def test_the_named_application_is_retrofitted(tmp_path: Path) -> None:
    """`-d app=` settles it: the other application's files stay as they are."""
    project = make_project("two_apps", tmp_path)
    admin = (project.root / "admin" / "app.py").read_bytes()

    result = run_copier(project, "app=shop.app:app")

    assert result.returncode == 0, result.output
    assert (project.root / "admin" / "app.py").read_bytes() == admin
    (url,) = sqlite_files(project.top)
    assert stamped_at(url) == heads(project.root) != []


def test_stamp_can_be_declined(tmp_path: Path) -> None:
    """`-d stamp=false`: everything is verified, the database is not written to at all."""
    project = make_project("single_module", tmp_path)
    file = Path(project.database_url.removeprefix("sqlite:///"))
    content = file.read_bytes()

    result = run_copier(project, "stamp=false")

    assert result.returncode == 0, result.output
    assert file.read_bytes() == content
    assert "unverified" in result.output


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    """One cause is one row: what it left unverified, and what to do once it is gone."""
    project = make_project("single_module", tmp_path, populate=False)
    point_at(project.root, "postgresql+psycopg2://shop:secret@127.0.0.1:1/shop")
    commit_all(project.root)

    result = run_copier(project)

    (row,) = [line for line in result.output.splitlines() if line.startswith("unverified")]
    assert result.returncode == 0, result.output
    assert re.sub(r"reached \(.*?\), so", "reached (...), so", row) == (
        "unverified postgresql+psycopg2://shop:***@127.0.0.1:1/shop could not be reached (...), so the baseline was not run, the"
        " application was not started on an empty database, and nothing was compared or stamped; once it can be reached:"
        "  python -m migrations.adopt"
    )
