"""What `flask db init --multidb` has set up on database servers is taken over, whichever of them has which of its databases."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.end_to_end.tools import TEMPLATE, Result, commit_all, git, rows, run, run_copier, schema, stamped_at
from tests.end_to_end.updating import data
from tests.servers import engine_for, execute, new_database

APP = """\
import enum
import os

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy


class State(enum.Enum):
    new = "new"
    sent = "sent"


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["SQLALCHEMY_BINDS"] = {"users": os.environ["USERS_URL"]}
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20), nullable=False, unique=True)
    state = db.Column(db.Enum(State), nullable=False)
    # more of orders


class Line(db.Model):
    __tablename__ = "lines"
    id = db.Column(db.Integer, primary_key=True)
    order_id = db.Column(db.ForeignKey("orders.id", ondelete="CASCADE"), nullable=False, index=True)
    price = db.Column(db.Numeric(10, 2), nullable=False, server_default="0")


class User(db.Model):
    __bind_key__ = "users"
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    joined = db.Column(db.DateTime, nullable=False, server_default=db.func.now())
    # more of users
"""
CREATE_ALL = "import app; app.app.app_context().push(); app.db.create_all()"
SEED = """
import app
app.app.app_context().push()
app.db.session.add_all([app.Order(id=1, number="2024-1", state=app.State.sent), app.User(id=1, name="Ada")])
app.db.session.flush()
app.db.session.add_all([app.Line(order_id=1, price=9), app.Line(order_id=1)])
app.db.session.commit()
"""
# What is wrong with the downgrade that Flask-Migrate's env.py has written for the first revision.
NO_WAY_BACK = {"postgresql": "enum state   is left over", "mysql": "Cannot drop index 'ix_lines_order_id': needed in a foreign key"}
OWN = ("env.py", "alembic.ini", "script.py.mako")


@dataclass(frozen=True)
class Team:
    """A project with two databases, that of orders and that of users."""

    root: Path
    orders: str
    users: str

    @property
    def databases(self) -> tuple[str, str]:
        """The URLs of both."""
        return self.orders, self.users

    def run(self, *command: str, status: int = 0, **environment: str) -> Result:
        """Run a module of this test's Python in the project; it must end with `status`."""
        env = {"DATABASE_URL": self.orders, "USERS_URL": self.users, **environment}
        result = run(sys.executable, *command, cwd=self.root, env=env)
        assert result.returncode == status, f"{' '.join(command)}\n{result.output}"
        return result

    def flask_db(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """What a command of the team's days says."""
        return self.run("-m", "flask", "db", *arguments, status=status, **environment).output

    def adopt(self, *arguments: str, status: int = 0) -> str:
        """What `python -m migrations.adopt` says."""
        return self.run("-m", "migrations.adopt", *arguments, status=status).output

    def copier_copy(self) -> Result:
        """Take it over."""
        return run_copier(self.root, env={"DATABASE_URL": self.orders, "USERS_URL": self.users})

    def edit(self, old: str, new: str) -> None:
        """Change the models."""
        text = (self.root / "app.py").read_text()
        assert old in text
        (self.root / "app.py").write_text(text.replace(old, new))

    def versions(self) -> dict[str, bytes]:
        """The revisions, byte for byte."""
        return {path.name: path.read_bytes() for path in sorted((self.root / "migrations" / "versions").glob("*.py"))}

    def tables(self) -> list[object]:
        """The schema of each database, without where its sequences stand."""
        return [schema(url)[0] for url in self.databases]

    def rows(self) -> list[object]:
        """What each database holds."""
        return [rows(url) for url in self.databases]

    def columns(self, url: str, table: str) -> set[str]:
        """The names of a table's columns."""
        return {column["name"] for column in inspect(engine_for(url)).get_columns(table)}


ALIKE = [("postgresql", "postgresql"), ("mariadb", "mariadb")]
every_pair = pytest.mark.parametrize("team", [*ALIKE, ("postgresql", "mariadb")], ids="-".join, indirect=True)
each_alike = pytest.mark.parametrize("team", ALIKE, ids="-".join, indirect=True)


@pytest.fixture
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """Two revisions, as Flask-Migrate's own env.py writes them for two databases, both run in each, and rows."""
    with ExitStack() as stack:
        team = Team(tmp_path / "shop", *(stack.enter_context(new_database(dialect)) for dialect in request.param))
        team.root.mkdir()
        (team.root / "app.py").write_text(APP)
        (team.root / ".gitignore").write_text("__pycache__/\n")
        (team.root / "requirements.txt").write_text("Flask\nFlask-SQLAlchemy\nFlask-Migrate\n")
        team.flask_db("init", "--multidb")
        team.flask_db("migrate", "-m", "first")
        team.flask_db("upgrade")
        team.edit("    # more of users\n", "    name = db.Column(db.String(40))\n    # more of users\n")
        team.flask_db("migrate", "-m", "names")
        team.flask_db("upgrade")
        team.run("-c", SEED)
        commit_all(team.root)
        assert all(b"def upgrade_users():" in raw for raw in team.versions().values())
        yield team


@every_pair
def test_taken_over(team: Team) -> None:
    """Revisions, rows and stamps are untouched, Flask-Migrate's files are replaced, and all commands find nothing to do."""
    revisions, before = team.versions(), [data(url) for url in team.databases]

    result = team.copier_copy()

    assert result.returncode == 0, result.output
    assert result.stderr.count("it was Flask-Migrate's; nothing in it was your own") == 3, result.stderr
    assert "unverified" not in result.stderr
    assert (team.versions(), [data(url) for url in team.databases]) == (revisions, before)
    for name in OWN:
        assert (team.root / "migrations" / name).read_bytes() == (TEMPLATE / "migrations" / name).read_bytes()
    assert git(team.root, "status", "--porcelain", "app.py") == ""
    assert team.flask_db("current").count("(head)") == 2
    assert team.adopt("status").count("(head), and its schema matches") == 2
    assert "No new upgrade operations detected" in team.flask_db("check")
    assert "No changes in schema detected" in team.flask_db("migrate")
    for command in (("check", "--down", "1"), ("deploy",), ("adopt",)):
        team.adopt(*command)
    assert NO_WAY_BACK[engine_for(team.orders).dialect.name] in team.adopt("check", status=1)
    assert (team.versions(), [data(url) for url in team.databases]) == (revisions, before)
    check_new_databases(team)


def check_new_databases(team: Team) -> None:
    """A colleague's empty databases are built by all revisions, as the team's were."""
    with ExitStack() as stack:
        kinds = [engine_for(url).dialect.name.replace("mysql", "mariadb") for url in team.databases]
        new = Team(team.root, *(stack.enter_context(new_database(kind)) for kind in kinds))
        new.flask_db("upgrade")
        assert new.tables() == team.tables()
        assert [stamped_at(url) for url in new.databases] == [stamped_at(url) for url in team.databases]


@every_pair
def test_daily_cycle_after_it(team: Team) -> None:
    """Old revisions go down and up; the next one follows them, with a function for each database, and no row is lost."""
    assert team.copier_copy().returncode == 0
    built, held, stamps = team.tables(), team.rows(), [stamped_at(url) for url in team.databases]
    for path in (team.root / "migrations" / "versions").glob("*_names.py"):  # whose way back loses the names
        path.write_text(path.read_text() + "\nconsents = {'drop-column:users.name': 'they come back'}\n")

    team.flask_db("downgrade")
    assert "name" not in team.columns(team.users, "users")
    team.flask_db("upgrade")
    assert team.tables() == built
    team.edit("    # more of orders\n", "    total = db.Column(db.Integer)\n")
    team.edit("    # more of users\n", "    email = db.Column(db.String(40))\n")
    team.flask_db("migrate", "-m", "more")
    (path,) = (team.root / "migrations" / "versions").glob("*_more.py")
    printed = team.flask_db("upgrade", f"{stamps[0][0]}:head", "--sql")
    team.flask_db("upgrade")

    functions = dict(re.findall(r"^def (\w+)\(\):\n((?: .*\n|\n)+)", path.read_text(), re.M))
    assert {name: re.findall(r"(?:add|drop)_\w+\(.*?'(total|email)'", body) for name, body in functions.items()} == {
        **{"upgrade_": ["total"], "downgrade_": ["total"]},
        **{"upgrade_users": ["email"], "downgrade_users": ["email"]},
    }
    assert re.findall(r"ALTER TABLE (\w+) ADD", printed) == ["orders", "users"]
    assert "total" in team.columns(team.orders, "orders")
    assert "email" in team.columns(team.users, "users")
    assert team.flask_db("current").count("(head)") == 2
    assert [stamped_at(url) for url in team.databases] != stamps
    team.flask_db("downgrade")
    assert [stamped_at(url) for url in team.databases] == stamps
    assert team.tables() == built
    assert team.rows() == [held[0], {"users": [(*held[1]["users"][0][:-1], None)]}]


@each_alike
def test_one_database_is_behind(team: Team) -> None:
    """It is told, and not upgraded, by the run; `flask db upgrade` brings it on."""
    built, (newest,) = team.tables(), stamped_at(team.users)
    first = re.search(r"^down_revision = ['\"](\w+)['\"]", "".join(raw.decode() for raw in team.versions().values()), re.M)[1]
    execute(team.users, "ALTER TABLE users DROP COLUMN name", f"UPDATE alembic_version SET version_num = '{first}'")
    before = [data(url) for url in team.databases]

    result = team.copier_copy()

    assert result.returncode == 0, result.output
    assert f"pending    1 revision: {newest}" in result.stderr
    assert "next       flask db upgrade\n" in result.stderr
    assert [data(url) for url in team.databases] == before
    team.flask_db("upgrade")
    assert team.tables() == built
    assert team.adopt("status").count("(head), and its schema matches") == 2


@each_alike
def test_one_database_is_not_stamped(team: Team) -> None:
    """One that the application made for itself gets no stamp by the run; adoption finds its revision, and stamps it."""
    newest = stamped_at(team.users)
    execute(team.users, "DROP TABLE alembic_version", "DROP TABLE users")
    team.run("-c", CREATE_ALL)
    execute(team.users, "INSERT INTO users (id, name) VALUES (7, 'Bob')")
    before = [data(url) for url in team.databases]

    result = team.copier_copy()

    assert result.returncode == 0, result.output
    assert [data(url) for url in team.databases] == before
    assert "is not stamped" in team.adopt("status", status=3)
    team.adopt("adopt")
    assert stamped_at(team.users) == newest
    assert team.rows() == [one.rows for one in before]
    assert "No new upgrade operations detected" in team.flask_db("check")


@each_alike
def test_one_database_does_not_answer(team: Team) -> None:
    """It is told, and the project is taken over all the same: the other database shows what the revisions build."""
    team = replace(team, users=re.sub(r"@[^/]+/", "@127.0.0.1:1/", team.users))
    before = data(team.orders)

    result = team.copier_copy()

    assert result.returncode == 0, result.output
    assert "unexpected" not in result.stderr
    assert "127.0.0.1:1" in result.stderr
    assert data(team.orders) == before
