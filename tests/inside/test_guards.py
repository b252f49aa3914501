"""Applications that try, while they load, to do what must not reach the existing database."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text

from tests.inside import tools
from tests.servers import engine_for, execute

ATTACKS = {
    "insert through the session": """
        with app.app_context():
            db.session.add(User(name="eve"))
            db.session.commit()
    """,
    "insert in autocommit": """
        from sqlalchemy import text
        with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(User.__table__.insert().values(name="eve"))
    """,
    "delete by SQL": """
        from sqlalchemy import delete
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(delete(User))
    """,
    "table by SQL": """
        from sqlalchemy import text
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE extra (id INTEGER)"))
    """,
    "table dropped by SQL": """
        from sqlalchemy.schema import DropTable
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(DropTable(User.__table__))
    """,
    "an engine of its own": """
        from sqlalchemy import create_engine, insert
        with create_engine(URL).begin() as connection:
            connection.execute(insert(User).values(name="eve"))
    """,
    "seeds in a forked child": """
        if os.fork() == 0:
            try:
                with app.app_context():
                    db.session.add(User(name="eve"))
                    db.session.commit()
            finally:
                os._exit(0)
        os.wait()
    """,
    "seeds in a thread": """
        import threading
        def seed():
            with app.app_context():
                db.session.add(User(name="eve"))
                db.session.commit()
        thread = threading.Thread(target=seed)
        thread.start()
        thread.join()
    """,
}

RAW = {
    "sqlite": """
        import sqlite3
        connection = sqlite3.connect(os.path.join(HERE, "shop.db"))
        connection.execute("DELETE FROM user")
        connection.commit()
    """,
    "sqlite, imported before": """
        from sqlite3 import dbapi2
        connection = dbapi2.connect("file:" + os.path.join(HERE, "shop.db") + "?mode=rw", uri=True, isolation_level=None)
        connection.execute("DROP TABLE user")
    """,
    "sqlite, attached": """
        import sqlite3
        connection = sqlite3.connect(":memory:")
        connection.execute("ATTACH ? AS shop", (os.path.join(HERE, "shop.db"),))
        connection.execute("DELETE FROM shop.user")
        connection.commit()
    """,
}

RAW_SERVER = {
    "psycopg2": """
        from psycopg2 import connect
        connection = connect(host=HOST, port=PORT, user=USER_NAME, dbname=NAME)
        connection.autocommit = True
        connection.cursor().execute('DELETE FROM "user"')
    """,
    "psycopg2 by DSN": """
        import psycopg2
        with psycopg2.connect("host=%s port=%s user=%s dbname=%s" % (HOST, PORT, USER_NAME, NAME)) as connection:
            connection.cursor().execute('DROP TABLE "user"')
    """,
    "psycopg": """
        import psycopg
        with psycopg.connect("host=%s port=%s" % (HOST, PORT), user=USER_NAME, dbname=NAME, autocommit=True) as connection:
            connection.execute('TRUNCATE "user"')
    """,
    "psycopg's class": """
        from psycopg import Connection
        with Connection.connect(host=HOST, port=PORT, user=USER_NAME, dbname=NAME) as connection:
            connection.execute("SELECT setval(pg_get_serial_sequence('user', 'id'), 999)")
    """,
    "pymysql": """
        import pymysql
        connection = pymysql.connect(host=HOST, port=PORT, user=USER_NAME, database=NAME, autocommit=True)
        connection.cursor().execute("DELETE FROM user")
    """,
    "pymysql's class": """
        from pymysql.connections import Connection
        connection = Connection(host=HOST, port=PORT, user=USER_NAME, database=NAME)
        connection.cursor().execute("ALTER TABLE user ADD COLUMN evil INTEGER")
    """,
}


def everything(url: str) -> object:
    """Tables, columns and rows of a database."""
    engine = engine_for(url)
    found: dict[str, object] = {}
    with engine.connect() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            quoted = engine.dialect.identifier_preparer.quote(table)
            columns = [column["name"] for column in inspect(connection).get_columns(table)]
            found[table] = (columns, [tuple(row) for row in connection.execute(text(f"SELECT * FROM {quoted} ORDER BY 1"))])
    return found


def fill(url: str) -> object:
    """The table of the model with two rows; what `everything` says of it."""
    engine = engine_for(url)
    quoted = engine.dialect.identifier_preparer.quote("user")
    key = "SERIAL" if engine.dialect.name == "postgresql" else "INTEGER"
    execute(
        url,
        f"CREATE TABLE {quoted} (id {key} PRIMARY KEY, name VARCHAR(20) NOT NULL)",
        f"INSERT INTO {quoted} (id, name) VALUES (1, 'ada'), (2, 'bob')",
    )
    return everything(url)


def existing(url: str) -> dict[str, str]:
    """The variable that the project's configuration reads, with the driver that the tests have."""
    return {"EXISTING_URL": url.replace("postgresql://", "postgresql+psycopg2://")}


