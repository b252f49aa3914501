"""Fingerprints: what they see, what they leave alone, and that taking them changes nothing."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import make_url, text

from adopt.server import fingerprint, fingerprint_postgresql, sessions
from tests.servers import engine_for, execute, new_database, require_server

TABLES = {
    "postgresql": "CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR(120))",
    "mariadb": "CREATE TABLE users (id INTEGER PRIMARY KEY AUTO_INCREMENT, email VARCHAR(120))",
}
MORE = {
    "postgresql": ["CREATE UNLOGGED TABLE draft (id SERIAL)", "CREATE EXTENSION IF NOT EXISTS plpgsql"],
    "mariadb": ["CREATE SEQUENCE numbers"],
}  # beside it
ROWS = "INSERT INTO users (email) VALUES ('a'), ('b')"

# what another session does: what is found; {name} is the database's
ON_POSTGRESQL = {
    "INSERT INTO users (email) VALUES ('c')": [
        "rows of public.users were written: its checksum is another, 1 inserted",
        "next number of public.users_id_seq changed",
    ],
    "UPDATE users SET email = 'd'": ["rows of public.users were written: its checksum is another, 2 updated"],
    "DELETE FROM users": ["rows of public.users were written: its checksum is another, 2 deleted"],
    "SET track_counts = off; UPDATE users SET email = 'd' WHERE id = 1": [
        "rows of public.users were written: its checksum is another"
    ],
    "SET track_counts = off; SELECT lo_put(4710, 0, 'other')": [
        "rows of pg_catalog.pg_largeobject were written: its checksum is another"
    ],
    "BEGIN; INSERT INTO users VALUES (9); ROLLBACK": ["rows of public.users were written: 1 inserted"],
    "TRUNCATE users": ["rows of public.users were written: its checksum is another, it has another file"],
    "SELECT nextval('users_id_seq')": ["next number of public.users_id_seq changed"],
    "SELECT nextval('draft_id_seq')": ["next number of public.draft_id_seq changed"],
    "SELECT setval('draft_id_seq', 9, false)": ["next number of public.draft_id_seq changed"],
    "SELECT lo_create(4711)": ["large objects changed: 4711"],
    "CREATE TABLE other (id INTEGER)": ["table public.other is new", "types changed"],
    "ALTER TABLE users ADD COLUMN age INTEGER": ["table public.users changed"],
    "ALTER TABLE users ADD CHECK (id > 0)": ["constraints changed: constraint users_id_check on table users"],
    "ALTER TABLE users ALTER email SET DEFAULT 'x'": [
        "defaults of columns changed: default value for column email of table users",
        "table public.users changed",
    ],
    "CREATE INDEX ix ON users (email)": ["index public.ix is new", "indexes changed"],
    "CREATE VIEW seen AS SELECT id FROM users": ["types changed", "view public.seen is new", "views and rules changed"],
    "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'": ["functions changed: function one()"],
    "CREATE TYPE color AS ENUM ('red')": ["types changed: color", "values of enums changed: color red"],
    "CREATE SCHEMA other": ["schemas changed: schema other"],
    "COMMENT ON TABLE users IS 'x'": ["comments changed: table users"],
    "COMMENT ON EXTENSION plpgsql IS 'x'": ["comments changed: extension plpgsql"],
    "GRANT SELECT ON users TO PUBLIC": ["table public.users changed"],
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY": ["table public.users changed"],
    "ALTER TABLE users REPLICA IDENTITY FULL": ["table public.users changed"],
    "ALTER TABLE users FORCE ROW LEVEL SECURITY": ["table public.users changed"],
    "CREATE CONVERSION other FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1": ["pg_conversion changed: conversion other"],
    "CREATE TEXT SEARCH DICTIONARY other (TEMPLATE = simple)": ["pg_ts_dict changed: text search dictionary other"],
    "CREATE PUBLICATION other FOR ALL TABLES": ["pg_publication changed: publication other"],
    'CREATE COLLATION other FROM "C"': ["pg_collation changed: collation other"],
    "ALTER EXTENSION plpgsql ADD TABLE users": ["extensions changed: table users"],
    "ALTER INDEX users_pkey DEPENDS ON EXTENSION plpgsql": ["extensions changed: index users_pkey"],
    "DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'x'); END $$": [
        "settings of the database changed"
    ],
    "SELECT pg_stat_reset()": ["the statistics of the server were reset, so that rows are not counted"],
    "DROP TABLE users": [
        "defaults of columns changed",
        "definitions of sequences changed",
        "index public.users_pkey is gone",
        "indexes changed",
        "sequence public.users_id_seq is gone",
        "table public.users is gone",
        "types changed",
        "constraints changed",
    ],
    # what is no change
    "SELECT * FROM users": [],
    "CREATE TEMPORARY TABLE t (id SERIAL PRIMARY KEY, x TEXT DEFAULT 'y'); INSERT INTO t (x) VALUES ('a')": [],
    "ANALYZE users": [],
    "VACUUM users": [],
}
ON_MARIADB = {
    "INSERT INTO users (email) VALUES ('c')": ["rows of users were written"],
    "UPDATE users SET email = 'd'": ["rows of users were written"],
    "DELETE FROM users": ["rows of users were written"],
    "TRUNCATE users": ["rows of users were written"],
    "CREATE TABLE other (id INTEGER)": ["table other is new"],
    "ALTER TABLE users ADD COLUMN age INTEGER": ["columns of users changed"],
    "ALTER TABLE users ADD CHECK (email <> '')": ["check constraint CONSTRAINT_1 is new"],
    "ALTER TABLE users ALTER email SET DEFAULT 'x'": ["columns of users changed"],
    "ALTER TABLE users COMMENT 'x'": ["table users changed"],
    "CREATE INDEX ix ON users (email)": ["indexes of users changed"],
    "CREATE VIEW seen AS SELECT id FROM users": ["table seen is new", "view seen is new"],
    "CREATE FUNCTION one() RETURNS int RETURN 1": ["routine one is new"],
    "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW SET NEW.email = 'x'": ["trigger t is new"],
    "ALTER DATABASE COMMENT 'x'": ["settings of the database changed"],
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1": ["event e is new"],
    "DROP TABLE users": ["table users is gone"],
    "SELECT NEXTVAL(numbers)": ["rows of numbers were written"],
    "SELECT * FROM users": [],
    "CREATE TEMPORARY TABLE t (id INTEGER)": [],
    "ANALYZE TABLE users": [],
}


def both(before: dict, after: dict) -> tuple[list[str], list[str]]:
    """(the differences, what is unclear) of two fingerprints, both of which JSON has carried."""
    before, after = json.loads(json.dumps(before)), json.loads(json.dumps(after))
    return fingerprint.differences(before, after), fingerprint.unclear(before, after)


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_changes_on_servers(dialect):
    """Each change of the schema or of rows is found and named, and what is none is not."""
    expected = ON_POSTGRESQL if dialect == "postgresql" else ON_MARIADB
    found = {}
    with new_database(dialect) as url:
        database = make_url(url).database
        anew = {"postgresql": ["DROP SCHEMA IF EXISTS other", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"]}
        execute(url, *["SELECT lo_from_bytea(4710, 'one')"] * (dialect == "postgresql"))
        anew["mariadb"] = [f"DROP DATABASE {database}", f"CREATE DATABASE {database}", f"USE {database}"]
        for statements in expected:
            execute(url, *anew[dialect], TABLES[dialect], ROWS, *MORE[dialect])
            before = fingerprint.take(url)
            execute(url, statements)
            lines = both(before, fingerprint.take(url, since=before))[0]
            if dialect == "mariadb":  # which of its marks are others depends on the second in which that is
                lines = [line.partition(":")[0] for line in lines]
                by_time = {"table users changed"} | ({"rows of users were written"} if "ALTER TABLE" in statements else set())
                lines = [line for line in lines if line not in by_time or line in expected[statements]]
            found[statements] = sorted(lines)

    assert found == {statements: sorted(lines) for statements, lines in expected.items()}


def test_changes_on_sqlite(tmp_path):
    """Any byte of the file counts, and a file beside it; a copy of the same bytes in its place is another file."""
    path = tmp_path / "shop.db"
    url = f"sqlite:///{path}"
    assert both(fingerprint.take(url), fingerprint.take(url)) == ([], [])
    missing = fingerprint.take(url)
    execute(url, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)", ROWS)
    before = fingerprint.take(url)

    assert both(missing, before)[0] == ["the database was made"]
    assert both(before, fingerprint.take(url, since=before)) == ([], [])
    execute(url, "UPDATE users SET email = 'c'")
    assert both(before, fingerprint.take(url, since=before))[0] == ["file shop.db changed"]
    before = fingerprint.take(url)
    (tmp_path / "shop.db-wal").write_bytes(b"")
    assert both(before, fingerprint.take(url, since=before))[0] == ["file shop.db-wal is new"]
    path.unlink()
    (tmp_path / "shop.db-wal").unlink()
    assert both(before, fingerprint.take(url, since=before))[0] == ["the database is gone"]


def test_a_large_sqlite_file(tmp_path, monkeypatch):
    """Of a file too large to be read its header and times tell."""
    monkeypatch.setattr(fingerprint.fingerprint_sqlite, "WHOLE", 100)
    path = tmp_path / "shop.db"
    execute(f"sqlite:///{path}", "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)", ROWS)
    before = fingerprint.take(f"sqlite:///{path}")
    content = path.read_bytes()

    path.write_bytes(content.replace(b"users", b"suers"))
    os.utime(path, ns=(path.stat().st_atime_ns, before["rows"]["file"]["shop.db"]["mtime"]))

    assert both(before, fingerprint.take(f"sqlite:///{path}", since=before))[0] == ["file shop.db changed"]


def test_taking_one_changes_nothing(tmp_path):
    """A SQLite file in WAL mode gets nothing beside it, whether somebody has it open or not, and keeps its times."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)")
        held = {entry.name: entry.stat().st_mtime_ns for entry in tmp_path.iterdir()}
        fingerprint.take(f"sqlite:///{path}")
        assert {entry.name: entry.stat().st_mtime_ns for entry in tmp_path.iterdir()} == held
    kept = path.stat()

    fingerprint.take(f"sqlite:///{path}")

    assert [entry.name for entry in tmp_path.iterdir()] == ["shop.db"]
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (kept.st_mtime_ns, kept.st_size)


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_rows_that_another_session_may_have_written(dialect):
    """While somebody else works on the database, rows are unclear and no difference; its schema is one all the same."""
    with new_database(dialect) as url, engine_for(url).connect() as somebody:
        execute(url, TABLES[dialect], ROWS)
        somebody.execute(text("SELECT 1"))
        before = fingerprint.take(url)

        somebody.execute(text("INSERT INTO users (email) VALUES ('c')"))
        somebody.commit()
        somebody.execute(text("SELECT 1"))
        execute(url, "INSERT INTO users (email) VALUES ('c')", "CREATE VIEW seen AS SELECT id FROM users")
        differences, unclear = both(before, fingerprint.take(url, since=before))

        assert [line for line in differences if line.startswith("rows")] == []
        assert [line for line in differences if line.startswith("view")]
        assert [line for line in unclear if line.startswith("rows of")]


