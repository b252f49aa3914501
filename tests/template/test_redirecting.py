"""What an application does while a command loads it: it reaches a play database, or what it did is named."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text

from adopt.history.keeper import Keeper
from adopt.server.scratch import prefix
from tests.servers import databases, engine_for, execute
from tests.template.project import Project
from tests.template.test_adopt import old_users, stamped, write_baseline

SEEDS = """
with app.app_context():
    db.create_all()
    if not db.session.query(User).count():
        db.session.add(User(email="seed@example.com"))
        db.session.commit()
    assert db.session.query(User).count()
"""
READS = """
with app.app_context():
    assert [user.email for user in db.session.query(User)] == ["a@example.com"]
"""
REFLECTS = """
from sqlalchemy import create_engine
with app.app_context():
    db.metadata.reflect(bind=db.engine)
    assert set(db.metadata.tables) >= {"users", "other"}, set(db.metadata.tables)
"""
BEHIND_IT = {
    "sqlite": "import sqlite3; c = sqlite3.connect(db.engine.url.database)",
    "postgresql": "import psycopg2; c = psycopg2.connect(str(os.environ['DATABASE_URL']).replace('+psycopg2', ''))",
    "mysql": "import pymysql; u = db.engine.url\n"
    "    c = pymysql.connect(host=u.host, port=u.port, user=u.username, database=u.database)",
}
WRITES = """
with app.app_context():
    {connect}
c.cursor().execute("INSERT INTO users (email) VALUES ('attack@example.com')")
c.commit()
c.close()
"""

WRITES_OF_ITS_OWN = """
with app.app_context():
    try:
        db.session.add(User(email="other@example.com"))
        db.session.commit()
    except Exception:
        db.session.rollback()
"""


def emails(url: str) -> list[str]:
    with engine_for(url).connect() as connection:
        return sorted(connection.execute(text("SELECT email FROM users")).scalars())


def scratch_databases(project: Project, url: str) -> set[str]:
    """Those of one project; other tests have theirs on the same server."""
    dialect = {"postgresql": "postgresql", "mysql": "mariadb"}.get(make_url(url).get_backend_name())
    return {name for name in databases(dialect) if name.startswith(prefix(project.folder))} if dialect else set()


def kind(url: str) -> str:
    return make_url(url).get_backend_name()


def test_an_application_that_creates_and_seeds_at_start(database_url, tmp_path):
    """On an empty database every command does its work; what the application makes at its start is made elsewhere."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    project.add(SEEDS)

    project.adopt("status", expect=3)
    assert "verified" in project.adopt("check")
    if kind(database_url) == "sqlite":
        assert not Path(make_url(database_url).database).exists()
    else:
        assert inspect(engine_for(database_url)).get_table_names() == []
    assert "built     " in project.adopt()
    assert stamped(database_url) == [revision]
    assert emails(database_url) == []
    assert "deployed" in project.adopt("deploy")


def test_deploy_to_an_empty_database(database_url, tmp_path):
    """The release of an application that creates its tables at start."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    project.add(SEEDS)

    assert "deployed" in project.adopt("deploy")
    assert stamped(database_url) == [revision]
    assert emails(database_url) == []


def test_seeds_do_not_reach_a_database_with_rows(database_url, tmp_path):
    """The rows of the existing database are the same before and after each command."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url)
    project.add(SEEDS)

    for command in (("status",), ("check",), ("adopt",), ("deploy",)):
        project.adopt(*command, expect=3 if command == ("status",) else 0)
        assert emails(database_url) == ["a@example.com"]
    assert stamped(database_url) == [revision]


