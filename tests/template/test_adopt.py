"""python -m migrations.adopt: verify a database, then stamp it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from adopt.base import urls
from tests.servers import engine_for, execute
from tests.template.project import Project

OLD = "CREATE TABLE users (id {key}, email VARCHAR({length}) NOT NULL, secret {bytes}, PRIMARY KEY (id), UNIQUE (email))"
WORDS = {
    "sqlite": {"key": "INTEGER NOT NULL", "bytes": "BLOB"},
    "postgresql": {"key": "SERIAL NOT NULL", "bytes": "BYTEA"},
    "mysql": {"key": "INTEGER NOT NULL AUTO_INCREMENT", "bytes": "BLOB"},
}


def write_baseline(project: Project) -> str:
    """A baseline from the models, made on a SQLite file of its own; returns its revision id."""
    project.flask("db", "migrate", "-m", "baseline", DATABASE_URL=f"sqlite:///{project.folder}/scrap.db")
    (project.folder / "scrap.db").unlink()
    return project.revisions()[0].name.split("_")[1]


def old_users(url: str, length: int = 120) -> None:
    """The table that `create_all` once made, with a row."""
    words = WORDS[urls.backend(url)]
    execute(url, OLD.format(length=length, **words), "INSERT INTO users (email) VALUES ('a@example.com')")


def stamped(url: str) -> list[str]:
    if "alembic_version" not in inspect(engine_for(url)).get_table_names():
        return []
    with engine_for(url).connect() as connection:
        return [row[0] for row in connection.execute(text("SELECT version_num FROM alembic_version"))]


def test_database_that_the_revisions_build(database_url, tmp_path):
    """It is stamped once, rows stay, and a second run says so and writes nothing."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url)

    first = project.adopt()
    second = project.adopt()

    name = first.splitlines()[0].split("schema of ")[1]
    assert first == (
        f"verified  the revisions up to {revision} build the schema of {name}\nstamped   {revision}, committed and read back\n"
    )
    assert second == f"adopted   {name} is stamped with {revision} already (head), and its schema matches\n"
    assert stamped(database_url) == [revision]
    with engine_for(database_url).connect() as connection:
        assert connection.execute(text("SELECT email FROM users")).scalars().all() == ["a@example.com"]


