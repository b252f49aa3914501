"""A statement that a database refuses during an upgrade or a downgrade: the message, and what the database is left with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect

from adopt.base import errors
from tests.servers import engine_for, execute
from tests.template.binds_project import binds_project
from tests.template.history import BASELINE, write_revision
from tests.template.project import Project
from tests.template.states import everything, shown
from tests.template.test_lock_timeout import transaction

NICK = "op.add_column('users', sa.Column('nick', sa.String(20)))\n"
AGAIN = "  Then run it again:  python -m flask db upgrade\n"


def at_the_baseline(url: str, folder: Path, up: str, down: str = "pass") -> Project:
    """One table with two rows; the second revision is `up`."""
    project = Project(folder / "project", url)
    write_revision(project, "first", None, BASELINE)
    project.flask("db", "upgrade")
    execute(url, "INSERT INTO users (id, email) VALUES (1, 'a@b.c'), (2, 'd@e.f')")
    write_revision(project, "second", "first", up, down, "\nconsents = {'*': 'the database is to refuse it'}\n")
    return project


def said_in(output: str) -> str:
    """The message alone: whatever is logged, and where a revision has a line, is not of it."""
    assert "Traceback" not in output
    return re.sub(r"second\.py:\d+", "second.py:N", output[output.index("rror: ") + len("rror: ") :])


def test_missing_values_on_postgresql(postgresql_url, tmp_path):
    """Who has rows in a table that gets a required column reads which revision, what the server says, and what to write."""
    project = at_the_baseline(postgresql_url, tmp_path, NICK + "op.alter_column('users', 'nick', nullable=False)")
    before = everything(postgresql_url)

    assert said_in(project.flask("db", "upgrade", expect=1)) == (
        "revision-failed\n"
        f"  Revision second does not run on {shown(postgresql_url)}:\n"
        "    migrations/versions/second.py:N\n"
        '    IntegrityError: column "nick" of relation "users" contains null values\n'
        "    ALTER TABLE users ALTER COLUMN nick SET NOT NULL\n"
        "  Its transaction was rolled back; the database is at first.\n"
        "  Rows would have no value: give the column a server_default, or add it nullable, fill it, then alter it.\n" + AGAIN
    )
    assert everything(postgresql_url) == before


def test_missing_values_on_sqlite(tmp_path):
    """The statement that copies the rows into the new table is SQLite's."""
    up = "with op.batch_alter_table('users') as batch:\n    batch.alter_column('secret', nullable=False)"
    sqlite_url = f"sqlite:///{tmp_path}/shop.db"
    project = at_the_baseline(sqlite_url, tmp_path, up)
    before = everything(sqlite_url)

    assert said_in(project.flask("db", "upgrade", expect=1)) == (
        "revision-failed\n"
        f"  Revision second does not run on {shown(sqlite_url)}:\n"
        "    migrations/versions/second.py:N\n"
        "    IntegrityError: NOT NULL constraint failed: _alembic_tmp_users.secret\n"
        "    INSERT INTO _alembic_tmp_users (id, email, secret) SELECT users.id, users.email, users.secret FROM users\n"
        "  Its transaction was rolled back; the database is at first.\n"
        "  Rows would have no value: give the column a server_default, or add it nullable, fill it, then alter it.\n" + AGAIN
    )
    assert everything(sqlite_url) == before


def test_half_of_a_revision_on_mariadb(mariadb_url, tmp_path):
    """What ran before the error is listed, for the server keeps it, and the revision would begin with it again."""
    up = NICK + "op.execute(\"UPDATE users SET nick = 'same'\")\nop.create_unique_constraint('one_nick', 'users', ['nick'])"
    project = at_the_baseline(mariadb_url, tmp_path, up)

    assert said_in(project.flask("db", "upgrade", expect=1)) == (
        "revision-failed\n"
        f"  Revision second does not run on {shown(mariadb_url)}:\n"
        "    migrations/versions/second.py:N\n"
        "    IntegrityError: (1062, \"Duplicate entry 'same' for key 'one_nick'\")\n"
        "    ALTER TABLE users ADD CONSTRAINT one_nick UNIQUE (nick)\n"
        "  These of its statements ran before, and stay; the database is at first:\n"
        "    ALTER TABLE users ADD COLUMN nick VARCHAR(20)\n"
        "    UPDATE users SET nick = 'same'\n"
        "  Undo them by hand, or take them out of the revision: it begins with its first statement.\n"
        "  Several rows have the same value: let the revision make them differ first.\n" + AGAIN
    )

    execute(mariadb_url, "UPDATE users SET nick = email")
    write_revision(project, "second", "first", "op.create_unique_constraint('one_nick', 'users', ['nick'])")
    project.flask("db", "upgrade")
    assert [one["name"] for one in inspect(engine_for(mariadb_url)).get_unique_constraints("users")] == ["email", "one_nick"]


