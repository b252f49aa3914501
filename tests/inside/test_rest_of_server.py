"""What is beside an existing database on its server, and what a superuser may hide: unclear, and no error."""

from __future__ import annotations

import importlib
import secrets

import pymysql
import pytest
from sqlalchemy import make_url

from hooks.inside.places import Places
from tests.inside.test_places import MODULES
from tests.servers import execute, new_database

# what somebody does, and how it is taken back: what is unclear; {name} is a new one
ON_POSTGRESQL = {
    ("CREATE DATABASE {name}", "DROP DATABASE {name}"): "database {name} is new",
    ("CREATE USER {name}", "DROP USER {name}"): "login {name} is new",
    ("GRANT pg_monitor TO pg_signal_backend", "REVOKE pg_monitor FROM pg_signal_backend"): "login pg_signal_backend changed",
    ("ALTER SYSTEM SET work_mem = '5MB'", "ALTER SYSTEM RESET work_mem"): "setting work_mem is new",
}
ON_MARIADB = {
    ("CREATE DATABASE {name}", "DROP DATABASE {name}"): "database {name} is new",
    ("CREATE USER {name}", "DROP USER {name}"): "login {name}@% is new",
    (
        "CREATE DATABASE {name}; CREATE EVENT {name}.later ON SCHEDULE AT NOW() + INTERVAL 1 DAY DO SELECT 1",
        "DROP DATABASE {name}",
    ): "event {name}.later is new",
    ("CREATE USER {name}; GRANT DELETE ON other.* TO {name}", "DROP USER {name}"): "right {name}@% on other is new",
    ("SET GLOBAL init_connect = 'SET @x = 1'", "SET GLOBAL init_connect = ''"): "setting init_connect changed",
}


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_what_somebody_does_to_the_server(dialect):
    """It is unclear who has done it."""
    with new_database(dialect) as url:
        for (statements, back), expected in (ON_POSTGRESQL if dialect == "postgresql" else ON_MARIADB).items():
            name = f"other_{secrets.token_hex(4)}"
            places = Places(lambda module: importlib.import_module(MODULES[module]))
            places.add({"url": url, "said": "", "key": None, "connect_args": {}})
            (place,) = places
            places.take_fingerprint(place)
            try:
                execute(url, *statements.format(name=name).split("; "))
                changed, compared = places.compared()
            finally:
                execute(url, back.format(name=name))

            assert changed == []
            assert expected.format(name=name) in compared[0]["unclear"]


def test_a_transaction_that_was_prepared(mariadb_url):
    """What it has written is to be seen when somebody commits it, which may be much later."""
    url, name = make_url(mariadb_url), f"other_{secrets.token_hex(4)}"
    places = Places(lambda module: importlib.import_module(MODULES[module]))
    places.add({"url": mariadb_url, "said": "", "key": None, "connect_args": {}})
    (place,) = places
    places.take_fingerprint(place)
    connection = pymysql.connect(host=url.host, port=url.port or 3306, user=url.username, database=url.database)
    try:
        for statement in (f"XA START '{name}'", f"XA END '{name}'", f"XA PREPARE '{name}'"):
            connection.cursor().execute(statement)
        _, compared = places.compared()
    finally:
        connection.cursor().execute(f"XA ROLLBACK '{name}'")
        connection.close()

    assert f"prepared transaction {name} is new" in compared[0]["unclear"]
