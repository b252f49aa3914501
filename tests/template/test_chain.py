"""Replaying a history, whatever shape it has, and telling which of its positions a database is at."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopt.base.errors import HistoryUnreadable
from adopt.history import replay
from adopt.verdict import adopting
from tests.servers import execute
from tests.template.states import PHONE, USERS, History, everything, inside, stamped, without_stamp


def column(name: str) -> str:
    return f"op.add_column('users', sa.Column({name!r}, sa.Integer))"


def sqlite_history(folder: Path, steps: dict[str, str]) -> History:
    return History(folder / "shop", f"sqlite:///{folder}/shop.db", steps)


def stamps(shop: History) -> list[tuple[str, ...]]:
    """What a database at each position would be stamped with, the oldest first."""
    with inside(shop) as database:
        chain = replay.chain(database)
    assert chain.failures == ()
    return [position.stamp for position in chain.positions]


@pytest.fixture
def branched(database_url: str, tmp_path: Path) -> History:
    """users, then two branches of two and one revisions, a merge that does nothing, and one more."""
    shop = History(tmp_path / "shop", database_url, {"first": USERS, "a1": column("a1"), "a2": column("a2")})
    shop.revision("b1", "first", column("b1"), labels=("billing",))
    shop.revision("merged", ("a2", "b1"), "pass")
    shop.revision("last", "merged", PHONE)
    return shop


def test_branches_that_were_merged(branched):
    """Each branch alone is a position as well as both together, for a teammate may have pulled only one of them."""
    found = stamps(branched)

    alone = {("first",), ("a1",), ("a2",), ("b1",), ("merged",), ("last",)}
    assert found[0] == ()
    assert alone | {("a2", "b1")} <= set(found)
    assert len(found) == len(set(found))


def test_database_on_two_branches(branched):
    """It is stamped with both heads, and an upgrade goes on from there."""
    branched.build("first", "a1", "b1")
    before = everything(branched.database_url)

    with inside(branched) as database:
        found = adopting.adopt(database)
        after = everything(branched.database_url)
        upgraded = adopting.adopt(database, upgrade=True)

    assert (found.state, found.revision, found.actions, found.exit) == ("behind", "a1, b1", ("stamped a1, b1",), 0)
    assert found.pending == ("a2", "merged", "last")
    assert without_stamp(after) == before
    assert after["rows"]["alembic_version"] == ["('a1',)", "('b1',)"]
    assert (upgraded.state, upgraded.revision) == ("current", "last")


def test_several_heads_bases_and_dependencies(tmp_path):
    """A second base that depends on a revision of the first is a position of its own; both heads are the newest state."""
    shop = sqlite_history(tmp_path, {"first": USERS, "phone": PHONE})
    shop.revision("other", None, "op.create_table('other', sa.Column('id', sa.Integer, primary_key=True))", depends="first")

    found = stamps(shop)

    assert {("first",), ("phone",), ("other",), ("other", "phone")} <= set(found)
    with inside(shop):
        assert set(replay.graph().heads) == {"phone", "other"}


def test_table_that_a_revision_drops(tmp_path):
    """A database that still has the table is before that revision, not at it with a table of its own."""
    shop = sqlite_history(tmp_path, {"first": USERS + "\nop.create_table('old', sa.Column('id', sa.Integer))"})
    shop.revision("drop", "first", "op.drop_table('old')")
    shop.build("first")

    with inside(shop) as database:
        found = adopting.adopt(database, write=False)

    assert (found.state, found.revision, found.pending) == ("unstamped", "first", ("drop",))


def test_table_that_the_register_leaves_alone(tmp_path):
    """A dropped table that project.ini names is the team's own by now."""
    shop = sqlite_history(tmp_path, {"first": USERS + "\nop.create_table('old', sa.Column('id', sa.Integer))"})
    shop.revision("drop", "first", "op.drop_table('old')\n" + PHONE)
    shop.build("first")
    execute(shop.database_url, "ALTER TABLE users ADD COLUMN phone VARCHAR(20)")

    with inside(shop) as database:
        assert adopting.adopt(database, write=False).state == "drifted"
        shop.write("migrations/project.ini", "[unmanaged]\ntables =\n    old\n")
        assert adopting.adopt(database, write=False).revision == "drop"


def test_view_that_a_revision_makes(tmp_path):
    """A revision that makes a view only is told from the one before it."""
    shop = sqlite_history(tmp_path, {"first": USERS, "view": "op.execute('CREATE VIEW emails AS SELECT email FROM users')"})
    shop.build("first", "view")

    with inside(shop) as database:
        assert adopting.adopt(database, write=False).revision == "view"


