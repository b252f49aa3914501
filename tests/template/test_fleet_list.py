"""The list of --urls-from, and the parts it is split into."""

from __future__ import annotations

import argparse
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.base import urls
from adopt.base.progress import Progress, bar
from adopt.commands.fleet import shards
from adopt.commands.fleet import url_list as fleet_list
from adopt.commands.fleet.shards import Shard
from adopt.commands.fleet.url_list import BadList, Entry, parse

LIST = """\
\ufeff
# customers of the first cluster
postgresql://shop:hunter2@db1/customer_1

   mysql+pymysql://shop@db2/customer_2?charset=utf8mb4
SHOP_3_URL
$SHOP_4_URL
${SHOP_5_URL}
customer-6 = $SHOP_6_URL
customer-7="sqlite:////srv/7.db"
postgres://shop@db8/customer_8
"""


@pytest.fixture
def variables(monkeypatch):
    """SHOP_3_URL to SHOP_6_URL are set."""
    for number in (3, 4, 5, 6):
        monkeypatch.setenv(f"SHOP_{number}_URL", f"postgresql://shop:hunter{number}@db1/customer_{number}")


def test_every_form_of_a_line(variables, tmp_path):
    """A URL, the name of a variable, either with a name of its own; comments and blank lines are skipped."""
    (tmp_path / "list.txt").write_text(LIST, encoding="utf-8")

    listing = fleet_list.read(str(tmp_path / "list.txt"))

    assert [(one.line, one.name, urls.redact(one.url)) for one in listing.entries] == [
        (3, "postgresql://shop:***@db1/customer_1", "postgresql://shop:***@db1/customer_1"),
        (5, "mysql+pymysql://shop@db2/customer_2?charset=utf8mb4", "mysql+pymysql://shop@db2/customer_2?charset=utf8mb4"),
        (6, "SHOP_3_URL", "postgresql://shop:***@db1/customer_3"),
        (7, "SHOP_4_URL", "postgresql://shop:***@db1/customer_4"),
        (8, "SHOP_5_URL", "postgresql://shop:***@db1/customer_5"),
        (9, "customer-6", "postgresql://shop:***@db1/customer_6"),
        (10, "customer-7", "sqlite:////srv/7.db"),
        (11, "postgresql://shop@db8/customer_8", "postgresql://shop@db8/customer_8"),
    ]


