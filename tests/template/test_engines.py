"""Connections of ours: they wait only so long, and TLS is set up once."""

from __future__ import annotations

import asyncio
import socket
import sqlite3

import psycopg
import psycopg2
import psycopg2.extras
import pymysql.cursors
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import Pool

from adopt.base.errors import DatabaseUnreachable
from adopt.server import engines, readonly, readonly_postgresql, scratch
from tests.servers import new_database, require_server


@pytest.fixture
def silent_port():
    """A server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield listening.getsockname()[1]


@pytest.mark.parametrize("scheme", ["postgresql+psycopg2", "postgresql+psycopg", "mysql+pymysql"])
def test_server_that_never_answers(scheme, silent_port, monkeypatch):
    """A look ends with the reason instead of waiting for ever."""
    monkeypatch.setitem(engines.CONNECTING, scheme.partition("+")[2], {"connect_timeout": 2})
    monkeypatch.setitem(engines.READING, "pymysql", {"read_timeout": 2})

    with pytest.raises(DatabaseUnreachable), readonly.connect(f"{scheme}://shop:secret@127.0.0.1:{silent_port}/shop"):
        pass


def test_what_the_url_says_about_waiting_wins(monkeypatch):
    """Neither the URL nor libpq's own variable is overridden."""
    assert engines.waiting(readonly.make_url("postgresql+psycopg2://db/shop?connect_timeout=3")) == engines.DEAD_AFTER

    monkeypatch.setenv("PGCONNECT_TIMEOUT", "3")
    assert engines.waiting(readonly.make_url("postgresql+psycopg2://db/shop")) == engines.DEAD_AFTER


ON_CLASSES = {
    Pool: ["connect", "first_connect", "checkout", "checkin", "reset", "close", "detach"],
    Engine: ["engine_connect", "begin", "commit", "rollback", "after_cursor_execute", "engine_disposed"],
    Connection: ["begin", "commit"],
    DefaultDialect: ["do_connect", "do_execute"],
}
OF_CONNECTING = {"do_connect", "do_execute"}


@pytest.fixture
def heard():
    """The names of the events that somebody hears of who listens to the classes of SQLAlchemy."""
    found = []
    listening = [
        (kind, name, lambda *_, name=name: found.append(name))  # one that returns None goes on
        for kind, names in ON_CLASSES.items()
        for name in names
    ]
    for one in listening:
        event.listen(*one)
    yield found
    for one in listening:
        event.remove(*one)


def use(engine):
    """All that happens to an engine, once or more."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        connection.commit()
        connection.execute(text("SELECT 1"))
        connection.rollback()
        with engines.own_connection(connection) as other:
            other.cursor().execute("SELECT 1")
    engine.dispose()
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def test_nobody_hears_of_engines_of_ours(heard):
    """Who listens to all engines hears of the application's, and of nothing that one of ours does."""
    use(create_engine("sqlite://"))
    assert set(heard) == {name for names in ON_CLASSES.values() for name in names}

    heard.clear()
    ours, own = engines.engine("sqlite://"), []
    event.listen(ours, "connect", lambda *_: own.append("connect"))
    event.listen(ours, "begin", lambda *_: own.append("begin"))
    use(ours)
    assert (heard, set(own)) == ([], {"connect", "begin"})


def test_where_revisions_are_run_the_application_hears_of_it(heard):
    """As in `flask db upgrade`, but not of how it connects: that may lead elsewhere."""
    use(engines.engine("sqlite://", runs_revisions=True))

    assert set(heard) == {name for names in ON_CLASSES.values() for name in names} - OF_CONNECTING


@pytest.mark.parametrize(
    ("statement", "is_sent"),
    [
        ("SET NAMES utf8mb4, time_zone = '+00:00';", True),
        ("SET STATEMENT max_statement_time = 1 FOR INSERT INTO users VALUES (1)", False),
        ("set global sql_mode = ''", False),
        ("SET @@GLOBAL.sql_mode = ''", False),
        ("SET @a = 1; DELETE FROM users", False),
        ("INSERT INTO users VALUES (1)", False),
    ],
)
def test_what_mysql_is_sent_first(statement, is_sent):
    """A setting of the session alone, on connections of ours and where the application reads the existing database."""
    options = {"init_command": statement, "charset": "utf8mb4"}

    for sent in (engines.to_connect(options), readonly.arguments("pymysql", options)):
        assert sent == (options if is_sent else {"charset": "utf8mb4"})