LAST_RESORT = {"load_on": "existing", "create_all": "skip"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_writes_while_loading_go_to_a_play_database(tmp_path: Path, database_url: str, attack: str) -> None:
    """Whatever the app sends, the existing database holds what it held."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n" + textwrap.dedent(ATTACKS[attack]))
    before = fill(database_url)

    heard = tools.hear(root, env=existing(database_url))

    assert heard.names == ["loaded", "verified", "stamped"], heard.stderr
    stamped = everything(database_url)
    assert isinstance(stamped, dict)
    assert stamped.pop("alembic_version") == (["version_num"], [(tools.REVISION,)])
    assert stamped == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_writes_while_loading_are_refused(tmp_path: Path, database_url: str, attack: str) -> None:
    """Where the existing database is the last resort, it is only read."""
    root = tools.shop(tmp_path / "shop", after=ATTACKS[attack])
    before = fill(database_url)

    heard = tools.hear(root, stamp=False, env=existing(database_url), **LAST_RESORT)

    assert everything(database_url) == before
    if "fork" not in attack and "thread" not in attack:
        error = heard.one("error")
        assert (error["reason"], error["path"]) == ("app-writes-while-loading", "app.py")
    else:
        assert heard.names == ["loaded", "verified"]


@pytest.mark.parametrize("attack", RAW)
def test_raw_sqlite_is_read_only(tmp_path: Path, attack: str) -> None:
    """A connection that goes around SQLAlchemy is read-only too."""
    root = tools.shop(tmp_path / "shop", after=RAW[attack])
    before = fill(f"sqlite:///{root}/shop.db")

    error = tools.hear(root, **LAST_RESORT).one("error")

    assert error["reason"] == "app-writes-while-loading"
    assert everything(f"sqlite:///{root}/shop.db") == before


@pytest.mark.parametrize("attack", RAW_SERVER)
def test_raw_drivers_are_read_only(tmp_path: Path, request: pytest.FixtureRequest, attack: str) -> None:
    """The drivers of PostgreSQL and MariaDB are guarded where all their ways to connect end."""
    url = request.getfixturevalue("mariadb_url" if attack.startswith("pymysql") else "postgresql_url")
    parsed = make_url(url)
    names = f"HOST, PORT, USER_NAME, NAME = {parsed.host!r}, {parsed.port or 5432!r}, {parsed.username!r}, {parsed.database!r}\n"
    root = tools.shop(tmp_path / "shop", after=names)
    (root / "app.py").write_text((root / "app.py").read_text() + "\n" + textwrap.dedent(RAW_SERVER[attack]))
    before = fill(url)

    error = tools.hear(root, env=existing(url), **LAST_RESORT).one("error")

    assert error["reason"] == "app-writes-while-loading", error
    assert everything(url) == before


SEEDS = """
    with app.app_context():
        db.create_all()
        if User.query.count() == 0:
            db.session.add(User(name="admin"))
            db.session.commit()
"""


def test_drop_all_does_nothing_and_is_told(tmp_path: Path, database_url: str) -> None:
    """An app that drops its tables whenever it is loaded is not for `flask db`, which loads it."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.drop_all()\n    db.create_all()\n")
    before = fill(database_url)

    error = tools.hear(root, stamp=False, env=existing(database_url)).one("error")

    assert (error["reason"], error["text"]) == ("app-drops-tables-while-loading", "db.drop_all()")
    assert everything(database_url) == before


@pytest.mark.parametrize("load_on", ["play", "existing"])
def test_create_all_reaches_no_existing_database(tmp_path: Path, database_url: str, load_on: str) -> None:
    """Whatever the application is loaded on."""
    root = tools.shop(tmp_path / "shop", after=SEEDS)
    before = fill(database_url)
    create_all = "skip" if load_on == "existing" else "run"

    heard = tools.hear(root, stamp=False, env=existing(database_url), load_on=load_on, create_all=create_all)

    assert heard.one("loaded")
    assert everything(database_url) == before


def test_seeding_app_loads_on_an_empty_database(tmp_path: Path, database_url: str) -> None:
    """Every connection goes to a scratch database, though the app names the existing one."""
    root = tools.shop(tmp_path / "shop", after=SEEDS)
    before = fill(database_url)

    heard = tools.hear(root, stamp=False, env=existing(database_url))

    facts = heard.one("verified")
    assert (facts["existing"], facts["loaded_on"]) == ("present", "play")
    assert everything(database_url) == before


