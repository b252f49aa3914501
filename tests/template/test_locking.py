"""One process at a time changes a database: the lock of env.py and of the stamp, with real processes and servers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from adopt.base.errors import LockNotTaken
from adopt.base.urls import redact
from adopt.project import command_line
from adopt.server import locking
from adopt.verdict import stamp
from tests.servers import engine_for, execute, new_database
from tests.template.conftest import TEMPLATE
from tests.template.history import BASELINE, write_revision
from tests.template.project import Project

SLOW = "\nimport time; time.sleep(5)\nop.execute(\"INSERT INTO users (id, email) VALUES (1, 'a@b.c')\")"


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """Nothing has run yet of a revision that makes one table."""
    result = Project(tmp_path / "project", database_url)
    write_revision(result, "first", None, BASELINE)
    return result


@contextmanager
def held(url: str):
    """This process has the lock."""
    with engine_for(url).connect() as connection, locking.held(connection), connection.begin():
        yield


def rows(url: str, query: str) -> list[tuple]:
    with engine_for(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_processes_that_upgrade_at_once(database_url, tmp_path):
    """One does it, the others wait, say so, and find nothing left to do."""
    project = Project(tmp_path / "project", database_url)
    write_revision(project, "first", None, BASELINE + SLOW)

    runs = [project.start("flask", "db", "upgrade") for _ in range(4)]
    said = [run.communicate(timeout=120)[0] for run in runs]

    assert [run.returncode for run in runs] == [0] * 4, "\n".join(said)
    assert rows(database_url, "SELECT version_num FROM alembic_version") == [("first",)]
    assert rows(database_url, "SELECT id FROM users") == [(1,)]
    assert sum("Running upgrade  -> first" in words for words in said) == 1, "\n".join(said)
    waited = [words for words in said if "Waiting up to 60 s for the lock on " + redact(project.engine_url) in words]
    assert waited
    assert all(words.count("Waiting up to") == 1 for words in waited)


def test_wait_that_ends(project):
    """After the wait it says who has the lock, as far as the server tells, and that nothing was changed."""
    with held(project.database_url):
        said = project.flask("db", "upgrade", expect=1, MIGRATIONS_LOCK_WAIT_S="0.3")

    shown = re.escape(redact(project.engine_url))
    who = {
        "sqlite": rf"process {os.getpid()} \(.*\)",
        "postgresql": rf"server process \d+ \({re.escape(locking.own_name())}\) for \d+ s",
        "mysql": r"connection \d+ of root, Sleep for \d+ s",
    }[project.engine_url.get_backend_name()]
    assert re.search(
        rf"Error: locked\n"
        rf"  The schema of {shown}\S* is locked for another change, after 0\.3 s still\. Who has the lock:\n"
        rf"    {who}\n"
        rf"  Nothing was changed\.\n"
        rf"  Wait longer, or end that session where it hangs:  MIGRATIONS_LOCK_WAIT_S=600 python -m flask db upgrade\n",
        said,
    ), said
    project.flask("db", "upgrade")


def test_nothing_to_do_waits_for_nobody(project):
    """A replica that starts while another database change is going on is not held up when it is at the newest revision."""
    project.flask("db", "upgrade")

    with held(project.database_url):
        said = project.flask("db", "upgrade", MIGRATIONS_LOCK_WAIT_S="0")

    assert "Waiting" not in said


def test_downgrade_and_stamp_take_the_lock_too(project):
    """Whatever writes `alembic_version` waits."""
    project.flask("db", "upgrade")

    with held(project.database_url):
        for command in (("downgrade",), ("stamp", "base"), ("stamp", "--purge", "head")):
            assert "Error: locked\n" in project.flask("db", *command, expect=1, MIGRATIONS_LOCK_WAIT_S="0")


OWN_COMMAND = """
import click
import flask_migrate

@app.cli.command("release")
@click.option("--note")
def release(note):
    flask_migrate.upgrade()

def start():
    with app.app_context():
        flask_migrate.downgrade(revision="base")