def test_database_that_differs(database_url, tmp_path):
    """Every difference is listed, nothing is written, and the exit status is 1."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url, length=80)

    output = project.adopt(expect=1)

    name = output.split("schema of ")[1].split(" is")[0]
    assert output == (
        "error: database-differs\n"
        f"  The schema of {name} is that of no revision; the nearest is {revision}:\n"
        "    models-ahead: the revisions say more, and no row is in the way\n"
        "      users.email   revisions VARCHAR(120)   database VARCHAR(80)   shop.py:21\n"
        "        Change the type; every value fits.\n"
        "  This command wrote nothing to it.\n"
        "  Make them agree and run again:  python -m migrations.adopt\n"
    )
    assert stamped(database_url) == []


def test_differences_at_which_rows_are_at_stake(database_url, tmp_path):
    """The dangerous ones come first, with the rows that they are about; the database is as before, and programs read the same."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    words = WORDS[urls.backend(database_url)]
    execute(
        database_url,
        OLD.format(length=200, **words)
        .replace("NOT NULL, secret", ", secret")
        .replace("PRIMARY KEY (id)", "nick TEXT, PRIMARY KEY (id)"),
        f"INSERT INTO users (email, nick) VALUES ('{'a' * 121}', NULL), (NULL, 'bo')",
    )

    output = project.adopt("status", expect=1)

    name = output.split("schema of ")[1].split(" is")[0]
    assert output == (
        "error: database-differs\n"
        f"  The schema of {name} is that of no revision; the nearest is {revision}:\n"
        "    dangerous: carrying it over would lose values, or fail on rows that are there\n"
        "      users.email   revisions VARCHAR(120) NOT NULL   database VARCHAR(200) NULL   shop.py:21\n"
        "        1 row has a value that does not fit VARCHAR(120): change it first, or say VARCHAR(200) in the model."
        " 1 row has no value: give it one first, or say nullable=True in the model.\n"
        "      users.nick    only in the database  TEXT                                     shop.py:18\n"
        "        1 row has a value in it: add it to the model, or save it before the column is dropped.\n"
        "  This command wrote nothing to it.\n"
        "  Make them agree and run again:  python -m migrations.adopt\n"
    )
    (found,) = json.loads(project.adopt("status", "--json", expect=1))["databases"]
    assert [(one["name"], one["class"], one["where"], one["rows"]) for one in found["differences"]] == [
        ("email", "dangerous", "shop.py:21", 1),
        ("nick", "dangerous", "shop.py:18", 1),
    ]
    assert stamped(database_url) == []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a baseline and no database yet."""
    project = Project(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.db")
    write_baseline(project)
    return project


def test_database_that_is_some_revisions_behind(project):
    """It is stamped with the revision that it matches, and the next command is to upgrade; a table without a model is no matter."""
    baseline = project.revisions()[0].name.split("_")[1]
    project.write(
        "migrations/versions/later.py",
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision, down_revision, branch_labels, depends_on = 'later', {baseline!r}, None, None\n"
        "def upgrade():\n    op.add_column('users', sa.Column('phone', sa.String(20)))\n"
        "def downgrade():\n    op.drop_column('users', 'phone')\n",
    )
    old_users(project.database_url)
    execute(project.database_url, "CREATE TABLE legacy (id INTEGER)")

    output = project.adopt()

    assert output.splitlines()[1:] == [
        f"stamped   {baseline}, committed and read back",
        "pending   1 revision: later",
        "unmanaged legacy   0 rows   a tool such as pandas, for it has no primary key",
        "next      flask db upgrade",
    ]
    project.flask("db", "upgrade")
    assert stamped(project.database_url) == ["later"]


def test_missing_database(project):
    """It is made and built."""
    revision = project.revisions()[0].name.split("_")[1]

    assert project.adopt() == (f"created   {project.database_url}\nbuilt     {project.database_url} up to {revision}\n")
    assert stamped(project.database_url) == [revision]


def test_empty_database(project):
    """It is built."""
    revision = project.revisions()[0].name.split("_")[1]
    execute(project.database_url, "CREATE TABLE t (id INTEGER)", "DROP TABLE t")

    assert project.adopt() == f"built     {project.database_url} up to {revision}\n"
    assert stamped(project.database_url) == [revision]


def test_application_that_writes_while_it_loads(project):
    """Its write is refused, shown as its own, and the database is as before."""
    old_users(project.database_url)
    project.add("\nwith app.app_context():\n    db.session.add(User(email='seed'))\n    db.session.commit()\n")

    output = project.adopt(expect=2)

    assert output.startswith("error: application-not-loaded\n  OperationalError: ")
    assert "readonly database" in output
    assert "  shop.py:" in output
    with engine_for(project.database_url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 1


def test_revision_that_fails(project):
    """A revision that cannot run on an empty database is named, and nothing is stamped."""
    old_users(project.database_url)
    [baseline] = project.revisions()
    baseline.write_text(
        baseline.read_text().replace("def upgrade():\n", "def upgrade():\n    op.execute('SELECT nothing FROM nowhere')\n")
    )

    output = project.adopt(expect=2)

    revision = baseline.name.split("_")[1]
    line = 1 + baseline.read_text().splitlines().index("    op.execute('SELECT nothing FROM nowhere')")
    assert output == (
        "error: revision-failed\n"
        f"  migrations/versions/{baseline.name}:{line}: the revision {revision} cannot run on an empty database: "
        'OperationalError: near "nothing": syntax error.\n'
        "  This command wrote nothing to it.\n"
        "  Let it run on an empty database, and run again:  python -m migrations.adopt\n"
    )
    assert stamped(project.database_url) == []


def test_database_of_another_history(project):
    """A revision that is not in migrations/versions/ is not overwritten."""
    old_users(project.database_url)
    execute(
        project.database_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('theirs')",
    )

    revision = project.revisions()[0].name.split("_")[1]
    assert project.adopt(expect=1) == (
        "error: unknown-revision\n"
        f"  {project.database_url} is stamped with theirs, which is in no file of migrations/versions/.\n"
        "    where theirs comes from cannot be told: this is no clone of a git repository\n"
        f"  Its schema is that of {revision}.\n"
        "  This command wrote nothing to it.\n"
        "  To stamp it with the revision that it is at:  python -m migrations.adopt --restamp\n"
    )
    assert stamped(project.database_url) == ["theirs"]