def test_nothing_of_a_revision_on_mariadb(mariadb_url, tmp_path):
    """Where the first statement is refused, nothing stays; the revisions before it are done."""
    project = at_the_baseline(mariadb_url, tmp_path, NICK)
    write_revision(project, "third", "second", "op.create_unique_constraint('one_nick', 'users', ['nothing'])")

    said = said_in(project.flask("db", "upgrade", expect=1))

    assert "stay" not in said
    assert "  Its transaction was rolled back; the database is at second.\n" in said
    assert "  The database is not what the revisions before have left; see:" in said


def test_autocommit_block_on_postgresql(postgresql_url, tmp_path):
    """What ran before and in the block stays, and is listed; what came after it does not."""
    in_block = "op.create_index('by_nick', 'users', ['nick'], postgresql_concurrently=True)\n"
    rest = "op.drop_column('users', 'secret')\nop.execute('SELECT 1 / 0')"
    up = NICK + "with op.get_context().autocommit_block():\n    " + in_block + rest
    project = at_the_baseline(postgresql_url, tmp_path, up)

    said = said_in(project.flask("db", "upgrade", expect=1))

    assert (
        "  These of its statements ran before, and stay; the database is at first:\n"
        "    ALTER TABLE users ADD COLUMN nick VARCHAR(20)\n"
        "    CREATE INDEX CONCURRENTLY by_nick ON users (nick)\n"
        "  Undo them by hand,"
    ) in said
    columns = [column["name"] for column in inspect(engine_for(postgresql_url)).get_columns("users")]
    assert columns == ["id", "email", "secret", "nick"]


CAUSES = {
    "alike": ("op.create_unique_constraint('one', 'users', ['secret'])", "Several rows have the same value"),
    "no parent": (
        "op.create_foreign_key('boss', 'users', 'users', ['secret_id'], ['id'])",
        "Rows refer to rows that are not there",
    ),
    "unsatisfied": ("op.create_check_constraint('short', 'users', 'secret_id > 7')", "Rows do not satisfy the condition"),
    "too long": ("op.alter_column('users', 'email', type_=sa.String(2), existing_nullable=False)", "values that do not fit"),
    "there already": ("op.add_column('users', sa.Column('email', sa.String(9)))", "not what the revisions before have left"),
    "not there": ("op.drop_column('users', 'nothing')", "not what the revisions before have left"),
}


@pytest.mark.parametrize(("up", "advice"), CAUSES.values(), ids=CAUSES)
@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_causes(server, up, advice, request, tmp_path):
    """Each cause has its own advice."""
    url = request.getfixturevalue(f"{server}_url")
    project = at_the_baseline(url, tmp_path, up)
    execute(url, "ALTER TABLE users ADD COLUMN secret_id INTEGER", "UPDATE users SET secret = 'same', secret_id = 7")

    said = said_in(project.flask("db", "upgrade", expect=1))

    assert advice in said.splitlines()[-2], said


def test_error_of_the_revision_itself(database_url, tmp_path):
    """What Python says of a mistake in it stays a traceback."""
    project = at_the_baseline(database_url, tmp_path, "nothing()")

    said = project.flask("db", "upgrade", expect=1)

    assert "Traceback" in said
    assert "NameError: name 'nothing' is not defined" in said


def test_downgrade(postgresql_url, tmp_path):
    """A downgrade is told of as one, and stays undone."""
    project = at_the_baseline(postgresql_url, tmp_path, NICK, "op.drop_column('users', 'nothing')")
    project.flask("db", "upgrade")

    said = said_in(project.flask("db", "downgrade", expect=1))

    assert "  Its transaction was rolled back; the database is at second.\n" in said
    assert said.endswith("  Then run it again:  python -m flask db downgrade\n")


def test_deploy(database_url, tmp_path):
    """A release reads the same, and ends with 1."""
    project = at_the_baseline(database_url, tmp_path, "op.drop_column('nowhere', 'nothing')")

    said = project.adopt("deploy", expect=1)

    assert said_in(said).startswith(f"revision-failed\n  Revision second does not run on {shown(database_url)}:\n")
    assert said.endswith("  Then run it again:  python -m migrations.adopt deploy\n")


def test_deploy_that_meets_a_lock(postgresql_url, tmp_path):
    """So does one whose table somebody else uses."""
    project = at_the_baseline(postgresql_url, tmp_path, NICK)

    with transaction(postgresql_url, "SELECT id FROM users"):
        said = project.adopt("deploy", expect=1, MIGRATIONS_LOCK_TIMEOUT_S="1")

    assert said_in(said).startswith(f"lock-timeout\n  A statement on {shown(postgresql_url)} waited too long")
    assert said.endswith("or wait longer:  MIGRATIONS_LOCK_TIMEOUT_S=300 python -m migrations.adopt deploy\n")


