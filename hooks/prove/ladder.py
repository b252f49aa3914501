"""What the application is loaded on, one after the other: the next holds more, and is tried where it misses something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hooks.base.errors import ProjectFailed
from hooks.edit.python.changes import Variant

# What an application may say that misses its tables or rows; it counts only where it asked for a database.
MISSES_SOMETHING = ("app-queries-while-loading", "app-writes-while-loading", "app-failed-to-load", "app-exits-while-loading")
Overlay = Mapping[str, bytes]
MakeOverlay = Callable[[Variant], Overlay]


def ladder(make_overlay: MakeOverlay, first: Variant) -> Iterator[tuple[Overlay, dict[str, Any]]]:
    """(edits, more of the request) of each step.

    An empty database of its kind; the same, where its own create_all() really runs; one with the existing database's schema and no
    rows; the existing database, which is only read.
    """
    edited, kept = make_overlay(first), make_overlay(replace(first, keep_create_all=True))
    yield edited, {}
    if kept != edited:
        yield kept, {}
    yield edited, {"load_on": "schema"}
    yield edited, {"load_on": "existing", "create_all": "skip"}


def misses_something(stop: ProjectFailed) -> bool:
    """Whether an application may load on a database that holds more."""
    return stop.reason == "not-copied" or (stop.reason in MISSES_SOMETHING and stop.failed.asked)


def better_cause(why: ProjectFailed | None, stop: ProjectFailed, more: Mapping[str, Any]) -> ProjectFailed:
    """Which of two failures to report: the first, unless the application then had its tables as usual and failed by itself.

    With the schema alone (`more` says what a step loads on) it may have missed rows.
    """
    is_its_own = stop.reason == "app-failed-to-load" and more.get("load_on") != "schema"
    return stop if why is None or (is_its_own and why.reason == "app-queries-while-loading") else why