def test_an_application_that_reads_its_rows_at_start(database_url, tmp_path):
    """It does not start on an empty database, so it gets the existing one, read-only."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url)
    project.add(READS)

    project.adopt("status", expect=3)
    project.adopt()
    assert stamped(database_url) == [revision]


def test_an_application_that_reflects_its_tables(database_url, tmp_path):
    """Models that come from the database are there."""
    project = Project(tmp_path / "project", database_url)
    write_baseline(project)
    old_users(database_url)
    execute(database_url, "CREATE TABLE other (id INTEGER PRIMARY KEY)")
    project.add(REFLECTS)

    assert "unmanaged other" in project.adopt("status", expect=3)


def test_what_an_application_writes_behind_sqlalchemy(database_url, tmp_path):
    """A driver of its own reaches a server: the change is named, nothing is stamped, exit 1. The kernel refuses it a file."""
    project = Project(tmp_path / "project", database_url)
    write_baseline(project)
    old_users(database_url)
    project.add(WRITES.format(connect=BEHIND_IT[kind(database_url)]))

    if kind(database_url) == "sqlite":
        output = project.adopt(expect=2)
        assert "OperationalError: attempt to write a readonly database\n  shop.py:" in output
        assert stamped(database_url) == []
        assert emails(database_url) == ["a@example.com"]
        return
    output = project.adopt(expect=1)

    lines = output.splitlines()
    assert lines[:2] == ["error: database-changed", "  A database was changed while the application was loaded."]
    assert lines[-2:] == [
        "  This command wrote nothing to it.",
        "  If the application does that as it starts, take it out. If somebody else did, run the command again.",
    ]
    changed = {
        "postgresql": "rows of public.users were written: its checksum is another, 1 inserted",
        "mysql": "rows of users were",
    }
    assert any(changed[kind(database_url)] in line for line in lines[2:-2])
    assert stamped(database_url) == []


def test_status_cannot_write_a_sqlite_file(tmp_path):
    """The kernel refuses what goes behind SQLAlchemy, in a child process too; files of the project stay as they are."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    write_baseline(project)
    old_users(url)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    before = (tmp_path / "shop.db").read_bytes()
    project.add(
        "import subprocess, sqlite3\n"
        f"try: sqlite3.connect({str(tmp_path / 'shop.db')!r}).execute('DELETE FROM users')\n"
        "except sqlite3.OperationalError: pass\n"
        f"subprocess.run(['rm', '-f', {str(tmp_path / 'shop.db')!r}], stderr=subprocess.DEVNULL)\n"
        "os.makedirs('instance', exist_ok=True); open('instance/app.log', 'a').write('started')\n"
        "os.remove('shop.py')\n"
    )
    files = {path for path in project.folder.rglob("*") if "__pycache__" not in path.parts}

    project.adopt("status", expect=3)

    assert {path for path in project.folder.rglob("*") if "__pycache__" not in path.parts} == files
    assert (tmp_path / "shop.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "shop.db"]


def test_a_database_in_wal_mode_gets_no_file_beside_it(tmp_path):
    """Neither a look nor a check leaves -wal or -shm; the stamp takes away what it needed."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    write_baseline(project)
    old_users(url)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    project.add("with app.app_context():\n    db.session.execute(db.text('SELECT 1')); db.session.remove()\n")

    for command in (("status",), ("check",), ("adopt",), ("status",), ("deploy",)):
        project.adopt(*command, expect=3 if command == ("status",) and not stamped(url) else 0)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "shop.db"], command


def test_what_the_application_leaves_running_is_ended(tmp_path):
    """A process that it starts does not outlive the command."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    write_baseline(project)
    old_users(url)
    project.add("import subprocess\nprint('pid', subprocess.Popen(['sleep', '60'], start_new_session=True).pid)\n")

    pid = int(project.adopt("status", expect=3).split("pid ")[1].split()[0])

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


AT_THE_END = """
import atexit, gc
def tell():
    print("the end of the application")
atexit.register(tell)
for keeper in [one for one in gc.get_objects() if type(one).__name__ == "Remote"] if {asks} else []:
    keeper.write("evil.txt", "evil")
"""


def test_what_the_application_has_for_its_end_is_not_run(tmp_path):
    """No function of atexit runs when the stamp is made; the process that makes it writes no file for the application."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    revision = write_baseline(project)
    old_users(url)
    source = (project.folder / "shop.py").read_text()
    project.add(AT_THE_END.format(asks=False))

    assert "the end of the application" not in project.adopt()
    assert stamped(url) == [revision]
    (tmp_path / "list").write_text(url)
    assert "the end of the application" not in project.adopt("adopt", "--urls-from", str(tmp_path / "list"))

    project.write("shop.py", source + AT_THE_END.format(asks=True))
    assert "not its own" in project.adopt("status", expect=2)
    assert not (project.folder / "evil.txt").exists()


GOES_ON = """
import threading, time
import psycopg2
def write():
    for number in range(100):
        c = psycopg2.connect(os.environ["DATABASE_URL"].replace("+psycopg2", ""))
        c.cursor().execute(f"INSERT INTO users (email) VALUES ('{number}')"); c.commit(); c.close()
        time.sleep(0.05)
threading.Timer(0.1, write).start()
"""


def test_what_the_application_goes_on_writing_is_not_that_of_others(postgresql_url, tmp_path):
    """It stands still while the database is compared: rows that are written before and after the stamp are its own."""
    project = Project(tmp_path / "project", postgresql_url)
    write_baseline(project)
    old_users(postgresql_url)
    project.add(GOES_ON)

    assert project.adopt(expect=1).startswith("error: database-changed\n")
    assert stamped(postgresql_url) == []


def test_what_is_written_as_the_application_goes_on_after_the_stamp(database_url):
    """It stands still until the stamp is made and the database is looked at anew: nothing falls in between."""
    old_users(database_url)

    def stamp(*_: object, **__: object) -> None:
        execute(
            database_url, "CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('abc')"
        )

    @contextmanager
    def held_still() -> Iterator[None]:
        yield
        execute(database_url, "INSERT INTO users (email) VALUES ('late@example.com')")

    keeper = Keeper(stamp, held_still)
    keeper.stamp(engine_for(database_url).url, "abc", connect_args={})

    assert keeper.end()


GOES_ON_WITH_ENGINES = """
import threading, time
from sqlalchemy import create_engine
def write():
    mine = create_engine(os.environ["DATABASE_URL"])
    while True:
        for engine in (db_engine, mine):
            try:
                with engine.begin() as connection:
                    connection.execute(db.text("INSERT INTO users (email) VALUES ('late@example.com')"))
            except Exception:
                pass
            engine.dispose()
        time.sleep(0.02)
with app.app_context():
    db_engine = db.engine
threading.Thread(target=write, daemon=True).start()
"""


def test_what_the_application_goes_on_doing_reaches_a_play_database(database_url, tmp_path):
    """Its engines are led away until the process ends, while revisions are run and databases are looked at."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url)
    project.add(GOES_ON_WITH_ENGINES)
    before = emails(database_url)

    for command in ("status", "adopt", "status", "check", "deploy"):
        is_to_do = command == "status" and not stamped(database_url)
        assert "changed" not in project.adopt(command, expect=3 if is_to_do else 0)
        assert emails(database_url) == before
    assert stamped(database_url) == [revision]
    assert not scratch_databases(project, database_url)


ASKS_THE_ENGINE = """
    from shop import app, db
    with db.engine.begin() as connection:
        assert connection.execute(sa.text("SELECT email FROM users")).fetchall()
"""
WRITES_WITH_THE_ENGINE = """
    from shop import User, app, db
    db.session.add(User(email="from a revision"))
    db.session.commit()
"""


@pytest.mark.parametrize(("lines", "status"), [(ASKS_THE_ENGINE, 3), (WRITES_WITH_THE_ENGINE, 2)], ids=["reads", "writes"])
def test_a_revision_that_takes_the_engine_of_the_application(database_url, tmp_path, lines, status):
    """It is run on a scratch database: what it asks over another connection it may read where it asks, and not write."""
    project = Project(tmp_path / "project", database_url)
    write_baseline(project)
    old_users(database_url)
    [path] = project.revisions()
    path.write_text(path.read_text().replace("def upgrade():", "def upgrade():" + lines))
    before = emails(database_url)

    said = project.adopt("status", expect=status)
    assert emails(database_url) == before
    assert "changed" not in said


WRITES_AS_IT_CONNECTS = """
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool


def write(connection):
    cursor = connection.cursor()
    for statement in ("SET SESSION TRANSACTION READ WRITE", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
                      "INSERT INTO users (email) VALUES ('heard@example.com')"):
        try:
            cursor.execute(statement)
            connection.commit()
        except Exception:
            connection.rollback()

event.listen(Engine, "connect", lambda connection, record: write(connection))
event.listen(Engine, "engine_connect", lambda connection, *branch: write(connection.connection))
event.listen(Pool, "checkin", lambda connection, record: write(connection) if connection else None)
"""


def test_listeners_of_the_application_do_not_run_where_a_database_is_looked_at(database_url, tmp_path):
    """What it listens for on every engine and pool hears of no connection to the existing database."""
    project = Project(tmp_path / "project", database_url)
    write_baseline(project)
    old_users(database_url)
    project.add(WRITES_AS_IT_CONNECTS)
    before = emails(database_url)

    assert "error" not in project.adopt("status", expect=3)
    assert emails(database_url) == before


LISTENS = """
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "before_cursor_execute")
def tell(connection, cursor, statement, parameters, context, executemany):
    if "INTO alembic_version" in statement and db.engine.url.database in str(connection.engine.url):
        print("the application saw", statement)
"""


def test_the_stamp_is_made_where_no_listener_of_the_application_is(database_url, tmp_path):
    """Its listeners on every engine hear nothing of the stamp."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url)
    project.add(LISTENS)

    output = project.adopt()

    assert "the application saw" not in output
    assert stamped(database_url) == [revision]


def test_what_changes_after_loading_keeps_the_stamp_away(postgresql_url, tmp_path):
    """What is written while the revisions are run: the change is named before anything is stamped."""
    project = Project(tmp_path / "project", postgresql_url)
    write_baseline(project)
    old_users(postgresql_url)
    project.add(
        "import alembic.runtime.migration as m\n"
        "real = m.MigrationContext.__init__\n"
        "def init(self, *a, **k):\n"
        "    if not os.path.exists('written'):\n"
        "        open('written', 'w').close()\n"
        "        import psycopg2\n"
        "        c = psycopg2.connect(os.environ['DATABASE_URL'].replace('+psycopg2', ''))\n"
        "        c.cursor().execute(\"INSERT INTO users (email) VALUES ('late@example.com')\"); c.commit(); c.close()\n"
        "    real(self, *a, **k)\n"
        "m.MigrationContext.__init__ = init\n"
    )

    output = project.adopt(expect=1)

    assert output.startswith("error: database-changed\n")
    assert output.count("rows of public.users were written") == 1
    assert stamped(postgresql_url) == []


@pytest.mark.parametrize(
    "ends",
    [
        "os._exit(0)",
        "os._exit(3)",
        "sys.exit(0)",
        "os.execv(sys.executable, [sys.executable, '-c', ''])",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
        "import signal, time; signal.signal(2, signal.default_int_handler); os.killpg(os.getpgrp(), 2); time.sleep(5)",
    ],
)
def test_an_application_that_ends_its_process(tmp_path, ends):
    """Whatever exit status it gives, the command has not done its work and says so."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    write_baseline(project)
    old_users(url)
    project.add(f"import sys\n{ends}\n")

    output = project.adopt("status", expect=2)

    assert output.startswith("error: application-not-loaded\n")
    assert "Traceback" not in output


def test_an_application_that_writes_to_what_the_command_speaks_with(tmp_path):
    """Its words are none of the command's: it is ended, and that is said."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    write_baseline(project)
    old_users(url)
    project.add("for number in range(3, 64):\n    try: os.write(number, b'{\"done\": 0}\\n')\n    except OSError: pass\n")

    output = project.adopt("status", expect=2)

    assert output == "error: application-not-loaded\n  The application wrote to a pipe of this command, which is not its own.\n"


def test_what_is_written_before_the_database_is_attached(postgresql_url, tmp_path):
    """The code alone names the database, and a driver writes to it first: the change is named."""
    project = Project(tmp_path / "project", postgresql_url)
    write_baseline(project)
    old_users(postgresql_url)
    source = (project.folder / "shop.py").read_text()
    early = "c = psycopg2.connect({!r}); c.cursor().execute(\"INSERT INTO users (email) VALUES ('x')\"); c.commit(); c.close()\n"
    url = postgresql_url.replace("postgresql+psycopg2://", "postgresql://")
    source = source.replace('os.environ["DATABASE_URL"]', f'(os.environ.get("DATABASE_URL") or {url!r})')
    project.write("shop.py", "import psycopg2\n" + early.format(url) + source)

    output = project.adopt("status", expect=1, DATABASE_URL="")

    assert output.startswith("error: database-changed\n")
    assert "rows of public.users were written: its checksum is another, 1 inserted" in output


def test_what_mysql_is_sent_first(mariadb_url, tmp_path):
    """A setting is sent on connections of ours as well; a statement that writes on those of the application alone."""
    project = Project(tmp_path / "project", mariadb_url)
    write_baseline(project)
    old_users(mariadb_url)
    source, name = (project.folder / "shop.py").read_text(), make_url(mariadb_url).database
    for command in (f"INSERT INTO {name}.users (email) VALUES ('x')", "SET @greeting = 'hello'"):
        args = {"connect_args": {"init_command": command, "autocommit": True}}
        project.write("shop.py", source.replace("SQLAlchemy(app", f"SQLAlchemy(app, engine_options={args!r}"))

        project.adopt("status", expect=3)

        assert emails(mariadb_url) == ["a@example.com"]


def without_fork(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where the system has no os.fork, as on Windows."""
    code = "import os, runpy, sys; del os.fork; runpy.run_module('migrations.adopt', run_name='__main__', alter_sys=True)"
    environ = {**os.environ, "FLASK_APP": "shop", "DATABASE_URL": project.database_url}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=project.folder, env=environ, capture_output=True, text=True, check=False)