def test_alembic(database_url, tmp_path):
    """`alembic` says the same."""
    project = at_the_baseline(database_url, tmp_path, "op.drop_column('nowhere', 'nothing')")

    said = project.run("alembic", "-c", "migrations/alembic.ini", "upgrade", "head", expect=255)

    assert "revision-failed\n  Revision second does not run on" in said
    assert said.endswith("  Then run it again:  python -m alembic -c migrations/alembic.ini upgrade head\n")


IN_A_PROGRAM = """
import flask_migrate, sqlalchemy
from shop import app
with app.app_context():
    try:
        flask_migrate.upgrade()
    except sqlalchemy.exc.DBAPIError as error:
        print("the program has", type(error).__name__)
"""


def test_program(database_url, tmp_path):
    """An application that upgrades itself gets what the driver raised, as with Flask-Migrate's own env.py."""
    project = at_the_baseline(database_url, tmp_path, "op.execute('DELETE FROM nowhere')")
    project.write("start.py", IN_A_PROGRAM)

    assert "the program has " in project.run("start")


def test_server_that_is_not_there(tmp_path):
    """Nobody needs the sixty lines of a traceback to read that a server does not answer."""
    project = Project(tmp_path / "project", "postgresql://someone:secret@127.0.0.1:1/shop")
    write_revision(project, "first", None, BASELINE)

    said = said_in(project.flask("db", "upgrade", expect=1))

    assert said.startswith(
        "database-unreachable\n"
        "  postgresql+psycopg2://someone:***@127.0.0.1:1/shop cannot be reached:\n"
        "    connection to server at "
    )
    assert said.endswith("  Nothing was changed.\n  Run it again when it can:  python -m flask db upgrade\n")


def test_database_that_is_not_there(postgresql_url, tmp_path):
    """It is to be made."""
    project = Project(tmp_path / "project", postgresql_url + "_nowhere")
    write_revision(project, "first", None, BASELINE)

    assert said_in(project.flask("db", "upgrade", expect=1)) == (
        "database-missing\n"
        f"  There is no database {shown(postgresql_url)}_nowhere.\n"
        "  Nothing was changed.\n"
        "  Create that database, and run it again:  python -m flask db upgrade\n"
    )


def test_folder_that_is_not_there(tmp_path):
    """SQLite makes the file, and not its folder."""
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/nowhere/shop.db")
    write_revision(project, "first", None, BASELINE)

    said = said_in(project.flask("db", "upgrade", expect=1))

    assert said.endswith("  Create that folder, and run it again:  python -m flask db upgrade\n")


@pytest.mark.parametrize(("function", "name"), [("upgrade_", "DATABASE_URL"), ("upgrade_my_bind", "OTHER_URL")])
@pytest.mark.parametrize("server", ["sqlite", "postgresql", "mariadb"])
def test_one_of_several_databases(server, function, name, tmp_path):
    """The message is about the one that refused."""
    with binds_project(server, tmp_path) as project:
        project.flask("db", "migrate", "-m", "first")
        [path] = project.revisions()
        head = f"def {function}():\n"
        path.write_text(path.read_text().replace(head, head + "    op.execute('DELETE FROM nowhere')\n"))

        said = said_in(project.flask("db", "upgrade", expect=1))

    assert f" does not run on {shown(project.urls[name])}:\n" in said
    assert "the database is at no revision" in said


@pytest.mark.parametrize("name", ["DATABASE_URL", "OTHER_URL"])
def test_lock_in_one_of_several_databases(name, tmp_path):
    """Whose table is in use is said of the database that has it."""
    with binds_project("postgresql", tmp_path) as project:
        project.flask("db", "migrate", "-m", "first")
        project.flask("db", "upgrade")
        table = {"DATABASE_URL": "users", "OTHER_URL": "tags"}[name]
        with transaction(project.urls[name], f"SELECT id FROM {table}"):
            said = said_in(project.flask("db", "downgrade", expect=1, MIGRATIONS_LOCK_TIMEOUT_S="1"))

    assert f"  A statement on {shown(project.urls[name])} waited too long" in said
    assert f", has {table}\n" in said


def test_references():
    """A reason is called as its class, unless the class has another name for it."""
    kinds = (errors.AdoptError, errors.DatabaseMissing, errors.DatabaseLocked, errors.StatementFailed, errors.RevisionUnknown)

    assert [kind.reference for kind in kinds] == [
        "stopped",
        "database-missing",
        "database-locked",
        "revision-failed",
        "unknown-revision",
    ]
