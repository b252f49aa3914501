"""The one write to an existing database."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import inspect, make_url, text

from adopt.base.errors import AlreadyStamped, ChangedSinceVerified, DatabaseMissing, NotPermitted, RevisionTooLong
from adopt.schema import snapshot
from adopt.verdict import stamp
from tests.servers import engine_for, execute, require_server
from tests.template.conftest import TEMPLATE


def rows(url: str, query: str) -> list[tuple]:
    with engine_for(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def verified(url: str) -> dict:
    with engine_for(url).connect() as connection:
        return snapshot.take(connection)


def test_stamp_writes_one_row_and_nothing_else(populated_url):
    """The revision is read back, the rest of the schema and all rows are the same."""
    before, users = verified(populated_url), rows(populated_url, "SELECT * FROM users ORDER BY id")

    assert stamp.stamp(populated_url, "abc123", expected_snapshot=before) == "abc123"

    assert rows(populated_url, "SELECT version_num FROM alembic_version") == [("abc123",)]
    assert verified(populated_url) == before
    assert rows(populated_url, "SELECT * FROM users ORDER BY id") == users


def test_stamp_twice(populated_url):
    """The second time nothing is written and the same is said."""
    before = verified(populated_url)
    stamp.stamp(populated_url, "abc123", expected_snapshot=before)

    assert stamp.stamp(populated_url, "abc123", expected_snapshot=before) == "abc123"
    assert rows(populated_url, "SELECT version_num FROM alembic_version") == [("abc123",)]


def test_empty_version_table_is_filled(populated_url):
    """`flask db migrate` leaves an empty alembic_version behind; that is no stamp."""
    execute(populated_url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")

    assert stamp.stamp(populated_url, "abc123", expected_snapshot=None) == "abc123"


def test_another_revision_is_not_overwritten(populated_url):
    """A database that says another revision is left at it."""
    stamp.stamp(populated_url, "theirs", expected_snapshot=None)

    with pytest.raises(AlreadyStamped) as raised:
        stamp.stamp(populated_url, "ours", expected_snapshot=None)

    assert raised.value.revisions == ("theirs",)
    assert rows(populated_url, "SELECT version_num FROM alembic_version") == [("theirs",)]


def test_schema_that_changed_meanwhile_is_not_stamped(populated_url):
    """What was verified is not what is there any more: nothing is written."""
    before = verified(populated_url)
    execute(populated_url, "ALTER TABLE users ADD COLUMN phone VARCHAR(20)")

    with pytest.raises(ChangedSinceVerified) as raised:
        stamp.stamp(populated_url, "abc123", expected_snapshot=before)

    assert [item["name"] for item in raised.value.differences] == ["phone"]
    assert "alembic_version" not in verified_names(populated_url)


def verified_names(url: str) -> set[str]:
    with engine_for(url).connect() as connection:
        return set(snapshot.take(connection, ignore=())["tables"])


def test_own_version_table(populated_url):
    """`Migrate(app, db, version_table=...)` is honoured."""
    stamp.stamp(populated_url, "abc123", expected_snapshot=verified(populated_url), version_table="shop_version")

    assert rows(populated_url, "SELECT version_num FROM shop_version") == [("abc123",)]
    assert "alembic_version" not in verified_names(populated_url)


def test_version_table_in_a_schema(postgresql_url):
    """`version_table_schema` is honoured."""
    execute(postgresql_url, "CREATE SCHEMA versions")

    stamp.stamp(postgresql_url, "abc123", expected_snapshot=verified(postgresql_url), version_table_schema="versions")

    assert rows(postgresql_url, "SELECT version_num FROM versions.alembic_version") == [("abc123",)]


def test_missing_sqlite_file_is_not_created(tmp_path):
    """There is nothing to stamp, and still no file."""
    with pytest.raises(DatabaseMissing):
        stamp.stamp(f"sqlite:///{tmp_path}/none.db", "abc123", expected_snapshot=None)

    assert list(tmp_path.iterdir()) == []


def test_role_that_may_only_read(postgresql_url):
    """It is told apart, without the password."""
    server, role = require_server("postgresql"), "reader_" + make_url(postgresql_url).database
    execute(server, f"CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")
    try:
        url = make_url(postgresql_url).set(username=role, password="hunter2")
        with pytest.raises(NotPermitted, match="may not write alembic_version") as raised:
            stamp.stamp(url, "abc123", expected_snapshot=None)
        assert "hunter2" not in str(raised.value)
    finally:
        execute(server, f"DROP ROLE {role}")


def test_race_of_stampers(populated_url):
    """Of several processes that stamp at once with different revisions one wins, and the others say so."""
    program = (
        f"import sys; sys.path.insert(0, {str(TEMPLATE.parent)!r})\n"
        "from adopt.verdict import stamp\n"
        "from adopt.base import errors\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "try: print(stamp.stamp(sys.argv[1], sys.argv[2], expected_snapshot=None))\n"
        "except errors.AlreadyStamped as error: print('lost to', *error.revisions)\n"
    )
    arguments = [sys.executable, "-c", program, populated_url]
    runs = [
        subprocess.Popen([*arguments, f"rev{number}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    answers = [run.communicate(timeout=60)[0].strip() for run in runs]

    [(winner,)] = rows(populated_url, "SELECT version_num FROM alembic_version")
    assert sorted(answers) == sorted([winner] + [f"lost to {winner}"] * 3)


def test_rows_that_were_seen_give_way(populated_url):
    """A stale stamp is replaced, exactly that one; the same call again changes nothing."""
    stamp.stamp(populated_url, ("old", "older"), expected_snapshot=None)
    users = rows(populated_url, "SELECT * FROM users ORDER BY id")

    for _ in range(2):
        stamp.stamp(populated_url, ("new", "old"), expected_snapshot=None, replaces=("old", "older"))

    assert sorted(rows(populated_url, "SELECT version_num FROM alembic_version")) == [("new",), ("old",)]
    assert rows(populated_url, "SELECT * FROM users ORDER BY id") == users


def test_rows_that_changed_meanwhile_stay(populated_url):
    """A stamp that is no longer the one that was seen is not replaced."""
    stamp.stamp(populated_url, "somebody", expected_snapshot=None)

    with pytest.raises(AlreadyStamped, match="somebody"):
        stamp.stamp(populated_url, "new", expected_snapshot=None, replaces=("old",))

    assert rows(populated_url, "SELECT version_num FROM alembic_version") == [("somebody",)]


@pytest.mark.parametrize("is_there", [False, True], ids=["no table", "a table"])
def test_id_without_room(populated_url, is_there):
    """An id that the column cannot hold is refused before anything is written; SQLite holds it."""
    long = "x" * 33
    if is_there:
        execute(populated_url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    before = verified(populated_url)

    if populated_url.startswith("sqlite"):
        assert stamp.stamp(populated_url, long, expected_snapshot=before) == long
        return
    with pytest.raises(RevisionTooLong, match="has 33 characters, and alembic_version has room for 32"):
        stamp.stamp(populated_url, long, expected_snapshot=before)
    with engine_for(populated_url).connect() as connection:
        assert inspect(connection).has_table("alembic_version") == is_there
    assert verified(populated_url) == before


def test_wide_column_has_room(populated_url):
    """A team that made the column wider can use longer ids."""
    execute(populated_url, "CREATE TABLE alembic_version (version_num VARCHAR(64) NOT NULL PRIMARY KEY)")

    assert stamp.stamp(populated_url, "x" * 40, expected_snapshot=None) == "x" * 40


def test_where_nothing_may_be_written(mariadb_url):
    """A replica, or a database that its owner has made read-only, is reported like a missing privilege."""
    read_only = {"init_command": "SET SESSION TRANSACTION READ ONLY"}

    with pytest.raises(NotPermitted, match=r"may not write alembic_version: .*READ ONLY transaction"):
        stamp.stamp(mariadb_url, "abc123", expected_snapshot=None, connect_args=read_only)
