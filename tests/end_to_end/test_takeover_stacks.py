"""What `flask db init` of older versions has set up is taken over as well, for one database and, by --multidb, for several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.end_to_end.stacks import STACKS, Environment, make_environment
from tests.end_to_end.tools import TEMPLATE, Result, commit_all, run, run_copier, schema, sqlite_files
from tests.end_to_end.updating import data
from tests.thorough import usual_or_all

APP = """\
import os

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

folder = os.path.dirname(os.path.abspath(__file__))
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(folder, "shop.db")
app.config["SQLALCHEMY_BINDS"] = {"users": "sqlite:///" + os.path.join(folder, "users.db")}
app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    # more of orders


class User(db.Model):
    __bind_key__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    # more of users
"""
SINGLE = APP.replace('    __bind_key__ = "users"\n', "")
SEED = (
    "import app; app.app.app_context().push(); app.db.session.add_all([app.Order(id=1), app.User(id=1)]); app.db.session.commit()"
)
OWN = ("env.py", "alembic.ini", "script.py.mako")
# By the version of Flask-Migrate that has set it up and stays installed.
VERSIONS = {"2.0.0": "flask-1.0", "2.7.0": "flask-1.1", "3.1.0": "flask-2.0", "4.1.0": "newest"}


@dataclass(frozen=True)
class Team:
    """A project whose team works in `environment`."""

    root: Path
    environment: Environment

    def flask_db(self, *arguments: str, status: int = 0) -> str:
        """What a command says."""
        return self.run("flask", "db", *arguments, status=status).output

    def run(self, *command: str, status: int = 0) -> Result:
        result = run(*command, cwd=self.root, env={**self.environment.activated, "FLASK_APP": "app.py"})
        assert result.returncode == status, f"{' '.join(command)}\n{result.output}"
        return result

    def edit(self, old: str, new: str) -> None:
        """Change the models."""
        text = (self.root / "app.py").read_text()
        assert old in text
        (self.root / "app.py").write_text(text.replace(old, new))

    def tables(self) -> list[object]:
        """The schema of each database."""
        return [schema(url) for url in sqlite_files(self.root)]

    def rows(self) -> list[object]:
        """All that each database holds."""
        return [data(url) for url in sqlite_files(self.root)]

    def versions(self) -> dict[str, bytes]:
        """The revisions, byte for byte."""
        return {path.name: path.read_bytes() for path in (self.root / "migrations" / "versions").glob("*.py")}


def set_up(version: str, code: str, options: tuple[str, ...], tmp_path: Path) -> Team:
    """A project with two revisions, both run, and a row in each table; committed."""
    stack = STACKS[VERSIONS[version]]
    stack = replace(stack, requirements=(*stack.requirements, f"Flask-Migrate=={version}", "setuptools<80"))
    root = tmp_path / "shop"
    root.mkdir()
    team = Team(root, make_environment(stack, "sqlite", tmp_path / "environment"))
    (root / "app.py").write_text(code)
    (root / ".gitignore").write_text("*.db\n__pycache__/\n")
    (root / "requirements.txt").write_text("Flask\nFlask-SQLAlchemy\nFlask-Migrate\n")
    team.flask_db("init", *options)
    team.flask_db("migrate", "-m", "first")
    team.flask_db("upgrade")
    team.edit("    # more of users\n", "    name = db.Column(db.String(40))\n    # more of users\n")
    team.flask_db("migrate", "-m", "names")
    team.flask_db("upgrade")
    team.run("python", "-c", SEED)
    commit_all(root)
    return team


@pytest.mark.parametrize(
    ("version", "is_multidb"),
    usual_or_all(
        [("2.0.0", True), ("2.7.0", False), ("3.1.0", True), ("4.1.0", False)],
        [(version, is_multidb) for version in VERSIONS for is_multidb in (False, True)],
    ),
)
def test_taken_over(version: str, is_multidb: bool, tmp_path: Path) -> None:
    """Nothing in its files is taken for the team's; its revisions go up and down as before, and the next one follows them."""
    code, options = (APP, ("--multidb",)) if is_multidb else (SINGLE, ())
    team = set_up(version, code, options, tmp_path)
    revisions, before, built = team.versions(), team.rows(), team.tables()

    result = run_copier(team.root, f"python={team.environment.python}")

    assert result.returncode == 0, result.output
    assert result.stderr.count("it was Flask-Migrate's; nothing in it was your own") == 3, result.stderr
    assert "unverified" not in result.stderr
    assert (team.versions(), team.rows()) == (revisions, before)
    for name in OWN:
        assert (team.root / "migrations" / name).read_bytes() == (TEMPLATE / "migrations" / name).read_bytes()
    check_picture(team)
    check_up_and_down(team, built)
    check_status(team, len(before))
    check_new_databases(team, built)
    check_next_revision(team)


def check_up_and_down(team: Team, built: list[object]) -> None:
    """The second revision is undone and done again, on whichever database it is for."""
    team.flask_db("downgrade")
    undone = team.tables()
    team.flask_db("upgrade")
    assert undone != built
    assert team.tables() == built
    assert "No changes in schema detected" in team.flask_db("migrate")


def check_picture(team: Team) -> None:
    """The page draws the schema, of each database, as the command does."""
    page = team.root / "migrations" / "SCHEMA.md"
    before = page.read_text()
    assert before.count("\nerDiagram\n") == len(sqlite_files(team.root))
    team.run("python", "-m", "migrations.adopt", "diagram")
    assert page.read_text() == before


def check_status(team: Team, databases: int) -> None:
    """Each database is found to be what its revision builds."""
    said = team.run("python", "-m", "migrations.adopt", "status").stdout
    assert said.count("(head), and its schema matches") == databases, said


def check_new_databases(team: Team, built: list[object]) -> None:
    """All revisions build the same from nothing."""
    for path in team.root.glob("*.db"):
        path.unlink()
    team.flask_db("upgrade")
    assert team.tables() == built


def check_next_revision(team: Team) -> None:
    """It has what changed in each database, and runs there."""
    team.edit("    # more of orders\n", "    total = db.Column(db.Integer)\n")
    team.edit("    # more of users\n", "    email = db.Column(db.String(40))\n")
    team.flask_db("migrate", "-m", "more")
    team.flask_db("upgrade")
    columns = [{column for table in tables.values() for column in table} for tables in map(column_names, sqlite_files(team.root))]
    assert {"total", "email", "name"} <= set().union(*columns)
    assert "No changes in schema detected" in team.flask_db("migrate")


def column_names(url: str) -> dict[str, set[str]]:
    """The columns of each table."""
    from sqlalchemy import inspect

    from tests.servers import engine_for

    inspector = inspect(engine_for(url))
    return {table: {column["name"] for column in inspector.get_columns(table)} for table in inspector.get_table_names()}