def test_every_bad_line_is_named_and_nothing_in_it_is_shown(monkeypatch):
    """All of them at once, by number; what was meant may be a password."""
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("WRONG", "hunter2 it is")
    text = "\n".join(
        [
            "postgresql://shop:hunter2@db/good",
            "MISSING_URL",
            "a = $EMPTY",
            "WRONG",
            "hunter2/and more",
            "postgresql://shop:hun@ter2@db/shop",
            "hunter2db://shop@db/shop",
            "postgresql://shop@db:hunter2/shop",
        ]
    )

    with pytest.raises(BadList) as raised:
        parse(text, "list.txt")

    assert raised.value.reason == "list.txt holds 7 lines that name no database:"
    assert raised.value.lines == (
        (2, "the environment variable MISSING_URL is not set"),
        (3, "the environment variable EMPTY is empty"),
        (4, "WRONG holds neither a database URL nor the name of an environment variable"),
        (5, "neither a database URL nor the name of an environment variable"),
        (6, "a URL whose user, password or path is not percent-encoded"),
        (7, "a URL of a kind of database that SQLAlchemy does not know here"),
        (8, "neither a database URL nor the name of an environment variable"),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n\n"])
def test_list_without_a_database(text):
    """That is a mistake rather than nothing to do."""
    with pytest.raises(BadList, match=r"^list\.txt names no database$"):
        parse(text, "list.txt")


def test_list_that_is_not_there():
    """It is named."""
    with pytest.raises(BadList, match=r"^none\.txt cannot be read: No such file or directory$"):
        fleet_list.read("none.txt")


def test_one_database_twice(tmp_path):
    """It is done once, whatever its host, driver, user or path is called by; the other line is named."""
    (tmp_path / "one.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "one.db")
    text = f"""\
a = postgresql://shop@localhost/one
b = postgresql+psycopg2://other:secret@127.0.0.1:5432/one
c = postgresql://shop@localhost/two
d = postgresql://shop@192.0.2.7/one
e = sqlite:///{tmp_path}/one.db
f = sqlite:///{tmp_path}/link.db
a = postgresql://shop@localhost/one
"""
    listing = parse(text, "list.txt")

    assert [one.name for one in listing.entries] == ["a", "c", "d", "e"]
    assert [(one.name, one.line, other.name) for one, other in listing.repeated] == [("b", 2, "a"), ("f", 6, "e"), ("a", 7, "a")]


def test_one_name_for_two_databases():
    """What is said of a name must be of one database."""
    with pytest.raises(BadList) as raised:
        parse("a = postgresql://db/one\na = postgresql://db/two\n", "list.txt")

    assert raised.value.lines == ((2, "line 1 has the same name and another database"),)


def test_large_list_is_read_at_once(monkeypatch):
    """No host is looked up where all are on one, and no pair of lines is compared."""
    monkeypatch.setattr(urls, "_addresses", None)

    listing = parse("".join(f"postgresql://shop@db1/customer_{number}\n" for number in range(5000)), "list.txt")

    assert len(listing.entries) == 5000


def test_driver_of_the_application():
    """A URL that names no driver takes the application's, for the same kind of database only."""
    listing = parse("postgresql://db/one\npostgresql+psycopg2://db/two\nmysql+pymysql://db/three\n", "list.txt")

    entries = fleet_list.with_driver_of(listing, urls.make_url("postgresql+psycopg://db/shop")).entries

    assert [one.url.drivername for one in entries] == ["postgresql+psycopg", "postgresql+psycopg2", "mysql+pymysql"]


def test_driver_that_is_not_installed():
    """Every line that needs it is named before any database is opened."""
    listing = parse("mysql+mysqlconnector://db/one\nsqlite:////tmp/two.db\n", "list.txt")

    with pytest.raises(BadList) as raised:
        fleet_list.with_driver_of(listing, urls.make_url("sqlite://"))

    assert raised.value.lines == ((1, "the driver of mysql+mysqlconnector is not installed: No module named 'mysql'"),)


NAMES = st.lists(st.text(min_size=1), unique=True, max_size=60)


@given(NAMES, st.integers(1, 9), st.randoms())
def test_parts_cover_the_list_exactly_once(names, count, chance):
    """Whatever the order of the lines; the parts differ by one database at most and are in the order of the list."""
    entries = [Entry(name, line, None) for line, name in enumerate(names)]
    parts = [Shard(number, count).of(entries) for number in range(1, count + 1)]
    shuffled = chance.sample(entries, len(entries))

    assert Counter(one.name for part in parts for one in part) == Counter(names)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert all(part == sorted(part, key=lambda one: one.line) for part in parts)
    assert [set(part) for part in parts] == [set(Shard(number, count).of(shuffled)) for number in range(1, count + 1)]


def test_name_of_a_part():
    """Numbers begin with 1, as `2/5` reads."""
    assert shards.parse("2/5") == Shard(2, 5)
    for wrong in ("0/5", "6/5", "2", "a/b", "1/0", "-1/5"):
        with pytest.raises(argparse.ArgumentTypeError, match="is no part of a list: 1/5 is the first of five, 5/5 the last"):
            shards.parse(wrong)


class Screen:
    """What is written to a terminal, or to a file."""

    def __init__(self, is_terminal: bool) -> None:
        self.is_terminal, self.text = is_terminal, ""

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


def test_bar():
    """It fills from the left, and is as wide as the terminal allows."""
    assert [bar(done, 40, 80) for done in (0, 13, 40)] == [
        "[........................................] 0/40",
        "[#############...........................] 13/40",
        "[########################################] 40/40",
    ]
    assert bar(1, 2, 14) == "[###....] 1/2"


def test_bar_is_for_terminals_only():
    """In a log there is nothing; in a terminal a line that is printed takes its place."""
    log, terminal = Screen(False), Screen(True)
    for screen in (log, terminal):
        progress = Progress(2, screen)
        progress.show(1)
        progress.clear()

    assert log.text == ""
    assert terminal.text.startswith("\r\x1b[K[#")
    assert terminal.text.endswith("1/2\r\x1b[K")