WRITER = """
import sys, time
from tests.servers import execute
while True:
    execute(sys.argv[1], "INSERT INTO users (email) VALUES ('c')")
    print("written", flush=True)
    time.sleep(0.1)
"""


def test_a_subscription(postgresql_url):
    """One that is made, or switched, is a change of the database, also for a login that may not read where it leads."""
    login = f"plain_{secrets.token_hex(4)}"
    url = make_url(postgresql_url).set(username=login)
    execute(postgresql_url, TABLES["postgresql"], f"CREATE ROLE {login} LOGIN")
    try:
        before = [fingerprint.take(one) for one in (url, postgresql_url)]
        execute(postgresql_url, "CREATE SUBSCRIPTION other CONNECTION 'dbname=none' PUBLICATION other WITH (connect = false)")
        after = [fingerprint.take(one) for one in (url, postgresql_url)]
    finally:
        execute(postgresql_url, "ALTER SUBSCRIPTION other SET (slot_name = NONE)", "DROP SUBSCRIPTION IF EXISTS other")
        execute(postgresql_url, f"DROP ROLE {login}")

    assert [both(*pair)[0] for pair in zip(before, after, strict=True)] == [["settings of the database changed"]] * 2


@pytest.mark.parametrize("words", ["", " /* scratch_ */"])
@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_session_that_is_still_at_work(dialect, words, monkeypatch):
    """What the application has sent to the server runs on when its process has been ended, whatever it names."""
    require_server(dialect)
    monkeypatch.setattr(sessions, "AT_WORK_S", 0)
    sleep = {"postgresql": "SELECT pg_sleep(9)", "mariadb": "SELECT SLEEP(9)"}[dialect] + words
    command = "import sys, sqlalchemy as s; s.create_engine(sys.argv[1]).connect().execute(s.text(sys.argv[2]))"
    with new_database(dialect) as url:
        before = fingerprint.take(url)
        with subprocess.Popen([sys.executable, "-c", command, url, sleep]) as process:
            while not fingerprint.take(url)["sessions"]:
                pass
            process.kill()

        changed, _ = both(before, fingerprint.take(url, since=before))

    assert [line.partition(" process")[0] for line in changed] == ["a session that began meanwhile is still at work:"]


