"""What is beside an existing database on its server, and what a superuser may hide: unclear, and no error."""

from __future__ import annotations

import importlib
import secrets

import pytest

from hooks.inside.places import Places
from tests.inside.test_places import MODULES
from tests.servers import execute, new_database

# what somebody does, and how it is taken back: what is unclear; {name} is a new one
ON_POSTGRESQL = {
    ("CREATE DATABASE {name}", "DROP DATABASE {name}"): "database {name} is new",
    ("CREATE USER {name}", "DROP USER {name}"): "login {name} is new",
    ("ALTER SYSTEM SET work_mem = '5MB'", "ALTER SYSTEM RESET work_mem"): "setting work_mem is new",
}
ON_MARIADB = {
    ("CREATE DATABASE {name}", "DROP DATABASE {name}"): "database {name} is new",
    ("CREATE USER {name}", "DROP USER {name}"): "login {name}@% is new",
    (
        "CREATE DATABASE {name}; CREATE EVENT {name}.later ON SCHEDULE AT NOW() + INTERVAL 1 DAY DO SELECT 1",
        "DROP DATABASE {name}",
    ): "event {name}.later is new",
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
