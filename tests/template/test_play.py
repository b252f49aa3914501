"""Play databases: a login of their own that reaches nothing else, and nothing of them is left."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time

import pytest
from sqlalchemy import exc, make_url, text

from adopt.base.errors import ScratchRefused
from adopt.base.urls import backend
from adopt.server import fingerprint, play, scratch
from tests.servers import databases, engine_for, execute, new_database, require_server
from tests.template.conftest import TEMPLATE
from tests.template.test_scratch import role_without_createdb

LOGINS = {"postgresql": "SELECT rolname FROM pg_roles", "mariadb": "SELECT user FROM mysql.user"}


@pytest.fixture
def purpose() -> str:
    """Another project for each test, so that tests that run at the same time do not drop each other's databases."""
    return f"/projects/{secrets.token_hex(4)}"


def left_behind(url: str, purpose: str) -> set[str]:
    """The databases and logins of this project that are on the server."""
    dialect = {"mysql": "mariadb"}.get(backend(url), backend(url))
    if dialect == "sqlite":
        return set()
    with engine_for(require_server(dialect)).connect() as connection:
        names = databases(dialect) | set(connection.scalars(text(LOGINS[dialect])))
    return {name for name in names if name.startswith(scratch.prefix(purpose))}


def test_an_application_can_do_in_it_what_it_does(database_url, purpose):
    """Tables, views, rows and whatever else its owner may; afterwards neither database nor login are left."""
    with play.create(database_url, purpose=purpose, configured_urls=[database_url]) as made:
        kind = "INTEGER" if made.user is None else "SERIAL"
        execute(
            made.url, f"CREATE TABLE t (id {kind} PRIMARY KEY)", "INSERT INTO t VALUES (1)", "CREATE VIEW v AS SELECT id FROM t"
        )
        execute(made.url, "DROP VIEW v", "DROP TABLE t")
        assert (made.user is None) == (backend(database_url) == "sqlite")
        assert made.user is None or left_behind(database_url, purpose) == {made.user}

    assert left_behind(database_url, purpose) == set()


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_its_login_cannot_reach_what_is_there(dialect, purpose):
    """Neither the existing database nor the server can be changed with it."""
    with new_database(dialect) as url:
        database = make_url(url).database
        execute(url, "CREATE TABLE users (id INTEGER)", "INSERT INTO users VALUES (1)")
        before = fingerprint.take(url)
        with play.create(url, purpose=purpose) as made:
            name = f"made_{secrets.token_hex(4)}"
            tries = {
                "postgresql": [f"CREATE ROLE {name}", f"CREATE DATABASE {name}", "COPY (SELECT 1) TO PROGRAM 'true'"],
                "mariadb": [
                    f"INSERT INTO {database}.users VALUES (2)",
                    f"DROP TABLE {database}.users",
                    f"USE {database}",
                    f"CREATE DATABASE {name}",
                    f"CREATE DATABASE {made.url.database.replace('_', 'x')}",
                    f"CREATE USER {name}",
                    "SELECT * FROM mysql.global_priv",
                    "SET GLOBAL max_connections = 100",
                    "SELECT 1 INTO OUTFILE '/tmp/never_made'",
                ],
            }
            for statement in tries[dialect]:
                with pytest.raises(exc.DBAPIError):
                    execute(made.url, statement)
            if dialect == "postgresql":
                for statement in ("INSERT INTO users VALUES (2)", "CREATE TABLE t (id INTEGER)", "DROP TABLE users"):
                    with pytest.raises(exc.DBAPIError):
                        execute(made.url.set(database=database), statement)
        assert fingerprint.differences(before, fingerprint.take(url, since=before)) == []


def test_its_password_is_not_shown(database_url, purpose):
    """It is in the URL only, another one every time, and no text shows it."""
    with play.create(database_url, purpose=purpose) as made:
        assert made.user is None or (made.url.password not in repr(made.url) and len(made.url.password) > 30)