def test_a_module_of_the_project_that_libraries_have_too(tmp_path):
    """Theirs is imported, as by `flask`, and that of the project in no process but the one that loads the application."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    write_baseline(project)
    old_users(url)
    project.write("secrets.py", "raise RuntimeError('not this one')\n")
    environ = {**os.environ, "FLASK_APP": "shop", "DATABASE_URL": url}

    for command in (["-m", "migrations.adopt"], ["migrations/adopt.py"]):
        ended = subprocess.run(
            [sys.executable, *command, "status"], cwd=project.folder, env=environ, capture_output=True, text=True
        )
        assert (ended.returncode, ended.stderr) == (3, "")


def test_where_processes_cannot_be_forked(database_url, tmp_path):
    """Every command does its work on the existing database, read-only until then; what the application does to it is refused."""
    project = Project(tmp_path / "project", database_url)
    revision = write_baseline(project)
    old_users(database_url)
    project.add(READS + WRITES_OF_ITS_OWN)

    said = without_fork(project, "status")
    assert said.returncode == 3, said.stderr
    assert "unstamped" in said.stdout
    assert without_fork(project, "check").returncode == 0
    assert without_fork(project, "sql").returncode == 0
    assert (project.folder / "preview.sql").exists()
    assert stamped(database_url) == []
    said = without_fork(project)
    assert said.returncode == 0, said.stderr
    assert stamped(database_url) == [revision]
    assert without_fork(project, "deploy").returncode == 0
    assert emails(database_url) == ["a@example.com"]


def test_a_change_where_processes_cannot_be_forked(postgresql_url, tmp_path):
    """It is found as the application is loaded."""
    project = Project(tmp_path / "project", postgresql_url)
    write_baseline(project)
    old_users(postgresql_url)
    project.add(WRITES.format(connect=BEHIND_IT["postgresql"]))

    said = without_fork(project)

    assert (said.returncode, said.stderr.splitlines()[0]) == (1, "error: database-changed")
    assert stamped(postgresql_url) == []


def test_rows_that_others_write_meanwhile(postgresql_url, tmp_path):
    """One line says that nobody can tell who it was."""
    project = Project(tmp_path / "project", postgresql_url)
    write_baseline(project)
    old_users(postgresql_url)
    project.add(WRITES.format(connect=BEHIND_IT["postgresql"]))

    with engine_for(postgresql_url).connect() as other:
        other.execute(text("SELECT 1"))  # a session that may write meanwhile
        output = project.adopt("status", expect=3)

    notes = [line for line in output.splitlines() if line.startswith("note ") and "users" in line]
    assert len(notes) == 1
    assert notes[0].startswith("note      perhaps changed while the application was loaded, by it or by others: postgresql")
    assert "rows of public.users were written: its checksum is another, 1 inserted" in notes[0]


RAISES = """
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "begin")
def begin(connection):
    raise RuntimeError("no user is logged in")
"""


def test_a_listener_of_the_application_that_raises(database_url, tmp_path):
    """What fails in the application's own code is shown as that, with its last line."""
    project = Project(tmp_path / "project", database_url)
    write_baseline(project)
    old_users(database_url)
    project.add(RAISES)

    output = project.adopt("status", expect=2)

    assert "Traceback" not in output
    lines = output.splitlines()
    assert lines[0] == "error: not-checked"
    assert re.search(r": RuntimeError: no user is logged in \(shop\.py:\d+ in begin\)\.$", lines[1])
