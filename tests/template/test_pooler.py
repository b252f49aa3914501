"""Behind a pooler that lends sessions (PgBouncer, transaction mode) looking changes no session, and writes nothing either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from adopt.base.errors import DatabaseUnreachable
from adopt.history.redirecting import EXISTING, Redirection
from adopt.server import readonly
from adopt.server.readonly_postgresql import NotKept
from tests.poolers import pooled
from tests.servers import engine_for, execute

DRIVERS = ["psycopg2", "psycopg"]
WRITES = ["INSERT INTO users VALUES (3)", "DROP TABLE users", "CREATE TABLE other (id INTEGER)", "TRUNCATE users"]


@pytest.fixture
def pooler(postgresql_url: str, tmp_path: Path) -> Iterator[URL]:
    """The way through the pooler to a table with two rows."""
    execute(postgresql_url, "CREATE TABLE users (id INTEGER PRIMARY KEY)", "INSERT INTO users VALUES (1), (2)")
    with pooled(postgresql_url, tmp_path) as url:
        yield url


def rows(url: str | URL) -> int:
    """How many there are."""
    with engine_for(url).connect() as connection:
        return connection.execute(text("SELECT count(*) FROM users")).scalar_one()


def write(url: URL) -> None:
    """What the application does all day: fails in a session that was left read-only."""
    execute(url.set(drivername="postgresql+psycopg2"), "INSERT INTO users VALUES (9)", "DELETE FROM users WHERE id = 9")


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_application_can_write_afterwards(pooler, driver):
    """The session that the pooler lends to the next client has no setting of ours."""
    with readonly.connect(pooler.set(drivername=f"postgresql+{driver}")) as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 2

    write(pooler)


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_application_can_write_meanwhile(pooler, driver):
    """Also while our connection is open, between two of its transactions."""
    with readonly.connect(pooler.set(drivername=f"postgresql+{driver}")) as connection:
        connection.execute(text("SELECT 1"))
        connection.rollback()
        write(pooler)
        assert connection.execute(text("SHOW transaction_read_only")).scalar() == "on"


@pytest.mark.parametrize("autocommit", [False, True], ids=["in a transaction", "autocommit"])
@pytest.mark.parametrize("driver", DRIVERS)
def test_every_write_is_refused(pooler, driver, autocommit):
    """Each transaction begins as READ ONLY, and none is left out by an engine that wants no transactions."""
    engine = readonly.read_only_engine(pooler.set(drivername=f"postgresql+{driver}"))

    for statement in WRITES:
        with engine.connect() as connection:
            if autocommit:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            with pytest.raises(DBAPIError, match="read-only transaction"):
                connection.execute(text(statement))
                connection.commit()
    assert rows(pooler) == 2


@pytest.mark.parametrize("driver", DRIVERS)
def test_engines_of_the_application(pooler, driver):
    """What the application opens while it loads is kept from writing, and leaves the session as it was."""
    engine = create_engine(pooler.set(drivername=f"postgresql+{driver}"), isolation_level="AUTOCOMMIT", poolclass=NullPool)

    with Redirection(EXISTING).active(), engine.connect() as connection, pytest.raises(DBAPIError, match="read-only transaction"):
        connection.execute(text(WRITES[0]))

    assert rows(pooler) == 2
    write(pooler)


def test_a_driver_without_read_only_transactions(pooler):
    """pg8000 is refused there, with the reason and the way out."""
    with pytest.raises(DatabaseUnreachable) as raised, readonly.connect(pooler.set(drivername="postgresql+pg8000")):
        pass

    assert "through it pg8000 cannot be kept from writing" in str(raised.value)
    assert "connect to the server itself, or with psycopg2 or psycopg" in str(raised.value)
    write(pooler)


def test_the_same_driver_at_the_server_itself(postgresql_url):
    """It knows the number of its session, so the session is read-only."""
    url = make_url(postgresql_url).set(drivername="postgresql+pg8000")

    with readonly.connect(url) as connection, pytest.raises(DBAPIError, match="read-only transaction"):
        connection.execute(text("CREATE TABLE other (id INTEGER)"))


def test_engines_with_that_driver(pooler):
    """An application that connects so while it loads is told the same."""
    engine = create_engine(pooler.set(drivername="postgresql+pg8000"), poolclass=NullPool)

    with Redirection(EXISTING).active(), pytest.raises(NotKept, match="pg8000"), engine.connect():
        pass

    write(pooler)


def test_connections_that_a_function_makes(postgresql_url, tmp_path):
    """psycopg2 takes a function for its class of connections, too; our own connections are not made by it."""

    def factory(dsn, **options):
        raise AssertionError("it is not called")

    with pooled(postgresql_url, tmp_path) as pooler:
        url = pooler.set(drivername="postgresql+psycopg2")
        with readonly.connect(url, {"connection_factory": factory}) as connection, pytest.raises(DBAPIError, match="read-only"):
            connection.execute(text("CREATE TABLE made (id INTEGER)"))
