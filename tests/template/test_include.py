"""Which tables `flask db migrate` proposes to drop or to create, on each server."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import text

from tests.servers import engine_for, execute
from tests.template.project import Project

OTHERS = ("CREATE TABLE apscheduler_jobs (id INTEGER)", "INSERT INTO apscheduler_jobs VALUES (1)")
LOG = "\n\nclass Log(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"


def migrated(url: str, tmp_path: Path) -> Project:
    """A project at its first revision, which made the table of a model that is gone now: `log`."""
    project = Project(tmp_path / "project", url)
    models = (project.folder / "shop.py").read_text()
    project.add(LOG)
    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")
    project.write("shop.py", models)
    return project


def proposed(project: Project) -> list[tuple[str, str]]:
    """The operations that the next revision would have, with the tables that they are about."""
    before = set(project.revisions())
    project.flask("db", "migrate", "-m", "next")
    new = [path for path in project.revisions() if path not in before]
    upgrade = new[0].read_text().partition("def downgrade")[0] if new else ""
    for path in new:
        path.unlink()
    return re.findall(r"op\.(\w+)\('(\w+)'", upgrade)


def test_a_table_that_no_revision_has_made(database_url, tmp_path):
    """Another developer's database has a table that the register knows nothing of: it is not proposed, and its rows stay."""
    project = migrated(database_url, tmp_path)
    project.add(LOG)
    execute(database_url, *OTHERS)

    assert proposed(project) == []
    assert "No new upgrade operations detected" in project.flask("db", "check")
    with engine_for(database_url).connect() as connection:
        assert connection.execute(text("SELECT id FROM apscheduler_jobs")).scalars().all() == [1]


def test_a_table_whose_model_is_gone(database_url, tmp_path):
    """What a revision has made is proposed once nothing needs it any more, and only that."""
    project = migrated(database_url, tmp_path)
    execute(database_url, *OTHERS)

    assert proposed(project) == [("drop_table", "log")]


def test_the_register_wins(database_url, tmp_path):
    """A table that is to stay although its model is gone."""
    project = migrated(database_url, tmp_path)
    project.write("migrations/project.ini", '[unmanaged]\ntables =\n    "my table"\n    log\n')

    assert proposed(project) == []


def test_the_register_wins_over_a_model(database_url, tmp_path):
    """A table that somebody else makes, though there is a model of it, is neither proposed nor missed."""
    project = migrated(database_url, tmp_path)
    project.add(LOG.replace("Log", "Session"))
    assert proposed(project) == [("create_table", "session"), ("drop_table", "log")]

    project.write("migrations/project.ini", "[unmanaged]\ntables =\n    session\n    log\n")

    assert proposed(project) == []
    execute(database_url, "CREATE TABLE session (id INTEGER)")
    assert proposed(project) == []


def test_a_table_that_a_revision_has_made_with_sql(database_url, tmp_path):
    """CREATE TABLE in a revision makes a table as managed as an operation does; one that was dropped since then is not."""
    project = migrated(database_url, tmp_path)
    (first,) = project.revisions()
    ids = f"revision, down_revision, branch_labels, depends_on = 'second', {first.name.split('_')[1]!r}, None, None"
    project.write(
        "migrations/versions/second.py",
        f"from alembic import op\n{ids}\n"
        "def upgrade():\n    op.execute('CREATE TABLE made (id INTEGER)')\n    op.execute('DROP TABLE log')\n"
        "def downgrade():\n    pass\n",
    )
    project.flask("db", "upgrade")
    execute(database_url, "CREATE TABLE log (id INTEGER)")  # somebody else's

    assert proposed(project) == [("drop_table", "made")]


def test_models_of_views(database_url, tmp_path):
    """A view that a model reads is no missing table; nobody has to say that it is one."""
    project = migrated(database_url, tmp_path)
    project.add("\n\nclass Emails(db.Model):\n    email = db.Column(db.String(120), primary_key=True)\n")
    execute(database_url, "CREATE VIEW emails AS SELECT email FROM users")

    assert proposed(project) == [("drop_table", "log")]


def test_materialized_views_partitions_and_extensions(postgresql_url, tmp_path):
    """What PostgreSQL has beside plain tables is neither created nor dropped."""
    project = migrated(postgresql_url, tmp_path)
    project.add(LOG)
    project.add("\n\nclass Emails(db.Model):\n    email = db.Column(db.String(120), primary_key=True)\n")
    project.add("\n\nclass Event(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n")
    execute(
        postgresql_url,
        "CREATE MATERIALIZED VIEW emails AS SELECT email FROM users",
        "CREATE TABLE event (id INTEGER PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (100)",
    )
    (first,) = project.revisions()
    first.write_text(first.read_text().replace("def upgrade():\n", "def upgrade():\n    op.create_table('event_1')\n", 1))

    assert proposed(project) == []
