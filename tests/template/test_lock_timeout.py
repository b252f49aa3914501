"""A statement of an upgrade that meets another session's lock on a table: it is given up, and the message names that session."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.servers import engine_for, execute
from tests.template.history import BASELINE, write_revision
from tests.template.project import Project
from tests.template.states import everything, shown

ALTER = "ALTER TABLE users ADD COLUMN phone VARCHAR(20)"
PHONE = "op.add_column('users', sa.Column('phone', sa.String(20)))"
ADVICE = "  End that session, run it at a quieter time, or wait longer:  MIGRATIONS_LOCK_TIMEOUT_S=300 python -m flask db upgrade\n"


def at_the_baseline(url: str, folder: Path, up: str = PHONE) -> Project:
    """One table with a row; a second revision alters it."""
    project = Project(folder / "project", url)
    write_revision(project, "first", None, BASELINE)
    project.flask("db", "upgrade")
    execute(url, "INSERT INTO users (id, email) VALUES (1, 'a@b.c')")
    write_revision(project, "second", "first", up, "op.drop_column('users', 'phone')")
    return project


@contextmanager
def transaction(url: str, *statements: str):
    """Another session that has run these statements, and has not ended its transaction; gives its number."""
    number = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}
    with engine_for(url).connect() as connection, connection.begin() as begun:
        pid = connection.scalar(text(number[connection.dialect.name]))
        for statement in statements:
            connection.execute(text(statement))
        yield pid
        begun.rollback()


def said_in(output: str) -> str:
    """The message, without how many seconds the other session has been there."""
    return re.sub(r" for \d+ s", " for N s", output[output.index("Error: ") :])


@pytest.mark.parametrize("statement", ["SELECT id FROM users", "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"], ids=["reads", "locks"])
def test_other_session_on_postgresql(postgresql_url, tmp_path, statement):
    """It ends after the limit, says who has which table, and everything is as it was, that which ran before included."""
    made = "op.create_table('orders', sa.Column('id', sa.Integer(), primary_key=True))\n"
    project = at_the_baseline(postgresql_url, tmp_path, made + PHONE)
    before = everything(postgresql_url)

    with transaction(postgresql_url, statement) as pid:
        said = project.flask("db", "upgrade", expect=1, MIGRATIONS_LOCK_TIMEOUT_S="1")

    assert said_in(said) == (
        "Error: lock-timeout\n"
        f"  A statement on {shown(postgresql_url)} waited too long for a table that somebody else uses:\n"
        f"    {ALTER}\n"
        f"    held by server process {pid} (role postgres), idle in transaction for N s: {statement}, has users\n"
        "  Its transaction was rolled back.\n" + ADVICE
    )
    assert everything(postgresql_url) == before
    project.flask("db", "upgrade")


def test_other_session_on_mariadb(mariadb_url, tmp_path):
    """It ends after the limit, and says who has the table; what ran before stays, and it says so."""
    project = at_the_baseline(mariadb_url, tmp_path)
    before = everything(mariadb_url)

    with transaction(mariadb_url, "SELECT id FROM users") as number:
        said = project.flask("db", "upgrade", expect=1, MIGRATIONS_LOCK_TIMEOUT_S="1")

    assert said_in(said) == (
        "Error: lock-timeout\n"
        f"  A statement on {shown(mariadb_url)} waited too long for a table that somebody else uses:\n"
        f"    {ALTER}\n"
        f"    held by connection {number} of root, Sleep for N s\n"
        "  This server commits each statement, so what ran before stays; `flask db current` says which revisions are done.\n"
        + ADVICE
    )
    assert everything(mariadb_url) == before
    project.flask("db", "upgrade")


def test_downgrade_on_postgresql(postgresql_url, tmp_path):
    """A downgrade waits no longer either."""
    project = at_the_baseline(postgresql_url, tmp_path)
    project.flask("db", "upgrade")
    before = everything(postgresql_url)

    with transaction(postgresql_url, "SELECT id FROM users"):
        said = project.flask("db", "downgrade", expect=1, MIGRATIONS_LOCK_TIMEOUT_S="1")

    assert "Error: lock-timeout\n" in said
    assert "    ALTER TABLE users DROP COLUMN phone\n" in said
    assert everything(postgresql_url) == before


def test_limit_that_the_role_or_database_has_already(postgresql_url, tmp_path):
    """It is kept: 300 ms win over the 30 s of the default."""
    name = engine_for(postgresql_url).url.database
    project = at_the_baseline(postgresql_url, tmp_path)
    execute(postgresql_url, f"ALTER DATABASE \"{name}\" SET lock_timeout TO '300ms'")

    with transaction(postgresql_url, "SELECT id FROM users"):
        assert "Error: lock-timeout\n" in project.flask("db", "upgrade", expect=1)


def test_other_error_of_a_revision(postgresql_url, tmp_path):
    """It stays what it is."""
    project = at_the_baseline(postgresql_url, tmp_path, "op.drop_column('users', 'nothing')")

    said = project.flask("db", "upgrade", expect=1)

    assert "lock-timeout" not in said
    assert 'column "nothing" of relation "users" does not exist' in said
