"""What the two Pythons say to each other is what both know."""

from __future__ import annotations

import ast
import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from hooks.inside.base.messages import KINDS, Event, Failed, Go, Request, RequestedApp, RevisionFile, Verified, data_of, event_of
from hooks.wording.project_reasons import REASONS

INSIDE = Path(__file__).parents[2] / "hooks" / "inside"
STOPS = [
    (f"{path.relative_to(INSIDE)}:{node.lineno}", node)
    for path in sorted(INSIDE.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Stop", "Failed") and node.args
]
PLAIN = ("unexpected", "no-scratch-database", "nothing-to-copy", "not-copied", "stamp-failed")  # told without a text of their own


@pytest.mark.parametrize(("place", "call"), STOPS, ids=[place for place, _ in STOPS])
def test_reason_to_stop_has_known_facts(place: str, call: ast.Call) -> None:
    """A name that `Failed` does not have would hide the cause behind a TypeError."""
    known = {one.name for one in fields(Failed)}

    assert {one.arg for one in call.keywords if one.arg} <= known
    if isinstance(call.args[0], ast.Constant):
        assert call.args[0].value in REASONS or call.args[0].value in PLAIN


def test_messages_come_through() -> None:
    """As JSON, with what is inside of them."""
    request = Request(root="/srv/shop", app=RequestedApp("shop", "app"), overlay={"app.py": "eA=="})
    assert Request.received(json.loads(json.dumps(asdict(request)))) == request
    assert Go(**json.loads(json.dumps(asdict(Go(stamp=True))))) == Go(stamp=True)

    verified = Verified([{"name": ""}], baseline=RevisionFile("1.py", "text"), heads=["abc"])
    assert event_of(json.loads(json.dumps(data_of(verified)))) == verified


@pytest.mark.parametrize(
    "line", ['{"event": "stamp"}', '{"event": "stamped", "name": "", "revision": "1", "url": "x"}', '{"event": "step"}']
)
def test_what_nobody_says(line: str) -> None:
    """Another event, another field, a field that is missing."""
    with pytest.raises((KeyError, TypeError)):
        event_of(json.loads(line))


def test_kinds_are_different() -> None:
    assert len(KINDS) == len(Event.__subclasses__())
