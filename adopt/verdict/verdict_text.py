"""Verdicts as words: lines for people, and one JSON document for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..rows import listing, unmanaged
from ..schema import differences as plain
from ..schema import unbuilt
from . import verdict
from .verdict import ADOPT, RESTAMP, UPGRADE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .verdict import Verdict


LONGEST = 40  # lines of differences
STATUS = ADOPT + " status"
AGREE = "Make them agree and run again:  " + ADOPT


def document(verdicts: Iterable[Verdict], code: int, error: Any = None) -> str:
    """What `--json` prints."""
    result = {"databases": [verdict.as_dict(one) for one in verdicts], "exit": code}
    if error is not None:
        result["error"] = {"reference": error.reference, "reason": str(error)}
    return json.dumps(result, indent=2, sort_keys=True)


def lines(found: Verdict, is_status: bool = False) -> tuple[list[str], list[str]]:
    """(what was done or is so, the message of an error) about one database, as lines without their ends."""
    if found.exit in (verdict.TRUE, verdict.TO_DO):
        return good(found, is_status), []
    done = [action_line(action, found) for action in found.actions]
    return done, wrong(found)


def good(found: Verdict, is_status: bool) -> list[str]:
    result = [action_line(action, found) for action in found.actions]
    if found.actions and found.actions[0].startswith("stamped"):
        first = found.actions[0].partition(" ")[2]
        result.insert(0, labelled("verified", f"the revisions up to {first} build the schema of {found.database}"))
    if not found.actions:
        result.append(state_line(found, is_status))
    if found.empty_version_table:
        result.append(labelled("note", "its alembic_version is empty: an upgrade failed there, or `flask db migrate` made it"))
    if found.pending and found.state not in (verdict.ABSENT, verdict.EMPTY):
        result.append(labelled("pending", revisions(found.pending)))
    if found.failure:
        result.append(labelled("note", failure_words(found.failure)))
    result += [labelled("unmanaged", line) for line in unmanaged.lines(found.unmanaged)]
    result += [labelled("unbuilt", line) for line in unbuilt.lines(found.unbuilt)]
    result += [labelled("note", line) for line in [unbuilt.advice(found.unbuilt)] if line]
    return result + [labelled("next", command) for command in found.next]


def state_line(found: Verdict, is_status: bool) -> str:
    name, at = found.database, found.revision
    if found.state == verdict.ABSENT:
        return labelled("absent", f"{name} does not exist")
    if found.state == verdict.EMPTY:
        others = len(found.unmanaged)
        more = ", which holds {} of no revision".format(counted(others, "table")) if others else ""
        return labelled("empty", f"no table of the revisions is in {name}{more}")
    if found.state == verdict.UNSTAMPED:
        return labelled("unstamped", f"{name} has the schema of {at} and is not stamped")
    newest = " (head)," if found.state == verdict.CURRENT else ""
    if is_status:
        return labelled(found.state, f"{name} is at {at}{newest} and its schema matches")
    return labelled("adopted", f"{name} is stamped with {at} already{newest} and its schema matches")


def action_line(action: str, found: Verdict) -> str:
    word, _, rest = action.partition(" ")
    if word in ("stamped", "restamped"):
        return labelled(word, f"{rest}, committed and read back")
    return labelled(word, " ".join(filter(None, (found.database, rest))))


def wrong(found: Verdict) -> list[str]:
    """The message of a database that is not as it should be."""
    nothing = ["The database was not upgraded."] if found.actions else ["This command wrote nothing to it."]
    if found.state in (verdict.UNREACHABLE, verdict.NOT_PERMITTED):
        reference = {verdict.UNREACHABLE: "database-unreachable"}.get(found.state, found.state)
        scratch = "To compare it takes an empty database of the same kind; name one:  EMPTY_DATABASE_URL=... " + ADOPT
        advice = [scratch] if "may not create databases" in found.reason else []
        return message(reference, f"{found.database}: {found.reason}.", [], nothing, advice)
    if found.state == verdict.EMPTY and found.failure is None:
        return message(
            "database-of-others",
            "No table of the revisions is in {}, and it holds {} of no revision:".format(
                found.database, counted(len(found.unmanaged), "table")
            ),
            unmanaged.lines(found.unmanaged),
            nothing,
            ["If it is the right database, build them beside those:  " + UPGRADE],
        )
    if found.failure is not None and found.state not in (verdict.MISMATCHED, verdict.UNKNOWN_REVISION):
        what = f"{found.database} was compared with the revisions up to the one that fails."
        return message(
            "revision-failed",
            failure_words(found.failure) + ".",
            [],
            [what] if found.nearest else [],
            nothing + ["Let it run on an empty database, and run again:  " + ADOPT],
        )
    if found.state == verdict.UNCHECKABLE:
        return message("not-checked", f"{found.database}: {found.reason}.", [], nothing, [])
    return DIFFERING[found.state](found, nothing)


def mismatched(found: Verdict, nothing: list[str]) -> list[str]:
    stamped = ", ".join(found.stamped)
    if found.revision:
        what = f"The stamp of {found.database} says {stamped}, and its schema is that of {found.revision}"
        return message(
            "stamp-not-true",
            what + (":" if found.differences else "; one of those rows includes another, and Alembic upgrades from none."),
            plain.lines(found.differences, expected="revision")[:LONGEST],
            nothing,
            ["Stamp it with the revision that it is at:  " + RESTAMP],
        )
    if found.reason == verdict.NO_TABLES:
        what = "{} is stamped with {}, and {}."
        advice = "To build them, take the stamp away (and drop types that are left):  flask db stamp base && " + UPGRADE
        return message("database-differs", what.format(found.database, stamped, found.reason), [], nothing, [advice])
    return differing(f"{found.database} is stamped with {stamped} and has another schema:", found, nothing)


def unknown(found: Verdict, nothing: list[str]) -> list[str]:
    what = "{} is stamped with {}, which is in no file of migrations/versions/.".format(found.database, ", ".join(found.stamped))
    evidence, advice = [], []
    for one in found.lost:
        line, command = LOST[one["situation"]]
        evidence.append(line.format(**one))
        advice += ["To have that revision again:  " + command.format(**one)] if command else []
    if found.revision:
        nothing = [f"Its schema is that of {found.revision}."] + nothing
        advice.append("To stamp it with the revision that it is at:  " + RESTAMP)
    else:
        rows = ["  " + row for row in shown(found.differences)]
        nothing = [f"Its schema is that of no revision; the nearest is {found.nearest}:"] + rows + nothing
        advice.append(AGREE)
    return message("unknown-revision", what, evidence, nothing, advice)


LOST = {
    "on-branch": (
        "{revision} is on the branch {branch}, which is not checked out: {path}, commit {commit} of {date}",
        "git merge {branch}",
    ),
    "deleted": ("{revision} was deleted: {path}, commit {commit} of {date}", "git checkout {commit}^ -- :/{path}"),
    "no-branch": (
        "{revision} is on no branch any more: {path}, commit {commit} of {date}",
        "git checkout {commit} -- :/{path}",
    ),
    "unknown": ("{revision} is in no commit of this clone{reason}", ""),
    "no-git": ("where {revision} comes from cannot be told: this is no clone of a git repository", ""),
}


def drifted(found: Verdict, nothing: list[str]) -> list[str]:
    return differing(f"The schema of {found.database} is that of no revision; the nearest is {found.nearest}:", found, nothing)


def differing(what: str, found: Verdict, nothing: list[str]) -> list[str]:
    return message("database-differs", what, shown(found.differences), nothing, [AGREE])


DIFFERING = {verdict.MISMATCHED: mismatched, verdict.UNKNOWN_REVISION: unknown, verdict.DRIFTED: drifted}


def shown(found: Sequence[dict[str, Any]]) -> list[str]:
    return listing.lines(found, expected="revisions", see_all=STATUS + " --json")


def failure_words(failure: Mapping[str, Any]) -> str:
    return "{place}: the revision {revision} cannot run on an empty database: {reason}".format(**failure)


def message(reference: str, what: str, evidence: Iterable[str], state: list[str], advice: list[str]) -> list[str]:
    return ["error: " + reference, "  " + what] + ["    " + row for row in evidence] + ["  " + row for row in state + advice]


def labelled(label: str, words: str) -> str:
    return f"{label:<9} {words}"


def revisions(ids: Sequence[str]) -> str:
    return "{}: {}".format(counted(len(ids), "revision"), ", ".join(ids)) if len(ids) < 11 else counted(len(ids), "revision")


def counted(number: int, noun: str) -> str:
    return "{} {}{}".format(number, noun, "" if number == 1 else "s")
