"""A read-only connection: the server refuses every write, whatever is tried, and nothing is created or changed."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DBAPIError

from adopt.base.errors import DatabaseMissing, DatabaseUnreachable
from adopt.server import readonly
from tests.servers import engine_for, require_server

WRITES = [
    "INSERT INTO users (email) VALUES ('c@example.com')",
    "UPDATE users SET email = 'x'",
    "DELETE FROM users",
    "CREATE TABLE other (id INTEGER)",
    "CREATE INDEX ix ON users (email)",
    "ALTER TABLE users ADD COLUMN extra INTEGER",
    "DROP TABLE users",
    "CREATE VIEW report AS SELECT 1",
]
SERVER_WRITES = ["TRUNCATE TABLE users", "CREATE DATABASE read_only_test", "CREATE USER read_only_test"]
OWN_WRITES = {
    "sqlite": ["VACUUM", "PRAGMA user_version = 7"],
    "postgresql": [
        *SERVER_WRITES,
        "SELECT nextval('users_id_seq')",
        "SELECT setval('users_id_seq', 50)",
        "CREATE TYPE t AS ENUM ('a')",
    ],
    "mysql": [*SERVER_WRITES, "CREATE SEQUENCE s", "RENAME TABLE users TO people", "REPLACE INTO users VALUES (1, 'x')"],
}


def contents(url: str) -> list[object]:
    """All rows, the tables there are, and on PostgreSQL where the sequence stands."""
    with engine_for(url).connect() as connection:
        result: list[object] = [tuple(row) for row in connection.execute(text("SELECT * FROM users ORDER BY id"))]
        tables = {
            "sqlite": "SELECT sql FROM sqlite_master",
            "postgresql": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
            "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
        }
        result += [tuple(row) for row in connection.execute(text(tables[connection.dialect.name]))]
        if connection.dialect.name == "postgresql":
            result.append(tuple(connection.execute(text("SELECT last_value, is_called FROM users_id_seq")).one()))
        return result


@pytest.mark.parametrize("autocommit", [False, True], ids=["in a transaction", "autocommit"])
def test_every_write_is_refused(populated_url, autocommit):
    """Rows, schema and sequences are the same after every kind of write was tried and refused."""
    before = contents(populated_url)
    engine = readonly.read_only_engine(populated_url)

    for statement in WRITES + OWN_WRITES[make_url(populated_url).get_backend_name()]:
        with engine.connect() as connection:
            if autocommit:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            with pytest.raises(DBAPIError):
                connection.execute(text(statement))
                connection.commit()
                pytest.fail(f"was not refused: {statement}")
    assert contents(populated_url) == before


def test_reads_work(populated_url):
    """What a read-only connection is for."""
    with readonly.connect(populated_url) as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 2


def test_missing_sqlite_file_is_not_created(tmp_path):
    """A missing file is an error, and still missing afterwards."""
    with pytest.raises(DatabaseMissing), readonly.connect(f"sqlite:///{tmp_path}/none.db"):
        pass

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_missing_database_on_a_server(dialect):
    """A database that the server does not have is missing, not unreachable."""
    url = make_url(require_server(dialect)).set(database="no_such_database")

    with pytest.raises(DatabaseMissing) as raised, readonly.connect(url):
        pass

    assert raised.value.url.endswith("/no_such_database")


@pytest.mark.parametrize("scheme", ["postgresql://", "postgres://", "postgresql+psycopg2://", "mysql+pymysql://"])
def test_server_that_does_not_answer(scheme):
    """No server is another error than no database, and its message holds no password."""
    with pytest.raises(DatabaseUnreachable) as raised, readonly.connect(scheme + "shop:hunter2@127.0.0.1:1/shop"):
        pass

    assert "hunter2" not in str(raised.value)
    assert ":***@" in str(raised.value)


def test_file_that_is_no_database(tmp_path):
    """A file of another kind is reported as such."""
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at by SQLite\n" * 20)

    with pytest.raises(DatabaseUnreachable, match="file is not a database"), readonly.connect(f"sqlite:///{tmp_path}/text.db"):
        pass


def files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def wal_database(folder: Path) -> str:
    """A SQLite database in WAL mode that nobody has open."""
    connection = sqlite3.connect(folder / "wal.db")
    connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1);")
    connection.close()
    return f"sqlite:///{folder}/wal.db"


def count(url: str) -> int:
    with readonly.connect(url) as connection:
        return connection.execute(text("SELECT count(*) FROM t")).scalar()


def test_wal_database_at_rest_gets_no_files(tmp_path):
    """SQLite makes -wal and -shm files even for reading; here none appears, and the file keeps its bytes."""
    url = wal_database(tmp_path)
    before = files(tmp_path)

    assert count(url) == 1
    assert files(tmp_path) == before == {"wal.db": before["wal.db"]}


def test_wal_that_a_crash_left_is_read(tmp_path):
    """Rows that are in the -wal only are seen, and database and -wal keep their bytes."""
    url = wal_database(tmp_path)
    crash = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('INSERT INTO t VALUES (2)'); c.commit(); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", crash, tmp_path / "wal.db"], check=False)
    (tmp_path / "wal.db-shm").unlink()
    before = files(tmp_path)
    assert set(before) == {"wal.db", "wal.db-wal"}

    assert count(url) == 2
    assert files(tmp_path) == before


def test_wal_database_in_use_is_read(tmp_path):
    """While the application has it open its latest commit is seen."""
    url = wal_database(tmp_path)
    application = sqlite3.connect(tmp_path / "wal.db")
    application.execute("INSERT INTO t VALUES (2)")
    application.commit()
    before = {name: digest for name, digest in files(tmp_path).items() if not name.endswith("-shm")}

    assert count(url) == 2
    assert {name: digest for name, digest in files(tmp_path).items() if not name.endswith("-shm")} == before


def test_application_that_sets_the_journal_mode(tmp_path):
    """A listener of the application's that sends PRAGMA journal_mode=WAL neither fails nor changes the file."""
    sqlite3.connect(tmp_path / "a.db").executescript("CREATE TABLE t (id INTEGER)")
    before = files(tmp_path)

    def listener(connection, record):
        connection.execute("PRAGMA journal_mode=WAL")

    event.listen(Engine, "connect", listener)
    try:
        assert count(f"sqlite:///{tmp_path}/a.db") == 0
    finally:
        event.remove(Engine, "connect", listener)
    assert files(tmp_path) == before
