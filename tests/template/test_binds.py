"""env.py and script.py.mako where the models live in several databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import DIALECTS, execute
from tests.template.binds_project import BINDS, SHOP, BindsProject, binds_project

FIRST = """\
def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()


def upgrade_():
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade_():
    op.drop_table('users')


def upgrade_archive():
    op.create_table('entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade_archive():
    op.drop_table('entries')


def upgrade_my_bind():
    op.create_table('tags',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade_my_bind():
    op.drop_table('tags')
"""
EMPTY = re.sub(r"    (op\.drop.*|op\.create_table\(.*\n(    .*\n)*    \))\n", "    pass\n", FIRST)
DATABASES = ("DATABASE_URL", "ARCHIVE_URL", "OTHER_URL")


def functions(code: str) -> str:
    """The functions of a revision, without Alembic's comments."""
    return "def upgrade" + re.sub(r" +# ###.*\n", "", code).partition("def upgrade")[2]


@pytest.fixture(params=DIALECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BindsProject]:
    """Three databases with models and one without, once on each server."""
    with binds_project(request.param, tmp_path) as project:
        yield project


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[BindsProject]:
    """The same on SQLite."""
    with binds_project("sqlite", tmp_path) as project:
        yield project


def test_the_daily_cycle(project):
    """Each database gets its own tables and its own version row, the one without a model nothing; the way back is as complete."""
    execute(project.urls["THEIRS_URL"], "CREATE TABLE theirs (id INTEGER)")

    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")

    assert functions(project.new_revision("first")) == FIRST
    assert [project.tables(name) for name in (*DATABASES, "THEIRS_URL")] == [
        {"users", "alembic_version"},
        {"entries", "alembic_version"},
        {"tags", "alembic_version"},
        {"theirs"},
    ]
    assert "No changes in schema detected." in project.flask("db", "migrate")
    assert "No new upgrade operations detected." in project.flask("db", "check")
    assert project.flask("db", "current").count("(head)") == 3
    project.flask("db", "downgrade", "base")
    assert [project.tables(name) for name in DATABASES] == [{"alembic_version"}] * 3


def test_stamp_writes_every_version_row(project):
    """`flask db stamp` speaks for all databases and creates no table."""
    project.flask("db", "revision", "-m", "empty")

    project.flask("db", "stamp", "head")

    assert [project.tables(name) for name in DATABASES] == [{"alembic_version"}] * 3
    assert {len(project.revision_of(name)) for name in DATABASES} == {1}


def test_revision_without_autogenerate(sqlite):
    """The skeleton has a function for each database, and no database is opened for it; that of a merge is the same."""
    sqlite.flask("db", "revision", "-m", "empty")
    base = sqlite.revisions()[0].name.split("_")[1]
    sqlite.flask("db", "revision", "-m", "one", "--head", base)
    sqlite.flask("db", "revision", "-m", "other", "--head", base, "--splice")

    sqlite.flask("db", "merge", "heads", "-m", "both")

    assert [functions(sqlite.new_revision(message)) for message in ("empty", "both")] == [EMPTY, EMPTY]
    assert not Path(sqlite.urls["DATABASE_URL"].removeprefix("sqlite:///")).exists()
    sqlite.flask("db", "upgrade")
    assert [len(sqlite.revision_of(name)) for name in DATABASES] == [1, 1, 1]


def test_first_bind_in_a_project_with_revisions(project):
    """Old revisions run on the default database only, the next one has a function for each, and nothing need be upgraded first."""
    project.write("shop.py", SHOP)
    project.flask("db", "migrate", "-m", "old")
    project.flask("db", "upgrade")
    old = project.new_revision("old")
    project.write("shop.py", SHOP + BINDS)

    project.flask("db", "migrate", "-m", "binds")
    project.flask("db", "upgrade")

    assert "def upgrade():" in old
    assert project.new_revision("old") == old
    created = re.findall(r"def (upgrade_\w*)\(\):|create_table\('(\w+)'", project.new_revision("binds"))
    assert created == [("upgrade_", ""), ("upgrade_archive", ""), ("", "entries"), ("upgrade_my_bind", ""), ("", "tags")]
    tables = [{"users", "alembic_version"}, {"entries", "alembic_version"}, {"tags", "alembic_version"}]
    assert [project.tables(name) for name in DATABASES] == tables
    project.flask("db", "downgrade", "base")
    project.flask("db", "upgrade")
    assert [project.tables(name) for name in DATABASES] == tables


def test_models_that_leave_a_bind(sqlite):
    """A bind that has lost its last model still gets the DROP TABLE proposed, because its revisions made that table."""
    sqlite.flask("db", "migrate", "-m", "first")
    sqlite.flask("db", "upgrade")
    sqlite.write("shop.py", SHOP)

    sqlite.flask("db", "migrate", "-m", "fewer")
    sqlite.flask("db", "upgrade")

    assert re.findall(r"drop_table\('(\w+)'", functions(sqlite.new_revision("fewer"))) == ["entries", "tags"]
    assert [sqlite.tables(name) for name in DATABASES[1:]] == [{"alembic_version"}] * 2


def test_a_failure_in_one_database_undoes_the_others(project):
    """Where DDL is transactional nothing is left of it; elsewhere the first database is where its version row says."""
    project.flask("db", "migrate", "-m", "first")
    [path] = project.revisions()
    path.write_text(path.read_text().replace("def upgrade_my_bind():\n", "def upgrade_my_bind():\n    op.execute('nonsense')\n"))

    project.flask("db", "upgrade", expect=1)

    is_all_or_nothing = project.urls["DATABASE_URL"].startswith(("postgresql", "sqlite"))
    expected = set() if is_all_or_nothing else {"users", "alembic_version"}
    assert project.tables("DATABASE_URL") == expected
    assert len(project.revision_of("DATABASE_URL")) == (0 if is_all_or_nothing else 1)
    path.write_text(path.read_text().replace("    op.execute('nonsense')\n", ""))
    project.flask("db", "upgrade")
    assert [len(project.revision_of(name)) for name in DATABASES] == [1, 1, 1]


def test_two_binds_with_one_url(project):
    """They are one database with one version row, which both functions run on; neither drops or makes what the other has."""
    shared = {"ARCHIVE_URL": project.urls["DATABASE_URL"]}
    project.flask("db", "migrate", "-m", "first", **shared)
    project.flask("db", "upgrade", **shared)

    assert functions(project.new_revision("first")) == FIRST
    assert project.tables("DATABASE_URL") == {"users", "entries", "alembic_version"}
    assert len(project.revision_of("DATABASE_URL")) == 1
    assert "No changes in schema detected." in project.flask("db", "migrate", **shared)
    project.add("\nUser.name = db.Column(db.String(9))\n")
    project.write("shop.py", (project.folder / "shop.py").read_text().replace("class Entry(db.Model)", "class Entry(object)"))
    project.flask("db", "migrate", "-m", "second", **shared)
    changes = re.findall(r"def (upgrade\w+)\(\):|(add_column|drop_table)\(", functions(project.new_revision("second")))
    assert [one or other for one, other in changes][:5] == [
        "upgrade_",
        "add_column",
        "upgrade_archive",
        "drop_table",
        "upgrade_my_bind",
    ]
    project.flask("db", "upgrade", **shared)
    project.flask("db", "downgrade", "base", **shared)
    assert project.tables("DATABASE_URL") == {"alembic_version"}


def test_revisions_of_two_binds_with_one_url_build_two_databases(sqlite):
    """What was made where both are one database runs where they are two."""
    sqlite.flask("db", "migrate", "-m", "first", ARCHIVE_URL=sqlite.urls["DATABASE_URL"])

    sqlite.flask("db", "upgrade")

    assert [sqlite.tables(name) for name in DATABASES[:2]] == [{"users", "alembic_version"}, {"entries", "alembic_version"}]


THEIR_MULTIDB = """
revision, down_revision, branch_labels, depends_on = 'theirs', None, None, None
import sqlalchemy as sa
from alembic import op


def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()


def upgrade_():
    op.create_table('users', sa.Column('id', sa.Integer(), nullable=False), sa.PrimaryKeyConstraint('id'))


def downgrade_():
    op.drop_table('users')


def upgrade_theirs():
    pass


def downgrade_theirs():
    pass
"""


def test_revisions_of_flask_migrates_multidb_template(sqlite):
    """They run as they are; a bind that they do not know is left alone by them, and one for which they only pass is not opened."""
    sqlite.write("migrations/versions/theirs.py", THEIR_MULTIDB)

    sqlite.flask("db", "upgrade")
    sqlite.flask("db", "migrate", "-m", "binds")

    assert [sqlite.tables(name) for name in (*DATABASES, "THEIRS_URL")] == [
        {"users", "alembic_version"},
        {"alembic_version"},
        {"alembic_version"},
        set(),
    ]
    assert re.findall(r"create_table\('(\w+)'", sqlite.new_revision("binds")) == ["entries", "tags"]


def test_sql_of_every_database(project):
    """`--sql` prints the statements of each database under its name, writes no file, and touches no database."""
    project.flask("db", "migrate", "-m", "first")
    before = [project.tables(name) for name in DATABASES]
    files = {path.name for path in project.folder.iterdir()} | {"__pycache__"}

    printed = project.flask("db", "upgrade", "--sql")

    shown = re.findall(
        r"^-- Database (.*)$|CREATE TABLE (users|entries|tags) |INSERT INTO (alembic_version)", printed, re.MULTILINE
    )
    assert ["".join(one) for one in shown] == [
        *("<default>", "users", "alembic_version"),
        *("archive", "entries", "alembic_version"),
        *("my-bind", "tags", "alembic_version"),
    ]
    assert {path.name for path in project.folder.iterdir()} | {"__pycache__"} == files
    assert [project.tables(name) for name in DATABASES] == before


def test_alembic_used_directly(sqlite):
    """Without `flask`, env.py and the template find the application."""
    ini = ("-c", "migrations/alembic.ini")
    sqlite.run("alembic.config", *ini, "revision", "--autogenerate", "-m", "first")
    sqlite.run("alembic.config", *ini, "upgrade", "head")
    sqlite.run("alembic.config", *ini, "revision", "-m", "empty")

    assert functions(sqlite.new_revision("first")) == FIRST
    assert functions(sqlite.new_revision("empty")) == EMPTY
    assert [len(sqlite.revision_of(name)) for name in DATABASES] == [1, 1, 1]


def test_connection_of_the_callers(sqlite):
    """`bind_keys` says whose functions run on it; without that they are those of the default database."""
    sqlite.flask("db", "migrate", "-m", "first")
    sqlite.write(
        "caller.py",
        "from alembic import command; from alembic.config import Config; from sqlalchemy import create_engine, inspect\n"
        "from shop import app\n"
        "for keys in (None, ('archive', 'my-bind')):\n"
        "    config = Config('migrations/alembic.ini')\n"
        "    engine = create_engine('sqlite://')\n"
        "    with app.app_context(), engine.connect() as connection:\n"
        "        config.attributes.update({'connection': connection}, **({'bind_keys': keys} if keys else {}))\n"
        "        command.upgrade(config, 'head')\n"
        "        print('tables:', sorted(inspect(connection).get_table_names()))\n",
    )

    printed = sqlite.run("caller")

    assert re.findall(r"tables: (.*)", printed) == ["['alembic_version', 'users']", "['alembic_version', 'entries', 'tags']"]
    assert [sqlite.tables(name) for name in DATABASES] == [set()] * 3


def test_keys_that_no_function_can_tell_apart(sqlite):
    """Two keys with one function name are refused, instead of running one's function on the other's database."""
    sqlite.add("\napp.config['SQLALCHEMY_BINDS']['my_bind'] = url('THEIRS_URL')\n")
    text = (sqlite.folder / "shop.py").read_text().replace('"theirs": url', '"my_bind": url')
    sqlite.write("shop.py", text + "\nmore = db.Table('more', db.Column('id', db.Integer), bind_key='my_bind')\n")

    said = sqlite.flask("db", "migrate", expect=1)

    assert "Error: Two keys of SQLALCHEMY_BINDS differ only in characters that no Python function can have" in said
    assert sqlite.revisions() == []


def create_all(project: BindsProject) -> None:
    """What the application did before it had migrations."""
    project.write("make.py", "from shop import app, db\nwith app.app_context(): db.create_all()\n")
    project.run("make")


def test_adopting_every_database(project):
    """Each is verified by itself, in a block under its bind's name; one that differs does not keep the others from their stamps."""
    project.flask("db", "migrate", "-m", "first")
    create_all(project)
    execute(project.urls["OTHER_URL"], "ALTER TABLE tags ADD COLUMN x INTEGER")
    revision = project.revisions()[0].name.split("_")[1]

    printed = project.adopt(expect=1)

    blocks = re.findall(r"^bind +(.*)\n(\w+)", printed, re.MULTILINE)
    assert sorted(blocks) == [("<default>", "verified"), ("archive", "verified"), ("my-bind", "error")]
    assert [project.revision_of(name) for name in DATABASES] == [[revision], [revision], []]


def test_one_bind_of_several(sqlite):
    """`--bind` reads and stamps that database only; a bind that there is none of is named, with those that there are."""
    sqlite.flask("db", "migrate", "-m", "first")
    create_all(sqlite)

    sqlite.adopt("--bind", "my-bind")
    unknown = sqlite.adopt("status", "--bind", "theirs", expect=2)

    assert [len(sqlite.revision_of(name)) for name in DATABASES] == [0, 0, 1]
    assert unknown == (
        "error: no-such-bind\n  there is no bind 'theirs'; the binds are archive, my-bind\n  This command wrote to no database.\n"
    )
    assert sqlite.adopt("status", "--bind", "", expect=3).startswith("unstamped ")


def test_bind_in_memory(sqlite):
    """A database that every process finds empty does not keep a revision from being written, nor is it proposed again."""
    sqlite.flask("db", "migrate", "-m", "first", ARCHIVE_URL="sqlite://")
    sqlite.flask("db", "upgrade", ARCHIVE_URL="sqlite://")

    assert "No changes in schema detected." in sqlite.flask("db", "migrate", ARCHIVE_URL="sqlite://")


def test_bind_that_is_not_configured(sqlite):
    """Its tables are left alone, and a line says so."""
    sqlite.write("shop.py", (SHOP + BINDS).replace('"archive": url("ARCHIVE_URL"), ', ""))

    said = sqlite.flask("db", "migrate", "-m", "first")

    assert "The bind archive has models and is not in SQLALCHEMY_BINDS: its tables are left alone." in said
    assert "upgrade_archive" not in sqlite.new_revision("first")


def test_engine_of_the_callers(sqlite):
    """An Engine in the place of a connection, as pytest-alembic gives one, is connected to."""
    sqlite.flask("db", "migrate", "-m", "first")
    sqlite.write(
        "caller.py",
        "from alembic import command; from alembic.config import Config; from sqlalchemy import create_engine, inspect\n"
        "from shop import app\n"
        "config, engine = Config('migrations/alembic.ini'), create_engine('sqlite:///given.db')\n"
        "config.attributes['connection'] = engine\n"
        "with app.app_context():\n    command.upgrade(config, 'head')\n"
        "print('tables:', sorted(inspect(engine).get_table_names()))\n",
    )

    assert "tables: ['alembic_version', 'users']" in sqlite.run("caller")
