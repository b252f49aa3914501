"""What a database is, and what may be done about it. Pure: what was seen and the chain in, one fact sheet out."""

from __future__ import annotations

from dataclasses import asdict as as_dict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..base.errors import NotPermitted
from ..history.chain import Failure
from ..history.identify import identify, unmanaged
from ..schema import differences

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..history.chain import Chain, Position
    from ..history.identify import Identified
    from .look import Seen


TRUE, DIFFERS, UNCHECKED, TO_DO = 0, 1, 2, 3

ABSENT, EMPTY, UNSTAMPED, CURRENT, BEHIND = "absent", "empty", "unstamped", "current", "behind"
MISMATCHED, UNKNOWN_REVISION, DRIFTED = "mismatched", "unknown-revision", "drifted"
UNREACHABLE, NOT_PERMITTED, UNCHECKABLE = "unreachable", "not-permitted", "uncheckable"

EXIT = {
    CURRENT: TRUE,
    **dict.fromkeys((ABSENT, EMPTY, UNSTAMPED, BEHIND), TO_DO),
    **dict.fromkeys((MISMATCHED, UNKNOWN_REVISION, DRIFTED), DIFFERS),
    **dict.fromkeys((UNREACHABLE, NOT_PERMITTED, UNCHECKABLE), UNCHECKED),
}
NOTHING_TO_COMPARE = "no revision builds a table, so there is nothing to compare; they cannot build a new database either"
NO_TABLES = "none of its tables is there"
ADOPT, RESTAMP, UPGRADE = "python -m migrations.adopt", "python -m migrations.adopt --restamp", "flask db upgrade"


@dataclass(frozen=True)
class Verdict:
    """The fact sheet of one database; the names of the fields are those of `--json` and stay.

    `revision` is the one whose schema the database has, or None; several, joined by ", ", where branches are not merged. `stamped`
    are the rows of `alembic_version`. `differences` are those from the stamped revision, else from `nearest`, in the form of
    differences.py. `unbuilt` is what it has beside tables and no revision makes, in the form of objects.py; in a list of databases
    nobody looks for it. `lost` says what git knows of stamped revisions that are in no file. `reason` is why it could not be
    checked, or that nothing of a stamp is there, `failure` the revision because of which. `actions` are what was done, `next` the
    commands for what is left to do.

        absent            the server or the folder has no such database
        empty             none of the tables that the revisions build
        unstamped         the schema of `revision`, and no row in `alembic_version`
        current           the schema of the revision that it is stamped with, the newest one
        behind            the same of an older one
        mismatched        stamped with a revision whose schema it has not, or with one and another that includes it
        unknown-revision  stamped with a revision that is in no file
        drifted           not stamped, and the schema of no revision
        unreachable       nobody answers, or not to this role
        not-permitted     the role may not read it, or make no scratch database
        uncheckable       a revision that it takes to tell cannot run
    """

    database: str
    bind: str
    state: str
    revision: str | None = None
    stamped: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    differences: tuple[Any, ...] = ()
    nearest: str | None = None
    unmanaged: tuple[Any, ...] = ()
    unbuilt: tuple[Any, ...] = ()
    empty_version_table: bool = False
    lost: tuple[Any, ...] = ()
    failure: Any | None = None
    reason: str = ""
    actions: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    exit: int = UNCHECKED


def decide(seen: Seen, chain: Chain) -> Verdict:
    """The Verdict on what was seen; the chain must be replayed where `needs_positions(seen)`."""
    graph = chain.graph
    facts = {
        "database": seen.database,
        "bind": seen.bind,
        "stamped": seen.stamped,
        "head": graph.heads,
        "empty_version_table": seen.empty_version_table,
    }
    if seen.unreachable or seen.not_permitted:
        state = UNREACHABLE if seen.unreachable else NOT_PERMITTED
        return verdict(state, facts, reason=seen.unreachable or seen.not_permitted)
    if seen.missing:
        return verdict(ABSENT, facts, pending=graph.revisions, next=(ADOPT,))
    if not needs_positions(seen):
        return verdict(EMPTY, facts, pending=graph.revisions, next=(ADOPT,))
    if not chain.builds_tables and not chain.failures:
        facts["reason"] = NOTHING_TO_COMPARE
    facts["unmanaged"] = tuple(
        {"table": name, "rows": None, "owner": None} for name in unmanaged(chain, seen.snapshot, seen.register)
    )
    if seen.stamped:
        return decide_stamped(seen, chain, facts)
    return decide_unstamped(seen, chain, facts)


