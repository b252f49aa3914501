"""Two adopters at once, and roles that may not do everything: one true stamp, or none and the reason."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url, text

from adopt.schema import grants
from adopt.server import scratch
from adopt.verdict import adopting
from tests import warm
from tests.servers import databases, engine_for, execute, require_server
from tests.template.conftest import TEMPLATE
from tests.template.states import History, everything, inside, shown, stamped, without_stamp

ROUNDS = 4
PROGRAM = f"""
import sys
sys.path.insert(0, {str(TEMPLATE.parent)!r})
from pathlib import Path
from adopt.verdict import adopting
from adopt.schema import grants
from adopt.server import scratch
from tests.template.states import Folder, inside

with inside(Folder(Path(sys.argv[1]), sys.argv[2])) as database:
    print("ready", flush=True)
    for line in sys.stdin:
        found = adopting.adopt(database.at(line.strip()), upgrade=len(sys.argv) > 3)
        print(found.state, found.revision, found.exit, *found.actions, flush=True)
"""


def run_two(shop: History, *options: str) -> list[subprocess.Popen]:
    command = [warm.python(), "-c", PROGRAM, str(shop.folder), shop.database_url, *options]
    runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    return runs


def answers(runs: list[subprocess.Popen], url: str) -> list[str]:
    """What both say after they were told at once to adopt the database at `url`."""
    for run in runs:
        run.stdin.write(shown(url) + "\n")
    for run in runs:
        run.stdin.flush()
    return sorted(run.stdout.readline().strip() for run in runs)


@contextmanager
def emptied(url: str) -> Iterator[None]:
    """The tables of the history are dropped afterwards."""
    yield
    execute(url, *(f"DROP TABLE IF EXISTS {name}" for name in ("orders", "users", "alembic_version")))


def test_two_adopters_at_once(database_url, tmp_path):
    """Round after round both say that it is at the same revision, and there is one row."""
    shop = History(tmp_path / "shop", database_url)
    runs = run_two(shop)
    try:
        for _ in range(ROUNDS):
            with emptied(database_url):
                shop.build("first", "orders")
                before = everything(database_url)

                said = answers(runs, database_url)

                assert stamped(database_url) == ["orders"]
                assert without_stamp(everything(database_url)) == before
                assert {line.replace(" stamped orders", "") for line in said} == {"behind orders 0"}
                assert "behind orders 0 stamped orders" in said
    finally:
        for run in runs:
            run.communicate(timeout=60)


@contextmanager
def role(dialect: str, url: str, *grants: str) -> Iterator[str]:
    """The URL of the same database for a new role that may log in and has these grants."""
    name = "role_" + make_url(url).database[-8:]
    server = require_server(dialect)
    database = make_url(url).database
    if dialect == "postgresql":
        execute(server, f"CREATE ROLE {name} LOGIN PASSWORD 'hunter2'")
        execute(url, *(grant.format(role=name, database=database) for grant in grants))
    else:
        execute(server, f"CREATE USER {name}@'%' IDENTIFIED BY 'hunter2'", f"CREATE USER {name}@localhost IDENTIFIED BY 'hunter2'")
        for host in ("'%'", "localhost"):
            execute(server, *(grant.format(role=f"{name}@{host}", database=database) for grant in grants))
    try:
        yield make_url(url).set(username=name, password="hunter2").render_as_string(hide_password=False)
    finally:
        if dialect == "postgresql":
            execute(url, f"DROP OWNED BY {name}")
            execute(server, f"DROP ROLE {name}")
        else:
            execute(server, f"DROP USER {name}@'%'", f"DROP USER {name}@localhost")


READ = {
    "postgresql": ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",),
    "mariadb": ("GRANT SELECT ON {database}.* TO {role}",),
}


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_role_that_may_make_no_scratch_database(dialect, request, tmp_path):
    """It is told what to set, nothing is written, and with EMPTY_DATABASE_URL it goes on to the next thing it may not do."""
    url = request.getfixturevalue(f"{dialect}_url")
    shop = History(tmp_path / "shop", url)
    shop.build("first")
    before = everything(url)

    with role(dialect, url, *READ[dialect]) as as_reader:
        shop.database_url = as_reader
        said = shop.adopt(expect=2)
        assert said.startswith("error: not-permitted\n  ")
        assert "the role may not create databases: " in said
        assert said.endswith(
            "  This command wrote nothing to it.\n"
            "  To compare it takes an empty database of the same kind; name one:  "
            "EMPTY_DATABASE_URL=... python -m migrations.adopt\n"
        )
        assert "hunter2" not in said

    assert everything(url) == before
    assert [name for name in databases(dialect) if name.startswith(scratch.prefix(shop.folder))] == []


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_role_that_may_not_write_the_stamp(dialect, request, tmp_path):
    """The comparison is made and holds; that the row cannot be written is told, and no empty table is left."""
    url = request.getfixturevalue(f"{dialect}_url")
    shop = History(tmp_path / "shop", url)
    shop.build("first")
    before = everything(url)
    may_scratch = {
        "postgresql": ("ALTER ROLE {role} CREATEDB", "REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        "mariadb": ("GRANT CREATE, DROP, ALTER, INDEX, REFERENCES, INSERT, DELETE, UPDATE, SELECT ON `scratch\\_%`.* TO {role}",),
    }
    # On MariaDB it may create the table, and write no row into it.
    more = ("GRANT CREATE ON {database}.* TO {role}",) if dialect == "mariadb" else ()

    with role(dialect, url, *READ[dialect], *may_scratch[dialect], *more) as as_reader:
        shop.database_url = as_reader
        with inside(shop) as database:
            found = adopting.adopt(database)

    assert (found.state, found.exit, found.actions) == ("not-permitted", 2, ())
    assert found.reason.startswith("the role may not write alembic_version: ")
    assert everything(url) == before


def test_role_that_may_not_read_the_stamp(postgresql_url, tmp_path):
    """Whether it is stamped cannot be told, so nothing else is."""
    shop = History(tmp_path / "shop", postgresql_url)
    shop.build("first", stamp="first")

    with role("postgresql", postgresql_url) as as_stranger:
        shop.database_url = as_stranger
        with inside(shop) as database:
            found = adopting.adopt(database, write=False)

    assert (found.state, found.exit) == ("not-permitted", 2)
    assert found.reason == "the role may not read it: permission denied for table alembic_version"


def test_role_without_any_schema(postgresql_url, tmp_path):
    """PostgreSQL has no current schema for it: told, where reading would find nothing and say that it is empty."""
    shop = History(tmp_path / "shop", postgresql_url)
    shop.build("first")

    with role("postgresql", postgresql_url, "REVOKE ALL ON SCHEMA public FROM PUBLIC") as as_stranger:
        shop.database_url = as_stranger
        with inside(shop) as database:
            found = adopting.adopt(database)

    assert (found.state, found.reason) == ("not-permitted", "the role may use no schema of its search_path")


def test_role_that_sees_single_tables(mariadb_url, tmp_path):
    """MariaDB hides what a role has no privilege on: the database would be taken for one before that table was made."""
    shop = History(tmp_path / "shop", mariadb_url)
    shop.build("first", "orders")
    shop.stamp()
    tables = [f"GRANT SELECT, INSERT ON {{database}}.{table} TO {{role}}" for table in ("users", "alembic_version")]
    scratch_too = "GRANT ALL ON `scratch\\_%`.* TO {role}"
    before = everything(mariadb_url)

    with role("mariadb", mariadb_url, *tables, scratch_too) as as_clerk:
        shop.database_url = as_clerk
        with inside(shop) as database:
            found = adopting.adopt(database)

    assert (found.state, found.exit, found.actions) == ("not-permitted", 2, ())
    assert found.reason == "the role has privileges on single tables, and the server hides the others from it"
    assert everything(mariadb_url) == before


USAGE = "GRANT USAGE ON *.* TO `clerk`@`%` IDENTIFIED BY PASSWORD '*1'"
TABLE = "GRANT SELECT ON `shop`.`users` TO `clerk`@`%`"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([USAGE, TABLE], True, id="one table"),
        pytest.param([USAGE, TABLE, "GRANT SELECT ON `shop`.* TO `clerk`@`%`"], False, id="the database too"),
        pytest.param([USAGE, TABLE, "GRANT SELECT ON `sh_p`.* TO `clerk`@`%`"], False, id="a pattern"),
        pytest.param([USAGE, TABLE, "GRANT SELECT ON `sh\\_p`.* TO `clerk`@`%`"], True, id="a pattern of another"),
        pytest.param([USAGE, TABLE, "GRANT SELECT ON `s%`.* TO `clerk`@`%`"], False, id="a pattern with %"),
        pytest.param([USAGE, "GRANT SELECT ON `other`.`users` TO `clerk`@`%`"], False, id="a table of another database"),
        pytest.param(["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", TABLE], False, id="everything"),
        pytest.param([USAGE, "GRANT `reader` TO `clerk`@`%`"], False, id="a role, of which nothing is known"),
    ],
)
def test_what_the_grants_say(lines, expected):
    """Tables are hidden where only single ones are named."""
    assert grants.sees_part(lines, "shop") == expected


def test_upgrade_that_fails_half_way(database_url, tmp_path):
    """What a failed upgrade left there is told: on servers that commit every statement the schema is that of no revision."""
    shop = History(tmp_path / "shop", database_url)
    shop.build("first", "orders", "lower", "phone", stamp="phone")
    half = "op.add_column('users', sa.Column('age', sa.Integer))\nif op.get_bind().execute(sa.text('SELECT 1 FROM users')).first():"
    shop.revision("age", "phone", half + "\n    raise RuntimeError('half way')")

    with inside(shop) as database:
        failed = adopting.adopt(database, upgrade=True)
        found = adopting.adopt(database, write=False)

    assert (failed.state, failed.exit, failed.actions) == ("uncheckable", 2, ())
    assert failed.failure["place"] == "migrations/versions/age.py:13"
    is_half_done = "age" in everything(database_url)["schema"]["tables"]["users"]["columns"]
    assert (found.state, found.revision) == (("mismatched", "age") if is_half_done else ("behind", "phone"))
    assert is_half_done == {"postgresql": False, "mysql": True}.get(make_url(database_url).get_backend_name(), is_half_done)
    with engine_for(database_url).connect() as connection:
        assert connection.execute(text("SELECT id FROM users")).all() == [(1,)]


def test_two_adopters_that_upgrade(database_url, tmp_path):
    """One of them runs what is pending, the other waits for it; both find the database at the newest revision."""
    shop = History(tmp_path / "shop", database_url)
    runs = run_two(shop, "upgrade")
    try:
        for _ in range(ROUNDS):
            with emptied(database_url):
                shop.build("first", "orders")

                said = answers(runs, database_url)

                assert stamped(database_url) == ["phone"]
                assert [" ".join(line.split()[:3]) for line in said] == ["current phone 0"] * 2
                assert everything(database_url)["rows"]["users"] == ["(1, 'a@example.com', None)"]
    finally:
        for run in runs:
            run.communicate(timeout=60)
