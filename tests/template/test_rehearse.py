"""python -m migrations.adopt rehearse: what is pending, on a scratch database with made-up rows."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from adopt.base import urls
from tests.servers import databases, execute
from tests.template.binds_project import binds_project
from tests.template.history import write_revision
from tests.template.project import Project
from tests.template.states import everything, shown
from tests.template.test_check import scratch_prefix

PAGE = Path(__file__).parents[2] / "docs/deploying.md"
MARK = "<!-- rehearsal -->\n```\n"
PEOPLE = """\
op.create_table('people',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=20), nullable=False, unique=True),
    sa.Column('age', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id'))
op.create_table('pets',
    sa.Column('owner', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=3), nullable=False),
    sa.ForeignKeyConstraint(['owner'], ['people.id'], name='fk_owner'),
    sa.CheckConstraint("kind IN ('cat', 'dog')", name='known'),
    sa.PrimaryKeyConstraint('owner', 'kind'))"""
FILLED = """\
op.add_column('people', sa.Column('nick', sa.String(length=20)))
op.execute("UPDATE people SET nick = email")
op.create_index('by_nick', 'people', ['nick'])
"""
NEW = "op.create_table('notes', sa.Column('id', sa.Integer(), nullable=False))\nop.create_index('by_id', 'notes', ['id'])\n"
TYPES = """\
op.alter_column('people', 'age', existing_type=sa.Integer(), type_=sa.BigInteger())
op.alter_column('people', 'nick', existing_type=sa.String(length=20), nullable=False)
op.drop_constraint('fk_owner', 'pets', type_='foreignkey')
"""
BATCH = """\
with op.batch_alter_table('people') as batch:
    batch.alter_column('nick', existing_type=sa.String(length=20), nullable=False)
"""
MISSING = "op.add_column('people', sa.Column('nick', sa.String(length=20)))\nop.execute('UPDATE nowhere SET nick = 1')"


def at_first(url: str, folder: Path) -> Project:
    """Two tables with a row each that is in no scratch database."""
    project = Project(folder / "project", url)
    write_revision(project, "first", None, PEOPLE, "op.drop_table('pets')\nop.drop_table('people')")
    project.flask("db", "upgrade")
    execute(url, "INSERT INTO people (id, email) VALUES (1, 'theirs')", "INSERT INTO pets (owner, kind) VALUES (1, 'cat')")
    return project


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    return at_first(database_url, tmp_path)


def without_time(said: str) -> list[str]:
    return [re.sub(r"^\d+\.\d{3} s ", "N s ", line) for line in said.splitlines()]


def require_nothing_left(project: Project) -> None:
    """No scratch database of the project's is on its server."""
    if urls.backend(project.database_url) != "sqlite":
        dialect = "mariadb" if urls.backend(project.database_url) == "mysql" else "postgresql"
        assert not [name for name in databases(dialect) if name.startswith(scratch_prefix(project))]


def test_postgresql(postgresql_url, tmp_path):
    """Each statement has its line, the locks that are new with it, and what it has rewritten; nobody waits for new tables."""
    project = at_first(postgresql_url, tmp_path)
    write_revision(project, "second", "first", FILLED + TYPES + NEW)
    before = everything(postgresql_url)

    assert without_time(project.adopt("rehearse")) == [
        f"rehearsed 1 revision: second on a scratch database like {shown(postgresql_url)}, 200 rows in 2 tables",
        "N s   migrations/versions/second.py:16: ALTER TABLE people ADD COLUMN nick VARCHAR(20)",
        "lock      people: AccessExclusiveLock, reads and writes wait",
        "N s   migrations/versions/second.py:17: UPDATE people SET nick = email",
        "N s   migrations/versions/second.py:18: CREATE INDEX by_nick ON people (nick)",
        "N s   migrations/versions/second.py:19: ALTER TABLE people ALTER COLUMN age TYPE BIGINT",
        "rewritten people",
        "N s   migrations/versions/second.py:20: ALTER TABLE people ALTER COLUMN nick SET NOT NULL",
        "N s   migrations/versions/second.py:21: ALTER TABLE pets DROP CONSTRAINT fk_owner",
        "lock      pets: AccessExclusiveLock, reads and writes wait",
        "N s   migrations/versions/second.py:22: CREATE TABLE notes ( id INTEGER NOT NULL )",
        "N s   migrations/versions/second.py:23: CREATE INDEX by_id ON notes (id)",
    ]
    assert everything(postgresql_url) == before
    require_nothing_left(project)


