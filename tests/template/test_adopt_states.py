"""Every state that a database can be in, on each server: what `status` says, what `adopt` does, and that nothing else happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url

from tests.servers import databases, engine_for, execute
from tests.template.states import History, everything, stamped, without_stamp


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> History:
    return History(tmp_path / "shop", database_url)


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> History:
    return History(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.db")


def status(shop: History, expect: int) -> str:
    """What `status` says; it has changed nothing in the database."""
    before = everything(shop.database_url)
    said = shop.adopt("status", expect=expect)
    assert everything(shop.database_url) == before
    return said


def test_unstamped(shop):
    """It is stamped with the revision whose schema it has; of two with one schema the older, since only rows would tell."""
    shop.build("first", "orders")
    before = everything(shop.database_url)

    assert status(shop, 3) == (
        f"unstamped {shop.shown} has the schema of orders and is not stamped\n"
        "pending   2 revisions: lower, phone\n"
        "next      python -m migrations.adopt\n"
    )
    assert shop.adopt() == (
        f"verified  the revisions up to orders build the schema of {shop.shown}\n"
        "stamped   orders, committed and read back\n"
        "pending   2 revisions: lower, phone\n"
        "next      flask db upgrade\n"
    )
    assert stamped(shop.database_url) == ["orders"]
    assert without_stamp(everything(shop.database_url)) == before


def test_upgrade_of_what_was_unstamped(shop):
    """With --upgrade what is pending runs after the stamp, and what came out is verified; a second run does nothing."""
    shop.build("first", "orders")

    assert shop.adopt("--upgrade") == (
        f"verified  the revisions up to orders build the schema of {shop.shown}\n"
        "stamped   orders, committed and read back\n"
        f"upgraded  {shop.shown} to phone\n"
    )
    after = everything(shop.database_url)
    assert after["rows"]["users"] == ["(1, 'a@example.com', None)"]
    assert shop.adopt("--upgrade") == (f"adopted   {shop.shown} is stamped with phone already (head), and its schema matches\n")
    assert everything(shop.database_url) == after


def test_current(shop):
    """Stamped with the newest revision, and true."""
    shop.build("first", "orders", "lower", "phone", stamp="phone")

    assert status(shop, 0) == f"current   {shop.shown} is at phone (head), and its schema matches\n"


def test_behind(shop):
    """Stamped with an older revision, and true: adopt writes nothing and says what is pending."""
    shop.build("first", "orders", "lower", stamp="lower")
    before = everything(shop.database_url)
    pending = "pending   1 revision: phone\nnext      flask db upgrade\n"

    assert status(shop, 3) == f"behind    {shop.shown} is at lower and its schema matches\n" + pending
    assert shop.adopt() == f"adopted   {shop.shown} is stamped with lower already and its schema matches\n" + pending
    assert everything(shop.database_url) == before


def test_stamp_of_another_revision(shop):
    """What `flask db stamp head` did to a database that is behind: told, and with --restamp put right."""
    shop.build("first", stamp="phone")
    complaint = (
        "error: stamp-not-true\n"
        f"  The stamp of {shop.shown} says phone, and its schema is that of first:\n"
        "    orders        only in the revision\n"
        "    users.phone   only in the revision  VARCHAR(20)\n"
        "  This command wrote nothing to it.\n"
        "  Stamp it with the revision that it is at:  python -m migrations.adopt --restamp\n"
    )
    before = everything(shop.database_url)

    assert status(shop, 1) == complaint
    assert shop.adopt(expect=1) == complaint
    assert everything(shop.database_url) == before
    assert shop.adopt("--restamp") == (
        "restamped first, committed and read back\npending   3 revisions: orders, lower, phone\nnext      flask db upgrade\n"
    )
    assert stamped(shop.database_url) == ["first"]
    assert without_stamp(everything(shop.database_url)) == without_stamp(before)


def test_rows_that_overlap(shop):
    """Two rows of which one includes the other: `flask db upgrade` fails with them until they are put right."""
    shop.build("first", "orders", stamp=("first", "orders"))

    assert status(shop, 1) == (
        "error: stamp-not-true\n"
        f"  The stamp of {shop.shown} says first, orders, and its schema is that of orders; "
        "one of those rows includes another, and Alembic upgrades from none.\n"
        "  This command wrote nothing to it.\n"
        "  Stamp it with the revision that it is at:  python -m migrations.adopt --restamp\n"
    )
    shop.adopt("--restamp", "--upgrade")
    assert stamped(shop.database_url) == ["phone"]


def test_stamped_and_the_schema_of_no_revision(shop):
    """The differences from its revision are told, and nothing is written, with --restamp either."""
    shop.build("first", "orders", "lower", stamp="lower")
    execute(shop.database_url, "ALTER TABLE users ADD COLUMN age INTEGER")
    before = everything(shop.database_url)
    integer = "INTEGER(11)" if shop.database_url.startswith("mysql") else "INTEGER"
    complaint = (
        "error: database-differs\n"
        f"  {shop.shown} is stamped with lower and has another schema:\n"
        "    database-ahead: only the database has it\n"
        f"      users.age   only in the database  {integer}   shop.py:18\n"
        "        Add it to the model, or drop it; no row has a value in it.\n"
        "  This command wrote nothing to it.\n"
        "  Make them agree and run again:  python -m migrations.adopt\n"
    )

    assert status(shop, 1) == complaint
    assert shop.adopt("--restamp", "--upgrade", expect=1) == complaint
    assert everything(shop.database_url) == before


def test_stamped_without_any_table(shop):
    """Nobody creates tables one by one: the stamp goes, and an upgrade builds all; the advice is followed to the letter."""
    shop.build("first")
    for table in sorted(inspect(engine_for(shop.database_url)).get_table_names()):
        if table != "alembic_version":
            execute(shop.database_url, f"DROP TABLE {table}")
    shop.flask("db", "stamp", "first")

    upgraded = shop.flask("db", "upgrade", "first")
    said = status(shop, 1)

    assert said == (
        "error: database-differs\n"
        f"  {shop.shown} is stamped with first, and none of its tables is there.\n"
        "  This command wrote nothing to it.\n"
        "  To build them, take the stamp away (and drop types that are left):  flask db stamp base && flask db upgrade\n"
    )
    told = "Database <default> is stamped and has none of its tables; see  python -m migrations.adopt status\n"
    assert told in upgraded
    for command in said.splitlines()[-1].partition(":  ")[2].split(" && "):
        shop.flask(*command.split()[1:])
    assert "is at phone (head), and its schema matches" in status(shop, 0)


def test_stamped_where_types_alone_are_left(postgresql_url, tmp_path):
    """The types of dropped tables stay in PostgreSQL, and would be in the way of an upgrade."""
    column = 'sa.Column("state", sa.Enum("new", "sent", name="state"))'
    shop = History(tmp_path / "shop", postgresql_url, {"first": f'op.create_table("users", {column})'})
    shop.flask("db", "upgrade")
    execute(postgresql_url, "DROP TABLE users")

    said = status(shop, 1)

    assert f"{shop.shown} is stamped with first, and none of its tables is there.\n" in said
    execute(postgresql_url, "DROP TYPE state")
    for command in said.splitlines()[-1].partition("(and drop types that are left):  ")[2].split(" && "):
        shop.flask(*command.split()[1:])
    assert inspect(engine_for(postgresql_url)).get_table_names() == ["alembic_version", "users"]


def test_stamped_with_an_unknown_revision(shop):
    """A stamp that is in no file is replaced where the schema is that of a revision, and only when asked."""
    shop.build("first", "orders", stamp="gone")
    before = everything(shop.database_url)
    complaint = (
        "error: unknown-revision\n"
        f"  {shop.shown} is stamped with gone, which is in no file of migrations/versions/.\n"
        "    where gone comes from cannot be told: this is no clone of a git repository\n"
        "  Its schema is that of orders.\n"
        "  This command wrote nothing to it.\n"
        "  To stamp it with the revision that it is at:  python -m migrations.adopt --restamp\n"
    )

    assert status(shop, 1) == complaint
    assert shop.adopt(expect=1) == complaint
    assert everything(shop.database_url) == before
    assert shop.adopt("--restamp").startswith("restamped orders, committed and read back\n")
    assert stamped(shop.database_url) == ["orders"]
    assert without_stamp(everything(shop.database_url)) == without_stamp(before)


def test_drifted(shop):
    """The schema of no revision, not stamped: the nearest revision and the differences from it, and nothing is written."""
    shop.build("first", "orders")
    execute(shop.database_url, "DROP TABLE orders", "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY)")
    before = everything(shop.database_url)

    said = status(shop, 1)

    assert said == (
        f"error: database-differs\n  The schema of {shop.shown} is that of no revision; the nearest is first:\n"
        "    database-ahead: only the database has it\n"
        "      orders   only in the database\n"
        "        Drop it, or make it in a revision; it has no row.\n"
        "  This command wrote nothing to it.\n"
        "  Make them agree and run again:  python -m migrations.adopt\n"
    )
    assert shop.adopt("--upgrade", expect=1) == said
    assert everything(shop.database_url) == before


def test_empty_version_table(shop):
    """What `flask db upgrade` leaves behind where it fails is no stamp: it is told, and the row is written into that table."""
    shop.build("first", "orders", "lower", "phone")
    shop.stamp()

    assert status(shop, 3) == (
        f"unstamped {shop.shown} has the schema of phone and is not stamped\n"
        "note      its alembic_version is empty: an upgrade failed there, or `flask db migrate` made it\n"
        "next      python -m migrations.adopt\n"
    )
    shop.adopt()
    assert stamped(shop.database_url) == ["phone"]


def test_empty(shop):
    """A database without a table is built by adopt; status only says so."""
    if shop.database_url.startswith("sqlite"):
        execute(shop.database_url, "CREATE TABLE t (id INTEGER)", "DROP TABLE t")

    assert status(shop, 3) == (f"empty     no table of the revisions is in {shop.shown}\nnext      python -m migrations.adopt\n")
    assert shop.adopt() == f"built     {shop.shown} up to phone\n"
    assert status(shop, 0) == f"current   {shop.shown} is at phone (head), and its schema matches\n"


def test_absent(shop):
    """A database that is not there is made and built by adopt; status makes none."""
    dialect = make_url(shop.database_url).get_backend_name().replace("mysql", "mariadb")
    if dialect != "sqlite":
        execute(
            shop.database_url.rpartition("/")[0] + ("/mysql" if dialect == "mariadb" else "/postgres"),
            "DROP DATABASE " + (make_url(shop.database_url).database or ""),
        )

    said = shop.adopt("status", expect=3)
    assert said == f"absent    {shop.shown} does not exist\nnext      python -m migrations.adopt\n"
    if dialect == "sqlite":
        assert everything(shop.database_url) == {"missing": True}
    else:
        assert make_url(shop.database_url).database not in databases(dialect)
    assert shop.adopt() == f"created   {shop.shown}\nbuilt     {shop.shown} up to phone\n"
    assert stamped(shop.database_url) == ["phone"]


def test_database_of_others(shop):
    """Other tables only: nothing is built there unless it is asked for, since it may be the wrong database."""
    execute(shop.database_url, "CREATE TABLE theirs (id INTEGER)", "INSERT INTO theirs VALUES (7)")
    before = everything(shop.database_url)

    assert shop.adopt(expect=1) == (
        "error: database-of-others\n"
        f"  No table of the revisions is in {shop.shown}, and it holds 1 table of no revision:\n"
        "    theirs   1 row   a tool such as pandas, for it has no primary key\n"
        "  This command wrote nothing to it.\n"
        "  If it is the right database, build them beside those:  flask db upgrade\n"
    )
    assert everything(shop.database_url) == before
    assert shop.adopt("--upgrade") == (
        f"built     {shop.shown} up to phone\nunmanaged theirs   1 row   a tool such as pandas, for it has no primary key\n"
    )
    assert everything(shop.database_url)["rows"]["theirs"] == ["(7,)"]


@pytest.mark.parametrize("url", ["postgresql://nobody:hunter2@127.0.0.1:1/shop", "mysql+pymysql://nobody:hunter2@127.0.0.1:1/shop"])
def test_unreachable(sqlite_shop, url):
    """Nobody answers: said with the reason and without the password, exit status 2."""
    sqlite_shop.database_url = url

    for command in ("status", "adopt"):
        said = sqlite_shop.adopt(command, expect=2)
        assert said.startswith("error: database-unreachable\n  ")
        assert "nobody:***@127.0.0.1:1/shop" in said
        assert "hunter2" not in said
        assert said.endswith("  This command wrote nothing to it.\n")


def test_json(sqlite_shop):
    """One document is all there is on standard output, also where the application prints."""
    sqlite_shop.add("\nprint('hello from the application')\n")
    sqlite_shop.build("first")

    ended = subprocess.run(
        [sys.executable, "-m", "migrations.adopt", "status", "--json"],
        cwd=sqlite_shop.folder,
        env={**os.environ, "FLASK_APP": "shop", "DATABASE_URL": sqlite_shop.database_url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3, ended.stderr
    assert ended.stderr == "hello from the application\n"
    document = json.loads(ended.stdout)
    assert document["exit"] == 3
    assert document["databases"] == [
        {
            "database": sqlite_shop.shown,
            "bind": "",
            "state": "unstamped",
            "revision": "first",
            "stamped": [],
            "head": ["phone"],
            "pending": ["orders", "lower", "phone"],
            "differences": [],
            "nearest": None,
            "unmanaged": [],
            "unbuilt": [],
            "empty_version_table": False,
            "lost": [],
            "failure": None,
            "reason": "",
            "actions": [],
            "next": ["python -m migrations.adopt"],
            "exit": 3,
        }
    ]


def test_upgrade_where_only_a_table_of_no_revision_is(shop):
    """`flask db upgrade` builds the rest: nothing is there that a revision makes, so there is nothing to adopt."""
    shop.add("\n\nclass Note(db.Model):\n    __tablename__ = 'notes'\n    id = db.Column(db.Integer, primary_key=True)\n")
    execute(shop.database_url, "CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY)", "INSERT INTO notes VALUES (7)")

    shop.flask("db", "upgrade")

    assert stamped(shop.database_url) == ["phone"]
    assert everything(shop.database_url)["rows"]["notes"] == ["(7,)"]


def test_upgrade_of_an_unstamped_database_that_differs(shop):
    """`flask db upgrade` explains adoption in place of "table already exists", and leaves no empty `alembic_version`."""
    shop.build("first", "orders")
    execute(shop.database_url, "ALTER TABLE users ADD COLUMN age INTEGER")
    before = everything(shop.database_url)

    said = shop.flask("db", "upgrade", expect=1)

    assert f"error: database-differs\n  The schema of {shop.shown} is that of no revision; the nearest is lower:\n" in said
    assert "Make them agree and run again:  python -m migrations.adopt\n" in said
    assert everything(shop.database_url) == before
