"""A login of MariaDB that reaches every database and may not create users: what names another database is not sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import make_url

from hooks.inside.guard import drivers
from hooks.inside.guard.other_databases import StatementRefused, named_beyond
from tests.inside import tools
from tests.inside.test_guards import everything, existing, fill
from tests.servers import SERVERS, execute, new_database

REFUSED = [
    "INSERT INTO shopdb.log VALUES (1)",
    "insert into `shopdb` . `log` select 1",
    "UPDATE shopdb.log SET a = 1",
    "USE shopdb",
    "use `shopdb`",
    "DROP TABLE shopdb.x",
    "DROP TABLE IF EXISTS shopdb.x",
    "CREATE DATABASE other",
    "CREATE OR REPLACE DATABASE other",
    "CREATE DATABASE IF NOT EXISTS other",
    "DROP SCHEMA shopdb",
    "CREATE USER eve",
    "GRANT ALL ON *.* TO eve",
    "SELECT 1; DELETE FROM ShopDB.log",
    "/* x */ DELETE /* 'y' */ FROM shopdb/**/.log",
    "/*!50000 DELETE FROM shopdb.log */",
    "/*M!100100 DELETE FROM shopdb.log */",
    "DELETE FROM -- shopdb\n shopdb.log",
    "DELETE l FROM log l JOIN shopdb.log USING (id)",
    "SELECT shopdb.log.a FROM log",
    "RENAME TABLE log TO shopdb.log",
    "CREATE TABLE x LIKE shopdb.log",
    "INSERT INTO shopdb.log SELECT * FROM shopdb",
    "PREPARE s FROM 'DELETE FROM shopdb.log'",
    "EXECUTE IMMEDIATE CONCAT('DROP TABLE shop', 'db.log')",
    "SET GLOBAL read_only = 0",
    "LOAD DATA INFILE 'x' INTO TABLE shopdb.log",
]
LET_THROUGH = [
    "INSERT INTO log VALUES ('shopdb.log')",
    "INSERT INTO log VALUES ('it''s shopdb.log', 'a\\'shopdb.log')",
    "SELECT shopdb.id AS shopdb_id FROM shopdb WHERE shopdb.id = 1",
    "SELECT s.id FROM log AS s -- of shopdb.log",
    "DESCRIBE `scratch_1`.`log`",
    "CREATE TABLE log (id INT, role VARCHAR(9), `database` INT)",
    "SELECT table_name FROM information_schema.tables",
    "SET NAMES utf8mb4",
    "START TRANSACTION",
    "SELECT 1.5, a.b FROM a",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_names_another_database(statement: str) -> None:
    """A table of another database, another default database, what belongs to the server, and names that nobody can read."""
    assert named_beyond(statement, ["shopdb", "information_schema"])


@pytest.mark.parametrize("statement", LET_THROUGH)
def test_what_does_not(statement: str) -> None:
    """A text or a comment, a table that has the name of a database, the server's own information."""
    assert named_beyond(statement, ["shopdb", "information_schema"]) == ""


class FakePolicy:
    """A login with neighbours; keeps what it is asked."""

    has_neighbours = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def require_own(self, statement: str) -> None:
        """Refuse everything."""
        self.asked.append(statement)
        raise StatementRefused("shopdb", statement)


@pytest.mark.parametrize(
    ("patch", "name", "argument", "asked"),
    [
        (drivers.patch_mysqldb_connections, "query", "DROP TABLE x", "DROP TABLE x"),
        (drivers.patch_mysqldb_connections, "select_db", "shopdb", "USE `shopdb`"),
        (drivers.patch_mysql_connector_connections, "cmd_query", "DROP TABLE x", "DROP TABLE x"),
        (drivers.patch_mysql_connector_connections, "cmd_init_db", "shopdb", "USE `shopdb`"),
        (drivers.patch_mysql_connector_connections, "cmd_change_user", "eve", "SET ROLE"),
    ],
)
def test_connections_of_other_drivers(patch: Callable[..., None], name: str, argument: str, asked: str) -> None:
    """Their methods ask before they send; the drivers need not be installed for that."""
    policy, sent = FakePolicy(), []
    connection = type("Connection", (), {name: lambda self, argument: sent.append(argument)})
    patch(SimpleNamespace(Connection=connection, MySQLConnection=connection), policy)

    with pytest.raises(StatementRefused):
        getattr(connection(), name)(argument)

    assert (policy.asked, sent) == ([asked], [])


@contextmanager
def restricted(url: str) -> Iterator[str]:
    """The URL with a login that may do everything in every database, and create none of its kind."""
    name = f"plain_{secrets.token_hex(4)}"
    rights = "CREATE, DROP, SELECT, INSERT, UPDATE, DELETE, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, TRIGGER, LOCK TABLES"
    execute(SERVERS["mariadb"], f"CREATE USER '{name}'@'%' IDENTIFIED BY 'Plain-1'", f"GRANT {rights} ON *.* TO '{name}'@'%'")
    try:
        yield make_url(url).set(username=name, password="Plain-1").render_as_string(hide_password=False)
    finally:
        execute(SERVERS["mariadb"], f"DROP USER '{name}'@'%'")


def shop(tmp_path: Path, lines: str) -> Path:
    """The shop, with lines at start-up that have a `connection`."""
    after = "from sqlalchemy import text\nwith app.app_context():\n    connection = db.engine.raw_connection()\n"
    return tools.shop(tmp_path / "shop", after=after + lines)


WAYS = {
    "a row": "    connection.cursor().execute('INSERT INTO {name}.user VALUES (9, %s)', ('eve',))\n    connection.commit()\n",
    "use": "    connection.cursor().execute('USE {name}')\n",
    "select_db": "    connection.driver_connection.select_db('{name}')\n",
    "a database": "    connection.cursor().execute('CREATE DATABASE {name}_more')\n",
    "swallowed": (
        "    try:\n        connection.cursor().execute('DROP TABLE {name}.user')\n    except Exception:\n        pass\n"
        "    connection.close()\n"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_existing_database_is_out_of_reach(tmp_path: Path, way: str) -> None:
    """The statement is not sent; a run whose application goes on all the same is verified."""
    with new_database("mariadb") as url, restricted(url) as plain:
        root = shop(tmp_path, WAYS[way].format(name=make_url(url).database))
        before = fill(url)

        heard = tools.hear(root, stamp=False, env=existing(plain))

        if way == "swallowed":
            assert heard.one("verified")["loaded_on"] == "play"
        else:
            assert heard.one("error")["reason"] == "names-another-database"
        assert everything(url) == before


def test_a_model_with_a_schema_is_refused(tmp_path: Path) -> None:
    """Its schema is the existing database: neither its query nor its row is sent there."""
    with new_database("mariadb") as url, restricted(url) as plain:
        models = f"""
    class User(db.Model):
        __table_args__ = {{"schema": "{make_url(url).database}"}}
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), nullable=False)
"""
        seed = "with app.app_context():\n    db.session.add(User(id=9, name='eve'))\n    db.session.commit()\n"
        root = tools.shop(tmp_path / "shop", models, after=seed)
        before = fill(url)

        assert tools.hear(root, env=existing(plain)).one("error")["reason"] == "schemas-unsupported"
        assert everything(url) == before