def test_a_database_that_others_keep_writing_to(database_url):
    """Somebody who connects anew for each row began after the first look; the rows go on changing, so they are no difference."""
    dialect = {"mysql": "mariadb"}.get(make_url(database_url).get_backend_name(), make_url(database_url).get_backend_name())
    execute(database_url, TABLES.get(dialect, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)"), ROWS)
    before = fingerprint.take(database_url)
    with subprocess.Popen([sys.executable, "-c", WRITER, database_url], stdout=subprocess.PIPE) as process:
        process.stdout.readline()

        differences, unclear = both(before, fingerprint.take(database_url, since=before))

        process.kill()
    assert differences == []
    assert [line for line in unclear if line.startswith(("rows of", "file "))]


def test_a_session_that_was_idle_all_the_time():
    """Somebody who is connected and does nothing wrote nothing."""
    before = {"state": "seen", "schema": {}, "unseen": [], "sessions": {"7": ["100.5", 60.0]}}
    before["rows"] = {"rows of": {"public.users": {"inserted": 2}}}
    after = dict(before, rows={"rows of": {"public.users": {"inserted": 3}}}, sessions={"7": ["100.5", 62.0]})
    rows = ["rows of public.users were written: 1 inserted"]

    assert both(before, after) == (rows, [])
    assert both(before, dict(after, sessions={"7": ["161.0", 0.1]})) == ([], rows), "it did something"
    assert both(before, dict(after, sessions={})) == ([], rows), "it ended"
    just_idle = dict(before, sessions={"7": ["100.5", 1.0]})
    assert both(just_idle, after) == ([], rows), "what it wrote may not have been counted yet"


def test_a_sqlite_file_that_another_process_has_open(tmp_path):
    """A change is unclear where a process that began before has the file open, and a difference where it began since."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    execute(url, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)", ROWS)
    program = (
        f"import sqlite3, sys; connection = sqlite3.connect({str(tmp_path / 'shop.db')!r})\n"
        "connection.execute('SELECT * FROM users'); print(flush=True); sys.stdin.read()"
    )
    first = fingerprint.take(url)
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        second = fingerprint.take(url)
        execute(url, "UPDATE users SET email = 'c'")
        assert both(second, fingerprint.take(url, since=second)) == ([], ["file shop.db changed"])
        assert both(first, fingerprint.take(url, since=dict(first, taken=first["taken"] - 60)))[0] == ["file shop.db changed"]
        process.stdin.close()


def test_large_tables_of_which_no_time_is_told(mariadb_url):
    """That their rows are not looked at is said; a small one is read, an empty one too, and InnoDB tells the time."""
    table = "CREATE TABLE {} (id INTEGER PRIMARY KEY AUTO_INCREMENT, text CHAR(200)) ENGINE={}"
    execute(mariadb_url, table.format("small", "MEMORY"), table.format("one", "InnoDB"))
    before = fingerprint.take(mariadb_url)
    assert both(before, fingerprint.take(mariadb_url, since=before)) == ([], [])
    fill = "INSERT INTO {} (text) SELECT REPEAT('x', 150) FROM seq_1_to_8000"
    execute(mariadb_url, table.format("large", "MEMORY"), *(fill.format(name) for name in ("large", "one")))
    before = fingerprint.take(mariadb_url)
    execute(mariadb_url, "UPDATE large SET text = 'other' WHERE id = 7")

    unclear = ["the rows of large tables that are not InnoDB's could not be looked at"]
    assert both(before, fingerprint.take(mariadb_url, since=before)) == ([], unclear)


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_role_with_few_rights(dialect):
    """A role that may read one database only gets its fingerprint; nothing is raised, and rows and schema are seen."""
    name, server = f"role_{secrets.token_hex(4)}", require_server(dialect)
    with new_database(dialect) as url:
        database = make_url(url).database
        execute(url, TABLES[dialect], ROWS)
        grants = {
            "postgresql": [f"CREATE ROLE {name} LOGIN PASSWORD 'x'", "GRANT SELECT ON users TO " + name],
            "mariadb": [f"CREATE USER {name} IDENTIFIED BY 'x'", f"GRANT SELECT ON {database}.* TO {name}"],
        }
        execute(url, *grants[dialect])
        try:
            theirs = make_url(url).set(username=name, password="x")
            before = fingerprint.take(theirs)
            execute(url, "INSERT INTO users (email) VALUES ('c')", "CREATE TABLE other (id INTEGER)")
            differences = both(before, fingerprint.take(theirs, since=before))[0]
            assert [line for line in differences if "users were written" in line]
            assert [line for line in differences if line.endswith("other is new")]
        finally:
            execute(url, *(["DROP OWNED BY " + name] if dialect == "postgresql" else []))
            execute(server, f"DROP {'ROLE' if dialect == 'postgresql' else 'USER'} {name}")


def test_rights_on_mariadb(mariadb_url):
    """One that is given on the database or its tables is named; one on another database is no change of this one."""
    name, database = f"role_{secrets.token_hex(4)}", make_url(mariadb_url).database.replace("_", "\\_")
    execute(mariadb_url, TABLES["mariadb"], f"CREATE USER {name}")
    expected = {
        f"GRANT SELECT ON `{database}`.* TO {name}": [f"right '{name}'@'%' is new"],
        f"GRANT INSERT ON users TO {name}": [f"right on tables '{name}'@'%' is new"],
        f"GRANT SELECT ON other.* TO {name}": [],
    }
    try:
        for statement, lines in expected.items():
            before = fingerprint.take(mariadb_url)
            execute(mariadb_url, statement)
            assert both(before, fingerprint.take(mariadb_url, since=before)) == (lines, [])
    finally:
        execute(mariadb_url, f"DROP USER {name}")


def test_rows_that_may_be_written_uncounted(postgresql_url, monkeypatch):
    """Of tables that are too large to be read that is said where the login can switch the counting off, and where it is off."""
    name = f"role%{secrets.token_hex(4)}"
    execute(postgresql_url, 'CREATE TABLE "one % \\:two" (id INTEGER)', f'CREATE ROLE "{name}" LOGIN')
    theirs = make_url(postgresql_url).set(username=name)
    try:
        before = fingerprint.take(postgresql_url)
        assert both(before, fingerprint.take(postgresql_url, since=before)) == ([], [])
        execute(postgresql_url, 'SET track_counts = off; INSERT INTO "one % \\:two" VALUES (1)')
        assert both(before, fingerprint.take(postgresql_url, since=before))[0] == [
            "rows of public.one % :two were written: its checksum is another"
        ]
        monkeypatch.setattr(fingerprint_postgresql, "READ", 8191)
        before = fingerprint.take(postgresql_url)
        unclear = ["rows of large tables, as this login can switch track_counts off, could not be looked at"]
        assert both(before, fingerprint.take(postgresql_url, since=before)) == ([], [])
        assert fingerprint.unseen("uncounted", before, before) == unclear
        before = fingerprint.take(theirs)
        assert both(before, fingerprint.take(theirs, since=before)) == ([], [])
        execute(postgresql_url, f'ALTER ROLE "{name}" SET track_counts = off')
        before = fingerprint.take(theirs)
        unclear = ["rows of large tables, as track_counts is off, could not be looked at"]
        assert fingerprint.unclear(before, before) == unclear
    finally:
        execute(postgresql_url, f'DROP ROLE "{name}"')


def test_a_sequence_that_may_be_set_and_not_read(postgresql_url):
    """That is said of the retrofit; one that the role has no right to is nothing that it could have changed."""
    name = f"role_{secrets.token_hex(4)}"
    execute(postgresql_url, "CREATE SEQUENCE one", "CREATE SEQUENCE two", f"CREATE ROLE {name} LOGIN")
    theirs = make_url(postgresql_url).set(username=name)
    try:
        before = fingerprint.take(theirs)
        assert both(before, fingerprint.take(theirs, since=before)) == ([], [])
        execute(postgresql_url, f"GRANT UPDATE ON two TO {name}")
        before = fingerprint.take(theirs)
        unclear = ["sequences that this login may not read could not be looked at"]
        assert both(before, fingerprint.take(theirs, since=before)) == ([], [])
        assert fingerprint.unseen("uncounted", before, before) == unclear
    finally:
        execute(postgresql_url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_a_role_that_may_not_read_a_catalogue(postgresql_url):
    """That kind is named, and all others are compared."""
    name = f"role_{secrets.token_hex(4)}"
    execute(postgresql_url, TABLES["postgresql"], f"CREATE ROLE {name} LOGIN", "REVOKE SELECT ON pg_trigger FROM PUBLIC")
    try:
        theirs = make_url(postgresql_url).set(username=name)
        before = fingerprint.take(theirs)
        execute(postgresql_url, "CREATE VIEW other AS SELECT 1 AS one")
        differences, unclear = both(before, fingerprint.take(theirs, since=before))
        assert "view public.other is new" in differences
        assert unclear == ["triggers could not be looked at"]
    finally:
        execute(postgresql_url, f"DROP ROLE {name}")


def test_what_is_missing_or_does_not_answer(postgresql_url):
    """A missing database is told from one that does not answer; neither is an exception, and the password is not shown."""
    missing = make_url(postgresql_url).set(database="no_such_database")
    refused = make_url(postgresql_url).set(port=1, password="hunter2")

    assert fingerprint.take(missing) == {"state": "missing"}
    unseen = fingerprint.take(refused)
    assert unseen["state"] == "unseen"
    assert "hunter2" not in json.dumps(unseen)
    assert both(unseen, unseen)[0] == []
    assert both(unseen, unseen)[1][0].startswith("it could not be looked at: ")
    assert fingerprint.take("oracle://u@h/d")["state"] == "unseen"
    assert fingerprint.take("mysql+mysqlconnector://u@h/d") == {"state": "unseen", "why": "No module named 'mysql'"}
    assert fingerprint.take("postgresql+nodriver://u@h/d")["state"] == "unseen"
