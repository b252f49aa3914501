"""What a database is said to be, decided from plain data: no database, no files."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adopt.history.chain import Chain, Failure, Graph, Position
from adopt.history.identify import identify
from adopt.verdict import verdict
from adopt.verdict import verdict_text as words
from adopt.verdict.look import Seen

GRAPH = Graph(("a", "b", "c"), {"a": (), "b": ("a",), "c": ("b",)})
BRANCHED = Graph(("a", "b", "c"), {"a": (), "b": ("a",), "c": ("a",)})


def schema(**tables: str) -> dict:
    """A snapshot with these tables; the names of their columns are the letters."""
    return {
        "tables": {
            name: {
                "columns": {letter: {"type": "INTEGER", "nullable": True, "default": None} for letter in columns},
                **{fact: [] for fact in ("primary_key", "foreign_keys", "unique", "checks")},
                "indexes": {},
            }
            for name, columns in tables.items()
        },
        "enums": {},
        "views": [],
        "extension_tables": [],
        "dialect": "sqlite",
    }


def chain(
    *snapshots: dict, graph: Graph = GRAPH, failures: tuple[Failure, ...] = (), beyond: frozenset[str] = frozenset()
) -> Chain:
    """A straight history: the first snapshot is that after `a`."""
    applied = [frozenset(graph.revisions[:number]) for number in range(len(snapshots) + 1)]
    stamps = [(), *((revision,) for revision in graph.revisions)]
    positions = [Position(*one) for one in zip(stamps, applied, [schema(), *snapshots], strict=False)]
    return Chain(graph, tuple(positions), failures, beyond)


USUAL = chain(schema(users="i"), schema(users="ie"), schema(users="ie", orders="i"))


def decided(history: Chain = USUAL, *, stamped: tuple[str, ...] = (), **seen: object) -> verdict.Verdict:
    return verdict.decide(Seen("sqlite:///shop.db", stamped=stamped, **seen), history)


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        pytest.param(schema(users="i"), ("a",), id="the first"),
        pytest.param(schema(users="ie"), ("b",), id="one in the middle"),
        pytest.param(schema(users="ie", orders="i", theirs="x"), ("c",), id="the last, and a table of others"),
        pytest.param(schema(theirs="x"), (), id="only a table of others"),
        pytest.param(schema(users="i", orders="i"), None, id="a later table without the column between"),
        pytest.param(schema(users="iex"), None, id="a column more"),
        pytest.param(schema(orders="i"), None, id="a table less"),
    ],
)
def test_identify(snapshot, expected):
    """The position with that very schema, where tables of others do not count and those of other revisions do."""
    found = identify(USUAL, snapshot)

    assert (found.position.stamp if found.position else None) == expected


def test_oldest_of_several_with_one_schema():
    """What the later ones do to rows may not have been done."""
    history = chain(schema(users="i"), schema(users="i"), schema(users="i"))

    assert identify(history, schema(users="i")).position.stamp == ("a",)


def test_nearest():
    """The fewest differences; of several the newest, and never "before the first revision"."""
    found = identify(USUAL, schema(users="iex", orders="i"))

    assert found.nearest.stamp == ("c",)
    assert [(item["table"], item["name"], item["kind"]) for item in found.differences] == [("users", "x", "extra")]
    assert identify(USUAL, schema(users="x")).nearest.stamp == ("a",)


STATES = [
    pytest.param({"missing": True}, ("absent", None, 3), id="absent"),
    pytest.param({"unreachable": "refused"}, ("unreachable", None, 2), id="unreachable"),
    pytest.param({"not_permitted": "no"}, ("not-permitted", None, 2), id="not permitted"),
    pytest.param({"snapshot": schema()}, ("empty", None, 3), id="empty"),
    pytest.param({"snapshot": schema(theirs="x")}, ("empty", None, 3), id="of others"),
    pytest.param({"snapshot": schema(users="i")}, ("unstamped", "a", 3), id="unstamped"),
    pytest.param({"snapshot": schema(users="x")}, ("drifted", None, 1), id="drifted"),
    pytest.param({"snapshot": schema(users="ie", orders="i"), "stamped": ("c",)}, ("current", "c", 0), id="current"),
    pytest.param({"snapshot": schema(users="ie"), "stamped": ("b",)}, ("behind", "b", 3), id="behind"),
    pytest.param({"snapshot": schema(users="i"), "stamped": ("b",)}, ("mismatched", "a", 1), id="another revision"),
    pytest.param({"snapshot": schema(users="x"), "stamped": ("b",)}, ("mismatched", None, 1), id="no revision"),
    pytest.param({"snapshot": schema(users="ie"), "stamped": ("a", "b")}, ("mismatched", "b", 1), id="rows that overlap"),
    pytest.param({"snapshot": schema(), "stamped": ("b",)}, ("mismatched", None, 1), id="stamped and empty"),
    pytest.param({"snapshot": schema(users="i"), "stamped": ("z",)}, ("unknown-revision", "a", 1), id="unknown, of a"),
    pytest.param({"snapshot": schema(users="x"), "stamped": ("a", "z")}, ("unknown-revision", None, 1), id="unknown, of none"),
]


@pytest.mark.parametrize(("seen", "expected"), STATES)
def test_states(seen, expected):
    """State, revision and exit status of `status`."""
    found = decided(**seen)

    assert (found.state, found.revision, found.exit) == expected


@pytest.mark.parametrize(("seen", "expected"), STATES)
def test_every_verdict_has_words(seen, expected):
    """Each is one JSON document, and lines that are complete sentences about that database."""
    found = decided(**seen)
    sorted_ = {"class": "database-ahead", "where": None, "advice": "Drop it.", "rows": 0}  # as explained.py does it
    found = replace(found, differences=tuple({**item, **sorted_} for item in found.differences))

    said, complaint = words.lines(found, is_status=True)

    assert json.loads(words.document([found], found.exit))["databases"][0]["state"] == expected[0]
    assert bool(said) != bool(complaint)
    assert any("sqlite:///shop.db" in line for line in said + complaint)
    assert complaint == [] or (complaint[0].startswith("error: ") and "  This command wrote nothing to it." in complaint)


def test_stamp_that_is_true_is_believed():
    """Where several revisions have one schema, the one that it is stamped with."""
    history = chain(schema(users="i"), schema(users="i"), schema(users="i"))

    assert decided(history, snapshot=schema(users="i"), stamped=("c",)).state == "current"


FAILED = (Failure("c", "migrations/versions/c.py:7", "RuntimeError: no rows"),)
CUT = chain(schema(users="i"), schema(users="ie"), failures=FAILED, beyond=frozenset({"orders"}))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param({"snapshot": schema(users="ie")}, ("unstamped", "b", 3), id="before it"),
        pytest.param({"snapshot": schema(users="ie", orders="i")}, ("uncheckable", None, 2), id="beyond it"),
        pytest.param({"snapshot": schema(users="ie", theirs="i")}, ("unstamped", "b", 3), id="before it, and a table of others"),
        pytest.param({"snapshot": schema(users="iex")}, ("uncheckable", None, 2), id="a difference, perhaps by it"),
        pytest.param({"snapshot": schema(users="ie"), "stamped": ("c",)}, ("uncheckable", None, 2), id="stamped with it"),
        pytest.param({"snapshot": schema(users="i"), "stamped": ("b",)}, ("mismatched", "a", 1), id="stamped before it, falsely"),
    ],
)
def test_revision_that_cannot_run(seen, expected):
    """What is before it is told as always; what may be beyond it is not guessed."""
    found = decided(CUT, **seen)

    assert (found.state, found.revision, found.exit) == expected


def test_pending_of_branches():
    """What has not run on a branch is pending, in the order of an upgrade."""
    both = Position(("b", "c"), frozenset("abc"), schema(users="ibc"))
    one = Position(("b",), frozenset("ab"), schema(users="ib"))
    history = Chain(BRANCHED, (Position((), frozenset(), schema()), one, both))

    assert decided(history, snapshot=schema(users="ib")).pending == ("c",)
    assert decided(history, snapshot=schema(users="ibc")).revision == "b, c"
    assert decided(history, snapshot=schema(users="ibc"), stamped=("b", "c")).state == "current"
