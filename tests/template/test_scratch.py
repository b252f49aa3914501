"""Scratch databases: empty, another one than any in use, like the existing one, and gone afterwards."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text

from adopt.base.errors import NotPermitted, ScratchRefused
from adopt.base.urls import backend, sqlite_path
from adopt.server import readonly, scratch
from tests.servers import databases, engine_for, execute, new_database, require_server
from tests.template.conftest import TEMPLATE


@pytest.fixture
def purpose() -> str:
    """Another project for each test, so that tests that run at the same time do not drop each other's databases."""
    return f"/projects/{secrets.token_hex(4)}"


def left_behind(url: str, purpose: str) -> list[str]:
    """The names of scratch databases of this project that are there now."""
    prefix = scratch.prefix(purpose)
    if backend(url) == "sqlite":
        return [path.name for path in Path(tempfile.gettempdir()).glob(prefix + "*")]
    dialect = "mariadb" if backend(url) == "mysql" else "postgresql"
    return [name for name in databases(dialect) if name.startswith(prefix)]


def make_table(engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE things (id INTEGER)"))


def test_made_used_and_dropped(database_url, purpose):
    """It is empty, takes tables, is on the same server under another name, and is dropped at the end."""
    with scratch.create_scratch(database_url, purpose=purpose, configured_urls=[database_url]) as made:
        assert inspect(made.engine()).get_table_names() == []
        make_table(made.engine())
        assert made.url.drivername == make_url(database_url).drivername
        assert made.url.database != make_url(database_url).database
        assert len(left_behind(database_url, purpose)) == 1
    assert left_behind(database_url, purpose) == []


THINGS = {
    "sqlite": {
        "view": ("CREATE VIEW v AS SELECT 1", "view v"),
        "table": ("CREATE TABLE t (id INTEGER)", "table t"),
    },
    "postgresql": {
        "function": ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function public.f()"),
        "type": ("CREATE TYPE t AS ENUM ('a')", "type public.t"),
        "domain": ("CREATE DOMAIN d AS int", "type public.d"),
        "composite type": ("CREATE TYPE c AS (a int)", "type public.c"),
        "sequence": ("CREATE SEQUENCE s", "sequence public.s"),
        "view": ("CREATE VIEW v AS SELECT 1 AS one", "view public.v"),
        "schema": ("CREATE SCHEMA other", "schema other"),
        "extension": ("CREATE EXTENSION hstore", "extension hstore"),
        "aggregate": ("CREATE AGGREGATE a(int) (SFUNC = int4pl, STYPE = int)", "aggregate public.a(integer)"),
        "collation": ('CREATE COLLATION c FROM "C"', "collation public.c"),
        "publication": ("CREATE PUBLICATION p", "publication p"),
        "cast": ("CREATE CAST (bigint AS bool) WITH INOUT", "cast (bigint AS boolean)"),
        "wrapper": ("CREATE FOREIGN DATA WRAPPER w", "foreign-data wrapper w"),
        "large object": ("SELECT lo_create(987654)", "large object 987654"),
    },
    "mariadb": {
        "function": ("CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1", "function f"),
        "procedure": ("CREATE PROCEDURE p() SELECT 1", "procedure p"),
        "event": ("CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO SELECT 1", "event e"),
        "sequence": ("CREATE SEQUENCE s", "sequence s"),
        "view": ("CREATE VIEW v AS SELECT 1", "view v"),
    },
}


@pytest.mark.parametrize("dialect", THINGS)
def test_given_database_with_one_thing_in_it_is_refused(dialect, purpose, tmp_path):
    """Whatever kind of thing is in it: it is named and stays; what a run makes of each kind is gone afterwards."""
    with new_database(dialect, tmp_path) as beside:
        for statement, shown in THINGS[dialect].values():
            with new_database(dialect, tmp_path) as empty:
                execute(empty, statement)
                for _ in range(2):
                    with pytest.raises(ScratchRefused) as raised:
                        scratch.create_scratch(beside, purpose=purpose, empty_database_url=empty)
                    assert raised.value.reason == "the scratch database is not empty, it holds " + shown
        with new_database(dialect, tmp_path) as empty:
            for _ in range(2):
                with scratch.create_scratch(beside, purpose=purpose, empty_database_url=empty) as made:
                    execute(made.url, *(statement for statement, _ in THINGS[dialect].values()))


def test_given_database_alone(database_url, purpose):
    """With nothing else known it is used as it is, and is empty again afterwards."""
    for _ in range(2):
        with scratch.create_scratch(None, purpose=purpose, empty_database_url=database_url) as made:
            make_table(made.engine())


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_dropped_when_the_run_fails(database_url, purpose, error):
    """An exception or Ctrl-C leaves nothing behind, also while a connection is still open."""
    with pytest.raises(error), scratch.create_scratch(database_url, purpose=purpose) as made:
        lingering = made.engine().connect()
        lingering.execute(text("SELECT 1"))
        raise error

    assert left_behind(database_url, purpose) == []
    lingering.invalidate()


def test_existing_database_is_not_needed(purpose, postgresql_url):
    """Where the database of the application does not exist yet, a scratch one is made all the same."""
    url = make_url(postgresql_url).set(database="no_such_database")

    with scratch.create_scratch(url, purpose=purpose) as made:
        assert inspect(made.engine()).get_table_names() == []


def test_leftover_of_a_killed_run_is_dropped(database_url, purpose):
    """A run that is killed leaves its database behind; the next one drops it."""
    program = (
        f"import sys; sys.path.insert(0, {str(TEMPLATE.parent)!r})\n"
        "from adopt.server import scratch\n"
        f"made = scratch.create_scratch({database_url!r}, purpose={purpose!r})\n"
        "print('made', flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "made\n"
    assert len(left_behind(database_url, purpose)) == 1
    assert scratch.drop_leftovers(database_url, purpose=purpose) == [], "it is in use"

    run.kill()
    run.communicate()
    deadline = time.monotonic() + 10
    while not scratch.drop_leftovers(database_url, purpose=purpose) and time.monotonic() < deadline:
        time.sleep(0.1)  # the server notices the end of the connection a moment later

    assert left_behind(database_url, purpose) == []


def test_leftovers_of_other_projects_stay(database_url, purpose):
    """Only what this project made is dropped."""
    with scratch.create_scratch(database_url, purpose=purpose):
        assert scratch.drop_leftovers(database_url, purpose=purpose + "-other") == []
        assert len(left_behind(database_url, purpose)) == 1


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_one_that_is_used_beside_another_database(dialect, purpose):
    """A run that begins with another database of the server does not take it for a leftover, although nobody is connected to it."""
    with new_database(dialect) as one, new_database(dialect) as other, scratch.create_scratch(one, purpose=purpose):
        assert scratch.drop_leftovers(other, purpose=purpose) == []
        assert len(left_behind(other, purpose)) == 1


@contextmanager
def role_without_createdb(dialect: str) -> Iterator[str]:
    """The URL of a database that belongs to a role that may do everything in it, and create no other."""
    name = f"role_{secrets.token_hex(4)}"
    server = require_server(dialect)
    with new_database(dialect) as url:
        database = make_url(url).database
        if dialect == "postgresql":
            execute(server, f"CREATE ROLE {name} LOGIN PASSWORD 'hunter2'", f"ALTER DATABASE {database} OWNER TO {name}")
        else:
            execute(server, f"CREATE USER {name} IDENTIFIED BY 'hunter2'", f"GRANT ALL ON {database}.* TO {name}")
        try:
            yield make_url(url).set(username=name, password="hunter2").render_as_string(hide_password=False)
        finally:
            if dialect == "postgresql":
                execute(server, f"ALTER DATABASE {database} OWNER TO CURRENT_USER", f"DROP ROLE {name}")
            else:
                execute(server, f"DROP USER {name}")


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_role_that_may_not_create_databases(dialect, purpose):
    """The reason is told apart, names the role's lack, and holds no password."""
    with role_without_createdb(dialect) as url:
        with pytest.raises(NotPermitted, match="may not create databases") as raised:
            scratch.create_scratch(url, purpose=purpose)
        assert "hunter2" not in str(raised.value)
        assert left_behind(url, purpose) == []


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_given_empty_database(dialect, purpose):
    """A role without CREATE DATABASE uses EMPTY_DATABASE_URL; it is there and empty again afterwards."""
    with role_without_createdb(dialect) as url, new_database(dialect) as empty:
        with scratch.create_scratch(url, purpose=purpose, configured_urls=[url], empty_database_url=empty) as made:
            assert made.url.database == make_url(empty).database
            make_table(made.engine())
            with made.engine().begin() as connection:
                connection.execute(text("CREATE VIEW report AS SELECT id FROM things"))
                if dialect == "postgresql":
                    for statement in (
                        "CREATE TYPE color AS ENUM ('red')",
                        "CREATE TABLE paint (id SERIAL, color color)",
                        "CREATE SCHEMA other",
                        "CREATE TABLE other.things (id INTEGER)",
                        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    ):
                        connection.execute(text(statement))
        with scratch.create_scratch(url, purpose=purpose, empty_database_url=empty) as again:
            assert inspect(again.engine()).get_table_names() == []
        assert make_url(empty).database in databases(dialect)


def test_given_sqlite_file_is_not_touched(tmp_path, purpose):
    """A file of our own can always be made, so that the given one is looked at only."""
    empty = f"sqlite:///{tmp_path}/empty.db"
    with scratch.create_scratch(f"sqlite:///{tmp_path}/shop.db", purpose=purpose, empty_database_url=empty) as made:
        make_table(made.engine())
        assert sqlite_path(made.url) != str(tmp_path / "empty.db")

    assert list(tmp_path.iterdir()) == []


def test_given_database_with_a_table_is_refused(populated_url, purpose, tmp_path):
    """A database that holds anything is not used, and keeps what it holds."""
    other = make_url(populated_url).set(database=str(tmp_path / "shop.db") if backend(populated_url) == "sqlite" else "shop")

    with pytest.raises(ScratchRefused, match=r"is not empty, it holds (.*, )?table (public\.)?users \("):
        scratch.create_scratch(other, purpose=purpose, empty_database_url=populated_url)

    with engine_for(populated_url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 2


def test_given_database_in_use_is_refused(database_url, purpose):
    """A configured database is not used as a scratch one, however empty it is and however its URL is written."""
    configured = database_url.replace("127.0.0.1", "localhost")

    with pytest.raises(ScratchRefused, match="the application uses"):
        scratch.create_scratch(
            "sqlite:///other.db" if configured.startswith("sqlite") else make_url(configured).set(database="x"),
            purpose=purpose,
            configured_urls=[configured],
            empty_database_url=database_url,
        )


def test_given_database_of_another_dialect_is_refused(purpose, postgresql_url):
    """A baseline for PostgreSQL is not proven on SQLite."""
    with pytest.raises(ScratchRefused, match="another dialect"):
        scratch.create_scratch(postgresql_url, purpose=purpose, empty_database_url="sqlite:////tmp/empty.db")


def test_postgresql_scratch_is_like_the_existing_database(purpose):
    """Encoding, collation and extensions are those of the existing database."""
    facts = text("SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()")
    with new_database("postgresql") as other:
        name = f"latin_{secrets.token_hex(4)}"
        execute(other, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
        url = make_url(other).set(database=name)
        try:
            execute(url, "CREATE SCHEMA tools", "CREATE EXTENSION citext SCHEMA tools")
            with scratch.create_scratch(url, purpose=purpose) as made, made.engine().connect() as connection:
                assert tuple(connection.execute(facts).one()) == ("LATIN1", "C", "C")
                found = "SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'citext'"
                assert connection.execute(text(found)).scalar() == "tools"
                assert made.missing_extensions == ()
        finally:
            execute(other, f"DROP DATABASE {name}")


def test_mariadb_scratch_is_like_the_existing_database(purpose, mariadb_url):
    """Character set and collation are those of the existing database."""
    execute(mariadb_url, f"ALTER DATABASE {make_url(mariadb_url).database} CHARACTER SET latin1 COLLATE latin1_general_cs")

    with scratch.create_scratch(mariadb_url, purpose=purpose) as made, made.engine().connect() as connection:
        found = connection.execute(text("SELECT @@character_set_database, @@collation_database")).one()
        assert tuple(found) == ("latin1", "latin1_general_cs")


def test_existing_database_is_only_looked_at(populated_url, purpose):
    """Making and dropping a scratch database beside it leaves no trace in the existing one."""
    with scratch.create_scratch(populated_url, purpose=purpose), readonly.connect(populated_url) as connection:
        assert inspect(connection).get_table_names() == ["users"]
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 2


def test_runs_that_begin_at_the_same_time(tmp_path):
    """Each makes its database while the others look for leftovers: none of them is taken for one."""
    url = f"sqlite:///{tmp_path}/shop.db"

    def make(number):
        scratch.drop_leftovers(url, purpose=tmp_path)
        with scratch.create_scratch(url, purpose=tmp_path) as made:
            with made.engine().begin() as connection:
                connection.exec_driver_sql(f"CREATE TABLE t AS SELECT {number} AS number")
            scratch.drop_leftovers(url, purpose=tmp_path)
            with made.engine().connect() as connection:
                return connection.exec_driver_sql("SELECT number FROM t").scalar()

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(make, range(200))) == list(range(200))