def test_tls_is_set_up_once_for_all_that_say_nothing_about_it(monkeypatch):
    """PyMySQL reads the certificates of the system for every connection; a connection with settings of its own still does."""
    server = require_server("mariadb")
    with engines.engine(server).connect():
        pass
    monkeypatch.setattr("ssl.create_default_context", lambda **_: pytest.fail("set up again"))

    with engines.engine(server).connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    with pytest.raises(pytest.fail.Exception), engines.engine(server, {"ssl_verify_cert": True}).connect():
        pass


class DictRows(sqlite3.Connection):
    """As applications write it that want rows by name."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.row_factory = lambda cursor, row: {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


OTHER_ROWS = {
    "psycopg2's connection": ("postgresql", "psycopg2", {"connection_factory": psycopg2.extras.RealDictConnection}),
    "psycopg2's cursor": ("postgresql", "psycopg2", {"cursor_factory": psycopg2.extras.RealDictCursor}),
    "psycopg": ("postgresql", "psycopg", {"row_factory": psycopg.rows.dict_row}),
    "PyMySQL": ("mariadb", "pymysql", {"cursorclass": pymysql.cursors.DictCursor}),
    "sqlite3": ("sqlite", "pysqlite", {"factory": DictRows}),
}


@pytest.mark.parametrize(("dialect", "driver", "arguments"), OTHER_ROWS.values(), ids=OTHER_ROWS)
def test_an_application_that_makes_other_rows(dialect, driver, arguments, tmp_path):
    """Looking and making a scratch database go on with rows of our own."""
    with new_database(dialect, tmp_path) as url:
        url = readonly.make_url(url).set(drivername={"mariadb": "mysql"}.get(dialect, dialect) + "+" + driver)
        with engines.engine(url).begin() as connection:
            connection.execute(text("CREATE TABLE items (id INTEGER)"))
        with readonly.connect(url, arguments) as connection:
            assert tuple(connection.execute(text("SELECT count(*), 7 FROM items")).first()) == (0, 7)
        with (
            scratch.create_scratch(url, purpose=str(tmp_path), connect_args=arguments) as made,
            made.engine().connect() as connection,
        ):
            assert connection.execute(text("SELECT 7")).scalar() == 7


class Named(psycopg2.extras.NamedTupleConnection):
    pass


OF_THE_APPLICATION = {
    "psycopg2 by name": lambda dsn: psycopg2.connect(dsn, connection_factory=psycopg2.extras.RealDictConnection),
    "psycopg2, a class of its own": lambda dsn: psycopg2.connect(dsn, connection_factory=Named),
    "psycopg by name": lambda dsn: psycopg.connect(dsn, row_factory=psycopg.rows.dict_row),
    "psycopg, values": lambda dsn: psycopg.connect(dsn, row_factory=psycopg.rows.scalar_row),
    "psycopg, a class": lambda dsn: psycopg.connect(dsn, row_factory=psycopg.rows.class_row(dict)),
}


@pytest.mark.parametrize("connect", OF_THE_APPLICATION.values(), ids=OF_THE_APPLICATION)
def test_connections_of_the_application_with_other_rows(connect, postgresql_url):
    """They are made read-only, and keep their rows."""
    connection = connect(postgresql_url)
    readonly_postgresql.protect(connection)

    with pytest.raises((psycopg2.Error, psycopg.Error), match="read-only transaction"):
        connection.cursor().execute("CREATE TABLE t (id int)")
    connection.close()


def test_asynchronous_connections_with_other_rows(postgresql_url):
    """The same for psycopg's AsyncConnection."""

    async def protected():
        connection = await psycopg.AsyncConnection.connect(postgresql_url, row_factory=psycopg.rows.dict_row)
        await readonly_postgresql.protect_async(connection)
        with pytest.raises(psycopg.Error, match="read-only transaction"):
            await connection.execute("CREATE TABLE t (id int)")
        await connection.close()

    asyncio.run(protected())