def test_extensions_and_schema_are_those_of_the_existing_database(postgresql_url, purpose):
    """They are made by the login that may, and the play role can use them."""
    schema = make_url(postgresql_url).database
    execute(
        postgresql_url,
        "CREATE SCHEMA tools",
        "CREATE EXTENSION citext SCHEMA tools",
        f"CREATE SCHEMA shop; ALTER DATABASE {schema} SET search_path TO shop, tools",
    )
    with play.create(postgresql_url, purpose=purpose) as made:
        execute(made.url, "CREATE EXTENSION IF NOT EXISTS citext", "CREATE TABLE users (email citext)")
        with engine_for(made.url).connect() as connection:
            assert connection.execute(text("SELECT 'shop.users'::regclass::text")).scalar() == "users"
            assert connection.execute(text("SELECT current_user")).scalar() == made.user

    assert left_behind(postgresql_url, purpose) == set()


def test_leftovers_of_killed_runs_are_dropped(database_url, purpose):
    """A run that is killed leaves its database and its login; the next one drops both, and those of a live run stay."""
    program = (
        f"import sys; sys.path.insert(0, {str(TEMPLATE.parent)!r})\n"
        "from adopt.server import play\n"
        f"made = play.create({database_url!r}, purpose={purpose!r})\n"
        "print('made', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "made\n"
    there = left_behind(database_url, purpose)
    assert play.drop_leftovers(database_url, purpose=purpose) == [], "it is in use"
    assert left_behind(database_url, purpose) == there

    other.kill()
    other.communicate()
    deadline = time.monotonic() + 10
    while not play.drop_leftovers(database_url, purpose=purpose) and time.monotonic() < deadline:
        time.sleep(0.1)  # the server notices the end of the connection a moment later

    assert left_behind(database_url, purpose) == set()


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_login_without_its_database_is_dropped(dialect, purpose):
    """A run that was killed after its database was dropped leaves a login alone."""
    name = scratch.prefix(purpose) + "0" * 12
    with new_database(dialect) as url:
        execute(url, f"CREATE USER {name}")

        assert play.drop_leftovers(url, purpose=purpose) == [name]
        assert left_behind(url, purpose) == set()


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_login_that_may_make_databases_and_no_other_login(dialect, purpose):
    """The play database has the same login, `user` is None, and nothing is left of the try."""
    with role_without_createdb(dialect) as url:
        name = make_url(url).username
        grant = {"postgresql": f"ALTER ROLE {name} CREATEDB", "mariadb": f"GRANT ALL ON `scratch\\_%`.* TO {name}"}
        execute(require_server(dialect), grant[dialect])
        with play.create(url, purpose=purpose, configured_urls=[url]) as made:
            assert made.user is None
            assert made.url.username == name
            execute(made.url, "CREATE TABLE t (id INTEGER)")
            assert left_behind(url, purpose) == {made.url.database}
        assert left_behind(url, purpose) == set()


def test_a_login_that_the_server_does_not_let_in(postgresql_url, purpose, monkeypatch):
    """Where the new login cannot connect, the play database has the same one, and all that was given to the other is back."""
    monkeypatch.setattr(play.Roles, "WHO", "SELECT 'somebody else'")

    with play.create(postgresql_url, purpose=purpose) as made:
        assert made.user is None
        execute(made.url, "CREATE TABLE t (id INTEGER)")
        assert left_behind(postgresql_url, purpose) == {made.url.database}

    assert left_behind(postgresql_url, purpose) == set()


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_given_empty_database(dialect, purpose):
    """What EMPTY_DATABASE_URL names is used as it is; one with a table is refused."""
    with role_without_createdb(dialect) as url, new_database(dialect) as empty:
        with play.create(url, purpose=purpose, configured_urls=[url], empty_database_url=empty) as made:
            assert (made.user, made.url.database) == (None, make_url(empty).database)
            execute(made.url, "CREATE TABLE t (id INTEGER)")
        execute(empty, "CREATE TABLE t (id INTEGER)")
        with pytest.raises(ScratchRefused, match="is not empty, it holds t"):
            play.create(url, purpose=purpose, empty_database_url=empty)