"""


HIDDEN = "python -m flask db upgrade -x url=a://b:***@c"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        pytest.param(("flask", "db", "downgrade", "base"), "python -m flask db downgrade base", id="downgrade"),
        pytest.param(("flask", "db", "stamp", "--purge", "head"), "python -m flask db stamp --purge head", id="stamp"),
        pytest.param(("flask", "release", "--note", "a b"), "python -m flask release --note 'a b'", id="own"),
        pytest.param(("flask", "db", "upgrade", "-x", "url=a://b:hunter2@c"), HIDDEN, id="password"),
        pytest.param(("alembic", "-c", "migrations/alembic.ini", "upgrade", "head"),
            "python -m alembic -c migrations/alembic.ini upgrade head", id="alembic"),
        pytest.param(("migrations.adopt", "deploy"), "python -m migrations.adopt deploy", id="deploy"),
    ],
)  # fmt: skip
def test_advice_is_the_command_that_was_given(project, command, named):
    """What to run again, waiting longer, is what was run: not an upgrade where it was a downgrade."""
    project.add(OWN_COMMAND)
    if command[2:3] in (("downgrade",), ("stamp",)):
        project.flask("db", "upgrade")

    with held(project.database_url):
        process = project.start(*command, MIGRATIONS_LOCK_WAIT_S="0")
        said = process.communicate()[0]

    assert process.returncode != 0
    assert f"  Wait longer, or end that session where it hangs:  MIGRATIONS_LOCK_WAIT_S=600 {named}\n" in said, said
    assert "hunter2" not in said


def test_advice_to_an_application_that_does_it_by_itself(project):
    """There is no such command: the one that does the same."""
    project.add(OWN_COMMAND)
    project.flask("db", "upgrade")

    with held(project.database_url):
        process = subprocess.run(
            [sys.executable, "-c", "import shop; shop.start()"],
            cwd=project.folder,
            env={**os.environ, "DATABASE_URL": project.database_url, "MIGRATIONS_LOCK_WAIT_S": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert "MIGRATIONS_LOCK_WAIT_S=600 flask db downgrade\n" in process.stderr, process.stderr


def test_programs_are_named_as_they_are_typed(monkeypatch):
    """By their names, wherever they lie."""
    monkeypatch.setattr(sys, "argv", ["/srv/shop/.venv/bin/flask", "db", "downgrade", "-1"])
    assert command_line.given() == "flask db downgrade -1"
    monkeypatch.setattr(sys, "argv", ["/srv/shop/.venv/bin/alembic", "downgrade", "-1"])
    assert command_line.given() == "alembic downgrade -1"
    monkeypatch.setattr(sys, "argv", ["/usr/bin/gunicorn", "shop:app"])
    assert command_line.given() == "flask db upgrade"


def test_current_and_check_take_no_lock(project):
    """What only looks does not wait."""
    project.flask("db", "upgrade")

    with held(project.database_url):
        project.flask("db", "current", MIGRATIONS_LOCK_WAIT_S="0")
        project.flask("db", "history", "-i", MIGRATIONS_LOCK_WAIT_S="0")


def test_lock_of_a_killed_process(project):
    """It is free as soon as the process is gone."""
    holder = (
        f"import sys, time; sys.path[:0] = [{str(TEMPLATE)!r}, {str(TEMPLATE.parent)!r}]\n"
        "from adopt.server import locking; from tests.servers import engine_for\n"
        "connection = engine_for(sys.argv[1]).connect()\n"
        "with locking.held(connection), connection.begin(): print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", holder, project.database_url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        assert "Error: locked\n" in project.flask("db", "upgrade", expect=1, MIGRATIONS_LOCK_WAIT_S="0")
        process.send_signal(signal.SIGKILL)

    project.flask("db", "upgrade", MIGRATIONS_LOCK_WAIT_S="10")


def test_stamp_waits_for_an_upgrade(database_url, monkeypatch):
    """An adopter and an upgrade have one lock: they never work on one database at the same time."""
    execute(database_url, "CREATE TABLE users (id INTEGER)")
    monkeypatch.setenv("MIGRATIONS_LOCK_WAIT_S", "0.2")

    with held(database_url), pytest.raises(LockNotTaken) as raised:
        stamp.stamp(database_url, "abc", expected_snapshot=None)

    assert raised.value.reference == "locked"
    assert stamp.stamp(database_url, "abc", expected_snapshot=None) == "abc"


def test_upgrade_waits_for_a_stamp(database_url, monkeypatch):
    """The other way round."""
    monkeypatch.setenv("MIGRATIONS_LOCK_WAIT_S", "0.2")

    with (
        engine_for(database_url).connect() as stamping,
        locking.transaction(stamping),
        engine_for(database_url).connect() as upgrading,
        pytest.raises(LockNotTaken),
        locking.held(upgrading),
        upgrading.begin(),
    ):
        pass


def test_autocommit_block_does_not_give_the_lock_back(postgresql_url, tmp_path):
    """CREATE INDEX CONCURRENTLY commits what ran before; the others go on waiting, and do not keep it from ending."""
    project = Project(tmp_path / "project", postgresql_url)
    block = (
        "\nwith op.get_context().autocommit_block():\n    op.create_index('ix', 'users', ['email'], postgresql_concurrently=True)"
    )
    write_revision(project, "first", None, BASELINE + block + SLOW)

    runs = [project.start("flask", "db", "upgrade") for _ in range(3)]
    said = [run.communicate(timeout=60)[0] for run in runs]

    assert [run.returncode for run in runs] == [0] * 3, "\n".join(said)
    assert rows(postgresql_url, "SELECT id FROM users") == [(1,)]
    assert rows(postgresql_url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(True,)]


def test_default_isolation_that_would_see_the_past(postgresql_url, tmp_path):
    """Also where transactions are REPEATABLE READ, what was committed during the wait is seen."""
    name = engine_for(postgresql_url).url.database
    execute(postgresql_url, f"ALTER DATABASE \"{name}\" SET default_transaction_isolation TO 'repeatable read'")
    project = Project(tmp_path / "project", postgresql_url)
    block = (
        "\nwith op.get_context().autocommit_block():\n    op.create_index('ix', 'users', ['email'], postgresql_concurrently=True)"
    )
    write_revision(project, "first", None, BASELINE + block + SLOW)

    runs = [project.start("flask", "db", "upgrade") for _ in range(3)]
    said = [run.communicate(timeout=60)[0] for run in runs]

    assert [run.returncode for run in runs] == [0] * 3, "\n".join(said)


def test_pool_of_one_connection(project):
    """The lock needs no second connection out of the application's pool."""
    shop = (project.folder / "shop.py").read_text()
    one = "app, engine_options={'pool_size': 1, 'max_overflow': 0, 'pool_timeout': 1}"
    project.write("shop.py", shop.replace("db = SQLAlchemy(app)", f"db = SQLAlchemy({one})"))

    project.flask("db", "upgrade")


def test_wait_that_is_no_number(project):
    """The variable is named."""
    said = project.flask("db", "upgrade", expect=1, MIGRATIONS_LOCK_WAIT_S="long")

    assert said.endswith(
        "Error: setting-unreadable\n  MIGRATIONS_LOCK_WAIT_S=long is no number of seconds.\n  Nothing was changed.\n"
    )


def test_the_lock_is_that_of_one_database(database_url, tmp_path, monkeypatch):
    """Another database of the same server is not locked."""
    monkeypatch.setenv("MIGRATIONS_LOCK_WAIT_S", "0")
    dialect = {"mysql": "mariadb"}.get(engine_for(database_url).dialect.name, engine_for(database_url).dialect.name)
    with held(database_url), new_database(dialect, tmp_path) as other, held(other):
        pass


def test_threads_of_one_process(database_url, monkeypatch):
    """Two threads are two holders."""
    monkeypatch.setenv("MIGRATIONS_LOCK_WAIT_S", "20")
    seen = []

    def work(number):
        with held(database_url):
            seen.append(number)
            time.sleep(0.2)
            seen.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 6
    assert seen[::2] == seen[1::2]
