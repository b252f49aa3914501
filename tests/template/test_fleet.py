"""python -m migrations.adopt --urls-from: many databases in one command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from adopt.server import scratch
from tests.servers import DIALECTS, databases, engine_for, execute
from tests.template.fleets import APPLICATION, BODIES, REVISION, build, stamped, write_list

Make = Callable[[], str]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


STATES = """\
absent            absent
behind            behind   two, 1 pending
current           current   three
drifted           drifted   1 difference from three
empty             empty
mismatched        mismatched   stamped two, has the schema of three
unreachable       unreachable   REASON
unknown-revision  unknown   stamped gone, has the schema of three
unstamped         at_one   has the schema of one, 2 pending
unstamped         at_three   has the schema of three
unstamped         failed   has the schema of two, 1 pending

count  state             what to do
    1  current
    1  behind            python -m migrations.adopt --urls-from customers.txt --upgrade
    3  unstamped         python -m migrations.adopt --urls-from customers.txt
    1  empty             python -m migrations.adopt --urls-from customers.txt
    1  absent            python -m migrations.adopt --urls-from customers.txt
    1  mismatched        python -m migrations.adopt --urls-from customers.txt --restamp
    1  unknown-revision  python -m migrations.adopt --urls-from customers.txt --restamp
    1  drifted           see what differs with --json; make it agree, and run this again
    1  unreachable       see the reason above, and run this again

11 of 11 databases: nothing was done
"""
ADOPTED = """\
behind            behind   two, 1 pending
built             absent   three
built             empty   three
current           current   three
drifted           drifted   1 difference from three
mismatched        mismatched   stamped two, has the schema of three
stamped           at_one   one, 2 pending
stamped           at_three   three
stamped           failed   two, 1 pending
unknown-revision  unknown   stamped gone, has the schema of three
unreachable       unreachable   REASON

count  state             what to do
    4  current
    3  behind            python -m migrations.adopt --urls-from customers.txt --upgrade
    1  mismatched        python -m migrations.adopt --urls-from customers.txt --restamp
    1  unknown-revision  python -m migrations.adopt --urls-from customers.txt --restamp
    1  drifted           see what differs with --json; make it agree, and run this again
    1  unreachable       see the reason above, and run this again

11 of 11 databases: 2 built, 1 created, 3 stamped
"""
UPGRADED = """\
current           absent   three
current           at_three   three
current           current   three
current           empty   three
drifted           drifted   1 difference from three
restamped         mismatched   three
restamped         unknown   three
unreachable       unreachable   REASON
upgraded          at_one   three
upgraded          behind   three
upgraded          failed   three

count  state             what to do
    9  current
    1  drifted           see what differs with --json; make it agree, and run this again
    1  unreachable       see the reason above, and run this again

