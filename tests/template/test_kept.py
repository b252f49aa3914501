"""The connection of a look is read-only until it is given to the stamp, and what a role may not do it may not do there either."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from adopt.base.errors import NotPermitted
from adopt.verdict import stamp
from adopt.verdict.kept_connection import Kept
from tests.poolers import pooled
from tests.servers import execute

WRITE = text("CREATE TABLE other (id INTEGER)")


@pytest.fixture
def url(postgresql_url: str) -> URL:
    """An empty database."""
    return make_url(postgresql_url).set(drivername="postgresql+psycopg2")


@pytest.fixture
def kept(url: URL) -> Iterator[Kept]:
    """What keeps a connection to it."""
    one = Kept(SimpleNamespace(url=url, connect_args={}))
    yield one
    one.close()


def looked(kept: Kept) -> None:
    """Look at the database."""
    with kept.connect() as connection:
        connection.execute(text("SELECT 1"))


def number(connection: Connection) -> int:
    """That of the session."""
    return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def test_read_only_while_it_is_looked_over(kept):
    """Nothing is different until it is given away."""
    for _ in range(2):
        with pytest.raises(DBAPIError, match="read-only transaction"), kept.connect() as connection:
            connection.execute(WRITE)


def test_the_same_session_writes(kept):
    """No second one is opened."""
    with kept.connect() as connection:
        looking = number(connection)

    writing = kept.writable()

    assert number(writing) == looking
    writing.execute(WRITE)


def test_nothing_is_begun_while_it_is_kept(kept, url):
    """A transaction that stays open would keep VACUUM and ALTER TABLE waiting."""
    looked(kept)

    with kept.connect() as connection:  # which closes the one before
        query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND state LIKE 'idle in%'")
        assert connection.execute(query, {"name": url.database}).scalar() == 0


def test_it_is_given_once(kept):
    """Who asks again gets none, and opens one of its own."""
    looked(kept)

    assert kept.writable() is not None
    assert kept.writable() is None


def test_nothing_is_kept_after_an_error(kept):
    """A connection that failed is closed."""
    with pytest.raises(DBAPIError), kept.connect() as connection:
        connection.execute(text("SELECT * FROM nowhere"))

    assert kept.writable() is None


def test_a_database_that_its_owner_made_read_only(kept, url):
    """Its word holds: the stamp is refused as over any other connection."""
    execute(url, f'ALTER DATABASE "{url.database}" SET default_transaction_read_only = on')
    looked(kept)

    assert kept.writable() is None
    with pytest.raises(NotPermitted, match="read-only transaction"):
        stamp.stamp(url, "abc123", expected_snapshot=None)


def test_behind_a_pooler(url, tmp_path):
    """A session that is lent for one transaction cannot be kept."""
    with pooled(url, tmp_path) as through:
        kept = Kept(SimpleNamespace(url=through, connect_args={}))
        looked(kept)

        assert kept.writable() is None
        kept.close()
