"""Waiting for a lock of another session: it is named, and given up after a bounded time."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from adopt.base.errors import DatabaseLocked
from adopt.server import engines, lock_watch, readonly
from tests.servers import new_database

HOLD = {"postgresql": "LOCK TABLE users IN ACCESS EXCLUSIVE MODE", "mariadb": "LOCK TABLES users WRITE"}
NAMED = {
    "postgresql": r"server process \d+ \(nightly job\), idle in transaction for \d+ s: LOCK TABLE users IN ACCESS EXCLUSIVE MODE,"
    r" has AccessExclusiveLock on users",
    "mariadb": r"connection \d+ of root, Sleep for \d+ s",
}


@pytest.fixture
def said(monkeypatch):
    """What is shown while something waits; the times are shorter."""
    lines = []
    monkeypatch.setattr(lock_watch, "say", lines.append)
    monkeypatch.setattr(lock_watch, "FIRST_S", 0.5)
    monkeypatch.setattr(lock_watch, "AGAIN_S", 0.5)
    monkeypatch.setattr(lock_watch, "TICK_S", 0.1)
    monkeypatch.setenv("MIGRATIONS_LOCK_WAIT_S", "2")
    return lines


@contextmanager
def locked(dialect, url):
    """Another session, which has a lock on the table `users`."""
    arguments = {"application_name": "nightly job"} if dialect == "postgresql" else {}
    with create_engine(url, connect_args=arguments, poolclass=NullPool).connect() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER)"))
        connection.commit()
        connection.execute(text(HOLD[dialect]))
        yield connection


@pytest.mark.parametrize(
    ("dialect", "driver"), [("postgresql", "psycopg2"), ("postgresql", "psycopg"), ("postgresql", "pg8000"), ("mariadb", "pymysql")]
)
def test_a_look_names_who_is_in_the_way_and_ends(dialect, driver, said, tmp_path):
    """The session, what it does and what it has locked; first in a line, then in the error."""
    with new_database(dialect) as url, locked(dialect, url):
        url = make_url(url).set(drivername={"mariadb": "mysql"}.get(dialect, dialect) + "+" + driver)
        began = time.monotonic()
        with pytest.raises(DatabaseLocked) as raised, readonly.connect(url) as connection:
            connection.execute(text("SELECT count(*) FROM users")).scalar()

        assert re.fullmatch(r"it waited 2 s for a lock; it is held by " + NAMED[dialect], raised.value.reason)
        assert 1.9 < time.monotonic() - began < 20
        shown = re.escape(str(url)) + r" for \d+ s now, up to 2 s\. It is held by " + NAMED[dialect]
        assert said
        assert all(re.fullmatch(r"Waiting for a lock on " + shown + r"\.", line) for line in said), said


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_lock_that_ends_in_time(dialect, said):
    """The statement goes on when the other session has ended."""
    with new_database(dialect) as url, locked(dialect, url) as holder:
        releasing = threading.Timer(1.2, holder.close)
        releasing.start()
        with readonly.connect(url) as connection:
            assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 0
        releasing.join()

    assert len(said) >= 1


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_statement_that_only_takes_long(dialect, said):
    """It waits for nobody, so it is left alone."""
    with new_database(dialect) as url, engines.engine(url).connect() as connection:
        connection.execute(text("SELECT pg_sleep(3)" if dialect == "postgresql" else "SELECT SLEEP(3)"))

    assert said == []


def test_a_sqlite_file_that_another_process_has_locked(tmp_path, monkeypatch):
    """The process is named, with its command."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE users (id INTEGER)")
    program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        with pytest.raises(DatabaseLocked) as raised, readonly.connect(f"sqlite:///{path}", {"timeout": 0.2}):
            pass
        number = other.pid
        other.communicate("")

    assert raised.value.reason.startswith(f"the database is locked by process {number} ({sys.executable} -c import sqlite3")