def test_each_lock_of_postgresql(postgresql_url, tmp_path):
    """A lock that lets others read, one that lets them write, and one of a block that commits by itself, which is gone."""
    project = at_first(postgresql_url, tmp_path)
    up = "op.create_index('by_age', 'people', ['age'])\nop.execute('COMMENT ON TABLE pets IS $$small$$')\n"
    up += "with op.get_context().autocommit_block():\n    op.create_index('c', 'pets', ['kind'], postgresql_concurrently=True)"
    write_revision(project, "second", "first", up)

    assert without_time(project.adopt("rehearse"))[1:] == [
        "N s   migrations/versions/second.py:16: CREATE INDEX by_age ON people (age)",
        "lock      people: ShareLock, writes wait",
        "N s   migrations/versions/second.py:17: COMMENT ON TABLE pets IS $$small$$",
        "lock      pets: ShareUpdateExclusiveLock",
        "N s   migrations/versions/second.py:19: CREATE INDEX CONCURRENTLY c ON pets (kind)",
    ]


def test_mariadb(mariadb_url, tmp_path):
    """The first algorithm that the server admits is told, and what rewrites the table."""
    project = at_first(mariadb_url, tmp_path)
    write_revision(project, "second", "first", FILLED + TYPES)
    before = everything(mariadb_url)

    assert without_time(project.adopt("rehearse"))[1:] == [
        "N s   migrations/versions/second.py:16: ALTER TABLE people ADD COLUMN nick VARCHAR(20)",
        "lock      people: ALGORITHM=INSTANT",
        "N s   migrations/versions/second.py:17: UPDATE people SET nick = email",
        "N s   migrations/versions/second.py:18: CREATE INDEX by_nick ON people (nick)",
        "lock      people: ALGORITHM=NOCOPY, LOCK=NONE",
        "N s   migrations/versions/second.py:19: ALTER TABLE people MODIFY age BIGINT NULL",
        "lock      people: ALGORITHM=COPY, writes wait",
        "rewritten people",
        "N s   migrations/versions/second.py:20: ALTER TABLE people MODIFY nick VARCHAR(20) NOT NULL",
        "lock      people: ALGORITHM=INPLACE, LOCK=NONE",
        "rewritten people",
        "N s   migrations/versions/second.py:21: ALTER TABLE pets DROP FOREIGN KEY fk_owner",
        "lock      pets: ALGORITHM=INSTANT",
    ]
    assert everything(mariadb_url) == before
    require_nothing_left(project)


def test_statement_of_mariadb_that_says_how_itself(mariadb_url, tmp_path):
    """It runs as it is."""
    project = at_first(mariadb_url, tmp_path)
    write_revision(project, "second", "first", "op.execute('ALTER TABLE people ADD COLUMN nick TEXT, ALGORITHM=COPY')")

    assert without_time(project.adopt("rehearse"))[1:] == [
        "N s   migrations/versions/second.py:16: ALTER TABLE people ADD COLUMN nick TEXT, ALGORITHM=COPY"
    ]


def test_sqlite(tmp_path):
    """Only how long it takes; the same UPDATE for each row is told once."""
    project = at_first(f"sqlite:///{tmp_path}/shop.db", tmp_path)
    each = "for one in range(3):\n    op.execute(sa.text('UPDATE people SET age = :age').bindparams(age=one))\n"
    write_revision(project, "second", "first", FILLED + BATCH + each)
    before = everything(project.database_url)

    assert without_time(project.adopt("rehearse", "--rows", "7")) == [
        f"rehearsed 1 revision: second on a scratch database like {shown(project.database_url)}, 14 rows in 2 tables",
        "N s   migrations/versions/second.py:16: ALTER TABLE people ADD COLUMN nick VARCHAR(20)",
        "N s   migrations/versions/second.py:17: UPDATE people SET nick = email",
        "N s   migrations/versions/second.py:18: CREATE INDEX by_nick ON people (nick)",
        "N s   migrations/versions/second.py:19: INSERT INTO _alembic_tmp_people (id, email, age, nick) "
        "SELECT people.id, people.email, people.age, people.nick FROM people",
        "N s   migrations/versions/second.py:19: DROP TABLE people",
        "N s   migrations/versions/second.py:19: ALTER TABLE _alembic_tmp_people RENAME TO people",
        "N s   migrations/versions/second.py:19: CREATE INDEX by_nick ON people (nick)",
        "N s   migrations/versions/second.py:22, 3 times: UPDATE people SET age = ?",
    ]
    assert everything(project.database_url) == before


def test_nothing_is_pending(project):
    """One line; the rows that are there are as they were."""
    before = everything(project.database_url)

    assert project.adopt("rehearse") == f"current   {shown(project.database_url)} is at head; there is nothing to rehearse\n"
    assert everything(project.database_url) == before


def test_database_without_a_table(database_url, tmp_path):
    """All revisions are pending, and there is nothing to fill."""
    project = Project(tmp_path / "project", database_url)
    write_revision(project, "first", None, NEW)

    said = project.adopt("rehearse").splitlines()

    assert said[0] == f"rehearsed 1 revision: first on a scratch database like {shown(database_url)}, 0 rows in 0 tables"
    assert [line.split(": ", 1)[1] for line in said[1:]][1:] == ["CREATE INDEX by_id ON notes (id)"]