def test_revision_that_needs_rows(database_url, tmp_path):
    """It is named with its line; a database before it is adopted, and it is not run there unproven."""
    needs_rows = "row = op.get_bind().execute(sa.text('SELECT email FROM users')).first()\nassert row[0]"
    shop = History(tmp_path / "shop", database_url, {"first": USERS, "rows": needs_rows, "phone": PHONE})
    shop.build("first")

    with inside(shop) as database:
        found = adopting.adopt(database, upgrade=True)

    assert (found.state, found.revision, found.actions, found.exit) == ("behind", "first", ("stamped first",), 0)
    assert found.failure == {
        "revision": "rows",
        "place": "migrations/versions/rows.py:12",
        "reason": "TypeError: 'NoneType' object is not subscriptable",
    }
    assert stamped(database_url) == ["first"]


def test_database_beyond_a_revision_that_fails(tmp_path):
    """Nobody can tell whether it is at a later revision: a table of one of those is no table of somebody else."""
    shop = sqlite_history(tmp_path, {"first": USERS, "rows": "raise RuntimeError('no rows')"})
    shop.revision("later", "rows", "op.create_table('later', sa.Column('id', sa.Integer))")
    shop.build("first", "later")
    before = everything(shop.database_url)

    with inside(shop) as database:
        found = adopting.adopt(database)

    assert (found.state, found.nearest, found.exit) == ("uncheckable", "first", 2)
    assert found.failure["place"] == "migrations/versions/rows.py:11"
    assert everything(shop.database_url) == before


def test_emptied_baseline(tmp_path):
    """Revisions that build no table prove nothing about a database: it is not stamped."""
    shop = sqlite_history(tmp_path, {"blank": "pass"})
    execute(shop.database_url, "CREATE TABLE users (id INTEGER PRIMARY KEY)")

    with inside(shop) as database:
        found = adopting.adopt(database)

    assert (found.state, found.exit) == ("uncheckable", 2)
    assert found.reason == "no revision builds a table, so there is nothing to compare; they cannot build a new database either"
    assert stamped(shop.database_url) is None


LONG = "add_the_phone_number_of_the_customer_to_users"


def test_id_that_is_too_long(database_url, tmp_path):
    """Servers have room for 32 characters: said before anything is written; SQLite keeps the longer id."""
    shop = History(tmp_path / "shop", database_url, {"first": USERS, LONG: PHONE})
    shop.build("first", LONG)
    before = everything(database_url)

    with inside(shop) as database:
        found = adopting.adopt(database)

    if database_url.startswith("sqlite"):
        assert (found.state, found.actions) == ("current", ("stamped " + LONG,))
        return
    assert (found.state, found.exit) == ("uncheckable", 2)
    assert found.failure["reason"].startswith("its id has 45 characters, and alembic_version has room for 32: ")
    assert everything(database_url) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("revision = 'x'\ndown_revision = 'nowhere'\n", "a revision follows nowhere, which is in no file", id="gap"),
        pytest.param(
            "revision = 'first'\ndown_revision = None\n",
            "migrations/versions/extra.py and migrations/versions/first.py both have the revision id first",
            id="two files with one id",
        ),
        pytest.param("revision = 'x'\ndef upgrade(:\n", "migrations/versions/extra.py:2: SyntaxError", id="syntax error"),
        pytest.param("import nothing_like_it\n", "migrations/versions/extra.py:1: ModuleNotFoundError", id="import"),
    ],
)
def test_unreadable_history(tmp_path, text, reason):
    """What is wrong with the files is told in terms of the files, before any database is looked at."""
    shop = sqlite_history(tmp_path, {"first": USERS})
    shop.write("migrations/versions/extra.py", text)

    with inside(shop), pytest.raises(HistoryUnreadable) as raised:
        replay.graph()

    assert str(raised.value).startswith(reason)


def test_other_version_table(tmp_path):
    """`version_table` of Migrate(...) is where the stamp is written and read."""
    shop = sqlite_history(tmp_path, {"first": USERS})
    shop.add("\nmigrate.init_app(app, db, version_table='shop_version')\n")
    shop.build("first")

    with inside(shop) as database:
        assert adopting.adopt(database).actions == ("stamped first",)
        assert adopting.adopt(database).state == "current"

    assert everything(shop.database_url)["rows"]["shop_version"] == ["('first',)"]
    assert stamped(shop.database_url) is None