def needs_positions(seen: Seen) -> bool:
    """Whether it takes more than a look to tell: there are tables, or a stamp that may be true or not."""
    return seen.snapshot is not None and bool(seen.stamped or seen.snapshot["tables"])


def decide_unstamped(seen: Seen, chain: Chain, facts: dict[str, Any]) -> Verdict:
    found = identify(chain, seen.snapshot, seen.register)
    if facts.get("reason"):
        return verdict(UNCHECKABLE, facts)
    if found.position is None or (chain.failures and not found.position.stamp):
        return differing(DRIFTED, chain, facts, found)
    pending = chain.graph.pending(found.position.applied)
    if not found.position.stamp:
        return verdict(EMPTY, facts, pending=pending, next=(UPGRADE,))
    return verdict(UNSTAMPED, facts, revision=named(found.position), pending=pending, next=(ADOPT,))


def decide_stamped(seen: Seen, chain: Chain, facts: dict[str, Any]) -> Verdict:
    graph = chain.graph
    if graph.unknown(seen.stamped):
        return decide_elsewhere(UNKNOWN_REVISION, seen, chain, facts)
    applied = graph.applied(seen.stamped)
    position = chain.position(applied)
    if position is None:
        return differing(UNCHECKABLE, chain, facts, identify(chain, seen.snapshot, seen.register), chain.failure(applied))
    found = differences.compare(position.snapshot, seen.snapshot, known=chain.known(seen.snapshot, seen.register))
    if not found and graph.overlap(seen.stamped) and set(seen.stamped) != set(position.stamp):
        return verdict(MISMATCHED, facts, revision=named(position), pending=graph.pending(applied), next=(RESTAMP,))
    if found:
        return decide_elsewhere(MISMATCHED, seen, chain, dict(facts, differences=tuple(found)))
    pending = graph.pending(applied)
    state = BEHIND if pending else CURRENT
    return verdict(state, facts, revision=named(position), pending=pending, next=(UPGRADE,) if pending else ())


def decide_elsewhere(state: str, seen: Seen, chain: Chain, facts: dict[str, Any]) -> Verdict:
    """The stamp is not to be believed: is the schema that of another revision?"""
    found = identify(chain, seen.snapshot, seen.register)
    if found.position is None or not found.position.stamp:
        if state == MISMATCHED and not chain.known(seen.snapshot)["tables"]:
            facts = dict(facts, reason=NO_TABLES)
        return differing(state, chain, facts, found)
    pending = chain.graph.pending(found.position.applied)
    return verdict(state, facts, revision=named(found.position), pending=pending, next=(RESTAMP,))


def differing(state: str, chain: Chain, facts: dict[str, Any], found: Identified, failure: Failure | None = None) -> Verdict:
    """The schema of no revision that could be built; where one could not, nobody can tell whether it is that one."""
    failure = failure or next(iter(chain.failures), None)
    if failure is not None and state == DRIFTED:
        state = UNCHECKABLE
    more = {"nearest": named(found.nearest), "failure": as_dict(failure) if failure else None}
    return verdict(state, dict(more, **dict({"differences": found.differences}, **facts)))


def verdict(state: str, facts: Mapping[str, Any], **more: Any) -> Verdict:
    return Verdict(state=state, exit=EXIT[state], **dict(facts, **more))


def named(position: Position | None) -> str | None:
    return ", ".join(position.stamp) if position is not None else None


def worst(codes: Collection[int]) -> int:
    """One exit status for several databases: what could not be checked weighs most, then what differs, then what is to be done."""
    return next((code for code in (UNCHECKED, DIFFERS, TO_DO) if code in codes), TRUE)


def after(found: Verdict, actions: Sequence[str], code: int | None = None) -> Verdict:
    """The verdict of `adopt`, which has done these things: what is pending is told, and no failure."""
    if code is None:
        code = {TO_DO: TRUE if found.state == BEHIND else DIFFERS}.get(found.exit, found.exit)
    return replace(found, actions=tuple(actions), exit=code)


def unchecked(seen: Seen, chain: Chain, error: Any, actions: Sequence[Any] = ()) -> Verdict:
    """The verdict where an error kept it from being found, or from being acted on."""
    state = NOT_PERMITTED if isinstance(error, NotPermitted) else UNCHECKABLE
    failure = None
    if getattr(error, "revision", ""):
        failure = as_dict(Failure(error.revision, error.place, error.reason))
    facts = {"database": seen.database, "bind": seen.bind, "stamped": seen.stamped, "head": chain.graph.heads}
    return verdict(state, facts, reason=error.reason, failure=failure, actions=tuple(actions))