def test_app_that_reads_its_tables_loads_on_their_schema(tmp_path: Path, database_url: str) -> None:
    """They are there, without a row."""
    after = "with app.app_context():\n    print('rows:', [user.name for user in User.query.all()])\n"
    root = tools.shop(tmp_path / "shop", after=after)
    before = fill(database_url)

    first = tools.hear(root, env=existing(database_url))
    heard = tools.hear(root, stamp=False, env=existing(database_url), load_on="schema")

    assert first.one("error")["reason"] == "app-queries-while-loading"
    assert heard.one("verified")["loaded_on"] == "schema"
    assert "rows: []" in heard.stderr
    assert everything(database_url) == before


def test_app_that_queries_without_tables_is_told(tmp_path: Path) -> None:
    """On a fresh clone nothing stands in for the tables; the caller may try again on an empty database."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    NAMES = [user.name for user in User.query.all()]\n")

    error = tools.hear(root).one("error")

    assert (error["reason"], error["line"]) == ("app-queries-while-loading", 19)
    assert not (root / "shop.db").exists()


def test_journal_mode_pragma_does_not_stop_the_load(tmp_path: Path) -> None:
    """Many apps switch SQLite to WAL when they connect; that neither fails nor happens."""
    listener = """
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        @event.listens_for(Engine, "connect")
        def pragmas(connection, record):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA foreign_keys=ON")

        with app.app_context():
            COUNT = User.query.count()
    """
    root = tools.shop(tmp_path / "shop", after=listener)
    fill(f"sqlite:///{root}/shop.db")
    raw = (root / "shop.db").read_bytes()

    heard = tools.hear(root, stamp=False, **LAST_RESORT)

    assert heard.names == ["loaded", "verified"]
    assert (root / "shop.db").read_bytes() == raw
    assert not (root / "shop.db-wal").exists()


def test_a_listener_of_the_application_that_raises(tmp_path: Path) -> None:
    """Where the baseline is run, it hears of it as in `flask db upgrade`; what fails is shown with its last line."""
    listener = """
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        @event.listens_for(Engine, "begin")
        def begin(connection):
            raise RuntimeError("no user is logged in")
    """
    root = tools.shop(tmp_path / "shop", after=listener)
    fill(f"sqlite:///{root}/shop.db")

    error = tools.hear(root, stamp=False).one("error")

    assert error["text"] == 'raise RuntimeError("no user is logged in")'
    assert (error["path"], error["exception"]) == ("app.py", "RuntimeError: no user is logged in")


REMOVALS = {
    "os.remove": "import os\nif os.path.exists('shop.db'):\n    os.remove('shop.db')\n",
    "pathlib": "import pathlib\npathlib.Path('shop.db').unlink()\n",
    "renamed away": "import os\nos.rename('shop.db', 'shop.db.old')\n",
    "replaced": "import os\nopen('new.db', 'w').close()\nos.replace('new.db', 'shop.db')\n",
    "moved": "import shutil\nshutil.move('shop.db', 'shop.db.old')\n",
    "its folder": "import os, shutil\nshutil.rmtree(os.getcwd())\n",
}


@pytest.mark.parametrize("attack", REMOVALS.values(), ids=REMOVALS)
def test_files_are_not_removed(tmp_path: Path, attack: str) -> None:
    """An application that begins by removing its database loads as usual, and every file is there after it."""
    root = tools.shop(tmp_path / "shop", after=attack)
    before = fill(f"sqlite:///{root}/shop.db")
    files = sorted(root.iterdir())

    heard = tools.hear(root, stamp=False)

    assert heard.one("verified")["existing"] == "present"
    assert everything(f"sqlite:///{root}/shop.db") == before
    assert sorted(root.iterdir()) == files


def test_what_the_application_made_it_may_remove(tmp_path: Path) -> None:
    """A lock file of its own comes and goes."""
    lock = "import os\nopen('lock', 'w').close()\nos.remove('lock')\nassert not os.path.exists('lock')\n"
    root = tools.shop(tmp_path / "shop", after=lock)
    fill(f"sqlite:///{root}/shop.db")

    heard = tools.hear(root, stamp=False)

    assert heard.one("verified")["existing"] == "present"
    assert not (root / "lock").exists()


def test_databases_elsewhere_are_not_removed(tmp_path: Path) -> None:
    """An SQLite file outside of the tree stays, too."""
    (tmp_path / "tmp").mkdir()
    root = tools.shop(tmp_path / "shop", after="import os\nos.remove('../data.db')\n")
    url = f"sqlite:///{tmp_path}/data.db"
    before = fill(url)

    heard = tools.hear(root, stamp=False, env={**existing(url), "TMPDIR": str(tmp_path / "tmp")})

    assert heard.one("verified")["existing"] == "present"
    assert everything(url) == before
    assert list((tmp_path / "tmp").iterdir()) == []