def test_statement_that_fails_on_rows(project):
    """What ran is told, then why it does not go on, as `flask db upgrade` says it; the real database has one row, and keeps it."""
    up = "op.execute('UPDATE people SET age = 3')\nop.create_index('one_age', 'people', ['age'], unique=True)"
    write_revision(project, "second", "first", up)
    before = everything(project.database_url)

    said = project.adopt("rehearse", expect=1)

    assert "second.py:16: UPDATE people SET age = 3\n" in said
    message = said[said.index("error: ") :].splitlines()
    assert message[:3] == [
        "error: revision-failed",
        f"  Revision second does not run on a scratch database like {shown(project.database_url)}:",
        "    migrations/versions/second.py:17",
    ]
    assert "    CREATE UNIQUE INDEX one_age ON people (age)" in message
    assert message[-2:] == [
        "  Several rows have the same value: let the revision make them differ first.",
        "  Then run it again:  python -m migrations.adopt rehearse",
    ]
    assert everything(project.database_url) == before
    require_nothing_left(project)


def test_revision_that_raises(project):
    """An error of its own code is told with its line."""
    write_revision(project, "second", "first", "raise ValueError('not today')")

    assert project.adopt("rehearse", expect=1).splitlines()[1:] == [
        "error: revision-failed",
        "  migrations/versions/second.py:16: ValueError: not today.",
        "  Nothing was changed.",
    ]
    require_nothing_left(project)


def test_table_that_cannot_be_filled(project):
    """It is named with what the server says of the first row."""
    table = (
        "op.create_table('never', sa.Column('a', sa.Integer(), nullable=False), sa.CheckConstraint('a > 3 AND a < 2', name='no'))"
    )
    write_revision(project, "second", "first", table)
    project.flask("db", "upgrade")
    write_revision(project, "third", "second", "op.add_column('never', sa.Column('b', sa.Integer()))")

    said = project.adopt("rehearse").splitlines()

    assert said[0].endswith(", 200 rows in 3 tables")
    assert said[1].startswith("note      never has 0 made-up rows only: ")
    assert re.search(r"\bno\b", said[1])


def test_json(project):
    """One document, also where a statement fails."""
    write_revision(project, "second", "first", MISSING)

    printed = project.run("migrations.adopt", "rehearse", "--json", "--rows", "2", expect=1)
    document = json.loads(printed[: printed.rindex("}") + 1])

    (found,) = document["databases"]
    assert document["exit"] == 1
    assert (found["database"], found["bind"], found["at"], found["pending"]) == (
        shown(project.database_url),
        "",
        ["first"],
        ["second"],
    )
    assert found["rows"] == {"people": [2, ""], "pets": [2, ""]}
    (one,) = found["statements"]
    assert set(one) == {"place", "statement", "seconds", "times", "locks", "rewritten"}
    assert (one["place"], one["times"]) == ("migrations/versions/second.py:16", 1)
    assert found["error"]["reference"] == "revision-failed"


def test_several_heads(project):
    """Nobody knows which revisions are pending."""
    write_revision(project, "second", "first", "pass")
    write_revision(project, "other", "first", "pass")

    assert project.adopt("rehearse", expect=2).splitlines()[0] == "error: several-heads"


def test_unknown_revision(project):
    """The database is at one that is in no file."""
    execute(project.database_url, "UPDATE alembic_version SET version_num = 'gone'")

    assert project.adopt("rehearse", expect=2).splitlines()[0] == "error: unknown-revision"


def test_interrupted(database_url, tmp_path):
    """Ctrl-C drops the scratch database."""
    project = at_first(database_url, tmp_path)
    write_revision(project, "second", "first", "import time\nprint('here', flush=True)\ntime.sleep(60)")

    with project.start("migrations.adopt", "rehearse") as run:
        assert any(line == "here\n" for line in run.stdout)
        run.send_signal(signal.SIGINT)
        run.communicate()

    assert run.returncode == 128 + signal.SIGINT
    require_nothing_left(project)


def test_each_bind(tmp_path):
    """Each database has its own lines."""
    with binds_project("sqlite", tmp_path) as project:
        project.flask("db", "migrate", "-m", "baseline", "--rev-id", "first")

        said = project.adopt("rehearse").splitlines()

    places = {line.rpartition("/")[2] for line in said if line.startswith("rehearsed ")}
    assert len([line for line in said if line.startswith("rehearsed 1 revision: first on a scratch database like ")]) == 3, places


def test_sample_in_the_docs(postgresql_url, tmp_path):
    """docs/deploying.md shows what is said, but for times and the URL."""
    project = at_first(postgresql_url, tmp_path)
    write_revision(project, "second", "first", FILLED + TYPES)
    said = project.adopt("rehearse", "--rows", "10000").replace(shown(postgresql_url), "postgresql+psycopg2://shop@db/shop")
    page = PAGE.read_text()
    start, _, rest = page.partition(MARK)
    sample, _, end = rest.partition("```\n")

    if os.environ.get("UPDATE_EXPECTED"):
        PAGE.write_text(start + MARK + said + "```\n" + end)
    else:
        assert without_time(sample) == without_time(said)
