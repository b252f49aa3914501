"""The daily commands beside adopt, status and check: sql, deploy, diagram; and the same from inside of the application."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from adopt.base.urls import redact
from tests import warm
from tests.servers import engine_for
from tests.template.project import Project
from tests.template.test_adopt import old_users, stamped, write_baseline
from tests.template.test_check import ADD_PHONE, DROP_PHONE, add_revision

READINESS = """\
import sys
from migrations.adopt import readiness
from shop import app

state = readiness(app, upgrade="upgrade" in sys.argv)
print(state.is_ready, state.is_at_head, state.matches)
print(state)
"""


@pytest.fixture
def behind(database_url: str, tmp_path: Path) -> Project:
    """A database with a row, at the first of two revisions."""
    project = Project(tmp_path / "project", database_url)
    baseline = write_baseline(project)
    old_users(database_url)
    project.adopt()
    add_revision(project, "later", baseline, ADD_PHONE, DROP_PHONE)
    project.add("\nUser.phone = db.Column(db.String(20))\n")
    project.write("ready.py", READINESS)
    return project


def columns(project: Project) -> list[str]:
    return [column["name"] for column in inspect(engine_for(project.database_url)).get_columns("users")]


def shown(project: Project) -> str:
    """The URL as the engine of Flask-SQLAlchemy has it."""
    if project.database_url.startswith("mysql"):
        return redact(project.database_url + "?charset=utf8mb4")
    return redact(project.database_url.replace("postgresql://", "postgresql+psycopg2://"))


def test_sql_of_what_is_pending(behind):
    """Only what this database lacks is written, to a file; nothing is run."""
    output = behind.adopt("sql")

    sql = (behind.folder / "preview.sql").read_text()
    assert output == f"written   preview.sql: what `flask db upgrade` would run on {shown(behind)}; nothing was run\n"
    assert "ADD COLUMN phone VARCHAR(20)" in sql
    assert "CREATE TABLE users" not in sql
    assert "phone" not in columns(behind)


def test_sql_where_nothing_is_pending(behind):
    """No file is written."""
    behind.flask("db", "upgrade")

    assert behind.adopt("sql") == f"current   {shown(behind)} is at head; there is nothing to run\n"
    assert not (behind.folder / "preview.sql").exists()


def test_sql_that_needs_rows_is_refused(behind):
    """The revision cannot be written as SQL, and no file is left."""
    add_revision(behind, "counts", "later", "assert op.get_bind().execute(sa.text('SELECT 1')).scalar()", "pass")

    output = behind.adopt("sql", expect=2)

    assert output.startswith("error: not-writable-as-sql\n")
    assert not (behind.folder / "preview.sql").exists()


@pytest.mark.usefixtures("from_nothing")
def test_deploy(behind):
    """What is pending runs; a second deployment finds nothing to do; rows stay."""
    first = behind.adopt("deploy")
    second = behind.adopt("deploy")

    assert first.splitlines()[-1] == f"deployed  {shown(behind)} is at later (head)"
    assert second.splitlines()[-1] == first.splitlines()[-1]
    with engine_for(behind.database_url).connect() as connection:
        assert connection.execute(text("SELECT email, phone FROM users")).fetchall() == [("a@example.com", None)]


def test_twenty_replicas_at_once(behind):
    """All of them end well, and the revision ran once."""
    ran = behind.folder / "ran"
    body = f"open({str(ran)!r}, 'a').write('x'); __import__('time').sleep(1); {ADD_PHONE}"
    (behind.folder / "migrations/versions/later.py").write_text(
        (behind.folder / "migrations/versions/later.py").read_text().replace(f"    {ADD_PHONE}\n", f"    {body}\n")
    )

    with ThreadPoolExecutor(20) as pool:
        outputs = list(pool.map(lambda _: behind.adopt("deploy", MIGRATIONS_LOCK_WAIT_S="200"), range(20)))

    # Who has loaded the application while another one upgraded says so.
    lines = [[line for line in output.splitlines() if not line.startswith("note ")] for output in outputs]
    notes = [line for output in outputs for line in output.splitlines() if line.startswith("note ")]
    assert {one[-1] for one in lines} == {f"deployed  {shown(behind)} is at later (head)"}
    assert all("perhaps changed while the application was loaded" in note and note.endswith(", and holds later") for note in notes)
    assert ran.read_text() == "x"
    assert stamped(behind.database_url) == ["later"]
    assert columns(behind).count("phone") == 1


def test_deploy_of_models_without_their_revision(behind):
    """The release is stopped: the application would fail where it uses the column."""
    behind.add("\nUser.fax = db.Column(db.String(20))\n")

    assert behind.adopt("deploy", expect=1).splitlines()[-5:] == [
        "error: database-lacks",
        f"  {shown(behind)} is at head, and the models say more:",
        "    users.fax",
        "  If a revision makes these, see:  python -m migrations.adopt status",
        '  If none, write it, commit it, deploy again:  flask db migrate -m "..."',
    ]


def test_deploy_of_older_code(behind):
    """A database that is ahead of the code is left alone, with what that means."""
    behind.flask("db", "upgrade")
    (behind.folder / "migrations/versions/later.py").unlink()

    output = behind.adopt("deploy", expect=1)

    assert output.splitlines()[-3:] == [
        "error: unknown-revision",
        f"  the database is at later, which is in no file of migrations/versions/ ({shown(behind)}).",
        "  This command wrote nothing to it. Deploy the code that has it, or see:  python -m migrations.adopt status",
    ]
    assert stamped(behind.database_url) == ["later"]


def test_deploy_with_two_newest_revisions(behind):
    """Nothing runs."""
    add_revision(behind, "other", behind.revisions()[0].name.split("_")[1], "pass", "pass")

    assert behind.adopt("deploy", expect=1).startswith("error: several-heads\n")
    assert "phone" not in columns(behind)


def test_deploy_to_a_database_that_is_no_revision(database_url, tmp_path):
    """Tables and no stamp: what differs is told, and nothing is written."""
    project = Project(tmp_path / "project", database_url)
    write_baseline(project)
    old_users(database_url, length=80)

    output = project.adopt("deploy", expect=1)

    assert "users.email" in output
    assert output.splitlines()[-1] == "  This command wrote nothing to it. See what differs:  python -m migrations.adopt status"
    assert stamped(database_url) == []


def test_application_asks_and_upgrades(behind):
    """One function says whether the database is at the newest revision and matches; asked to, it brings it there."""
    baseline = behind.revisions()[0].name.split("_")[1]

    before = behind.run("ready")
    after = behind.run("ready", "upgrade")

    assert before.splitlines() == [
        "False False False",
        f"{shown(behind)} is at {baseline}, the newest is later",
        "users.phone is in the models and not in the database",
    ]
    assert after.splitlines()[-2:] == ["True True True", f"{shown(behind)} is at later, the newest"]


def test_asking_writes_nothing(tmp_path):
    """Without `upgrade` not even an empty alembic_version is made."""
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/shop.db")
    write_baseline(project)
    old_users(project.database_url)
    project.write("ready.py", READINESS)
    before = (tmp_path / "shop.db").read_bytes()

    assert project.run("ready").splitlines()[0] == "False False True"
    assert (tmp_path / "shop.db").read_bytes() == before


def test_picture_of_the_schema(tmp_path):
    """It is put into migrations/SCHEMA.md, by make db-migrate too, and is the same the second time."""
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/shop.db")
    project.write("migrations/SCHEMA.md", "# Our schema\n")
    project.write("Makefile", "include migrations/db.mk\n")

    make = [
        "make",
        "db-migrate",
        "m=baseline",
        f"FLASK={warm.python()} -m flask",
    ]
    done = subprocess.run(make, cwd=project.folder, env={**plain(project)}, capture_output=True, text=True, check=False)

    page = (project.folder / "migrations/SCHEMA.md").read_text()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "drawn     migrations/SCHEMA.md"
    assert "    users {\n        INTEGER id PK\n        VARCHAR(120) email UK\n        BLOB secret\n    }\n" in page
    assert project.adopt("diagram") == ""


def plain(project: Project) -> dict[str, str]:

    return {**os.environ, "FLASK_APP": "shop", "DATABASE_URL": project.database_url}