11 of 11 databases: 2 restamped, 3 upgraded
"""


def mixed_fleet(dialect: str, new: Callable[[str], str], folder: Path) -> dict[str, str]:
    """A database in each state."""
    absent, unreachable = new(dialect), {"sqlite": f"sqlite:///{folder}"}.get(dialect, "postgresql://shop:hunter2@127.0.0.1:1/shop")
    if dialect == "mariadb":
        unreachable = "mysql+pymysql://shop:hunter2@127.0.0.1:1/shop"
    if dialect != "sqlite":
        name = sa.make_url(absent).database
        execute(sa.make_url(absent).set(database={"mariadb": "mysql"}.get(dialect, "postgres")), f"DROP DATABASE {name}")
    empty = new(dialect)
    if dialect == "sqlite":
        execute(empty, "CREATE TABLE t (x INTEGER)", "DROP TABLE t")
    return {
        "at_one": build(new(dialect), "one"),
        "at_three": build(new(dialect), "three"),
        "behind": build(new(dialect), "two", stamp="two"),
        "current": build(new(dialect), "three", stamp="three"),
        "mismatched": build(new(dialect), "three", stamp="two"),
        "unknown": build(new(dialect), "three", stamp="gone"),
        "failed": build(new(dialect), "two", stamp=""),
        "drifted": build(new(dialect), "three", email=80),
        "absent": absent,
        "empty": empty,
        "unreachable": unreachable,
    }


def settled(output: str) -> str:
    """What a run says, its lines before the table sorted, and without the words of a driver."""
    lines, blank, rest = output.partition("\n\n")
    sorted_lines = sorted(line.split("   ")[0] + "   REASON" if line.startswith("unreach") else line for line in lines.splitlines())
    return "\n".join(sorted_lines) + blank + rest


def test_every_state_in_one_list(dialect, new, fleet, tmp_path):
    """status says what each is and writes nothing; adopt does what is right for each; again with --upgrade and --restamp."""
    urls = mixed_fleet(dialect, new, tmp_path)
    source = write_list(fleet, **urls)

    looked = fleet.adopt("status", "--urls-from", source, expect=2)
    untouched = {name: stamped(url) for name, url in urls.items() if name not in ("absent", "unreachable")}
    adopted = fleet.adopt("--urls-from", source, expect=2)
    upgraded = fleet.adopt("--urls-from", source, "--upgrade", "--restamp", expect=2)

    assert settled(looked) == settled(STATES)
    assert untouched == {
        **dict.fromkeys(("at_one", "at_three", "drifted", "empty")),
        **{"behind": ["two"], "current": ["three"], "mismatched": ["two"], "unknown": ["gone"], "failed": []},
    }
    assert settled(adopted) == settled(ADOPTED)
    assert settled(upgraded) == settled(UPGRADED)
    assert "hunter2" not in looked + adopted + upgraded
    del urls["unreachable"]
    assert {name for name, url in urls.items() if stamped(url) != ["three"]} == {"drifted"}
    assert stamped(urls["drifted"]) is None
    for name in urls.keys() - {"absent", "empty"}:
        with engine_for(urls[name]).connect() as connection:
            assert connection.execute(sa.text("SELECT id, email FROM users")).fetchall() == [(1, "a@example.com")]


def test_several_kinds_of_servers_in_one_list(new, fleet):
    """The application is loaded once, for whatever database it has; every scratch database is of the kind it is compared with."""
    urls = {f"{dialect}_{revision}": build(new(dialect), revision) for dialect in DIALECTS for revision in ("one", "three")}

    output = fleet.adopt("--urls-from", write_list(fleet, **urls))

    assert {name: stamped(url) for name, url in urls.items()} == {name: [name.split("_")[1]] for name in urls}
    assert output.splitlines()[-5:] == [
        "count  state             what to do",
        "    3  current",
        "    3  behind            python -m migrations.adopt --urls-from customers.txt --upgrade",
        "",
        "6 of 6 databases: 6 stamped",
    ]
    own = scratch.prefix(fleet.folder)
    assert [name for dialect in DIALECTS[1:] for name in databases(dialect) if name.startswith(own)] == []


DROPPED = "migrations/versions/three.py:11: drop-column:users.email, 1 row with a value in it"


def test_rows_at_stake_in_one_of_them(dialect, new, fleet):
    """The others are upgraded; that one is left as it was, with the reason, and so it is by itself."""
    urls = {name: build(new(dialect), "two", stamp="two") for name in ("first", "risky", "third")}
    for name in ("first", "third"):
        execute(urls[name], "DELETE FROM users")
    drop = "with op.batch_alter_table('users') as batch_op:\n        batch_op.drop_column('email')"
    revision = REVISION.format(name="three", down="two", body=BODIES["three"] + "\n    " + drop)
    fleet.write("migrations/versions/three.py", "consents = {}\n" + revision)
    fleet.write("shop.py", APPLICATION.replace("    email = db.Column(db.String(120), nullable=False)\n", ""))
    source = write_list(fleet, **urls)

    said = fleet.adopt("--urls-from", source, "--upgrade", expect=1)

    lines, _, rest = said.partition("\n\n")
    assert sorted(lines.splitlines()) == [
        "behind            risky   " + DROPPED,
        "upgraded          first   three",
        "upgraded          third   three",
    ]
    assert rest == (
        "count  state             what to do\n"
        "    2  current\n"
        "    1  behind            see the reason above, and run this again\n"
        "\n"
        "3 of 3 databases: 2 upgraded\n"
    )
    assert {name: stamped(url) for name, url in urls.items()} == {"first": ["three"], "risky": ["two"], "third": ["three"]}
    with engine_for(urls["risky"]).connect() as connection:
        assert connection.execute(sa.text("SELECT email FROM users")).fetchall() == [("a@example.com",)]

    fleet.database_url = urls["risky"]
    alone = fleet.adopt("--upgrade", expect=1)

    assert alone.startswith("error: risky-revision\n  This upgrade would lose values of ")
    assert '    consents = {"drop-column:users.email": "why"}\n' in alone
    assert stamped(urls["risky"]) == ["two"]
