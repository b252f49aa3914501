"""What a database looks like from outside, taken before and after somebody's application is loaded: was it changed meanwhile?

A database in use is changed by others all the time, so a change is counted where it can be told apart:

    schema            always: whoever changed it, what was verified is no longer what is there
    rows              where no other session was connected to the database before, or those that were have been idle all the time,
                      and where they do not go on changing by now, when nothing of the application runs any more;
                      otherwise they are `unclear`: no error, and no reason either to say that nothing was written
    sessions          of the same login, from this machine, that began meanwhile and are still at work: what they write is not over
    other databases   and logins of the server are not looked at: they belong to everybody on it

fingerprint_sqlite.py, fingerprint_postgresql.py and fingerprint_mysql.py take them, and say what is seen and what is not; none of
them makes a file or writes a row.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ..base.errors import DatabaseMissing, DatabaseUnreachable, first_line
from ..base.urls import backend, make_url
from . import fingerprint_mysql, fingerprint_postgresql, fingerprint_sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import URL

    from ..base.types import Fingerprint


KINDS = {"sqlite": fingerprint_sqlite, "postgresql": fingerprint_postgresql, "mysql": fingerprint_mysql}
COUNTS = ("inserted", "updated", "deleted")
TOLD = {"file": "it has another file", "checksum": "its checksum is another", "next": "its next number is another"}
RESET = "the statistics of the server were reset, so that rows are not counted"
GOES_ON_S = 2
ACTIVE_S = 11  # PostgreSQL counts what a session has written when that is idle for 10 s, at the latest


def take(url: URL | str, connect_args: Mapping[str, Any] | None = None, since: Fingerprint | None = None) -> Fingerprint:
    """The fingerprint of the database at `url`, which JSON can carry.

    `since` is the one that was taken before: sessions that began after it are given a second to end, so that what they did is
    counted; where rows are others than then, it is looked whether they go on changing. Connections are read-only, and those of an
    engine of our own.
    """
    found = _take(url, connect_args, since)
    if since is not None and "seen" == found["state"] == since["state"] and not _is_shared(since, found) and _rows(since, found):
        time.sleep(GOES_ON_S)
        later = _take(url, connect_args, since)
        found["goes_on"] = later["state"] == "seen" and bool(_rows(found, later))
    return found


def _take(url: URL | str, connect_args: Mapping[str, Any] | None, since: Fingerprint | None) -> Fingerprint:
    url = make_url(url)
    kind = KINDS.get(backend(url))
    if kind is None:
        return {"state": "unseen", "why": f"fingerprints of {backend(url)} are not known"}
    try:
        return dict(kind.take(url, connect_args, since or {}), state="seen")
    except DatabaseMissing:
        return {"state": "missing"}
    except DatabaseUnreachable as error:
        return {"state": "unseen", "why": error.reason, "is_away": True}
    except exc.DBAPIError as error:  # a role that may not read a catalogue
        return {"state": "unseen", "why": first_line(error)}
    except (ImportError, exc.ArgumentError) as error:  # the driver is not installed
        return {"state": "unseen", "why": str(error)}


def differences(before: Fingerprint, after: Fingerprint) -> list[str]:
    """What was changed between two fingerprints of one database, a sentence each; [] where nothing that they see was."""
    states = before["state"], after["state"]
    if states == ("missing", "seen"):
        return ["the database was made"]
    if states == ("seen", "missing"):
        return ["the database is gone"]
    if states != ("seen", "seen"):
        return []
    found = [f"a session that began meanwhile is still at work: process {pid}" for pid in after.get("at_work", ())]
    if not _is_shared(before, after):
        found += [RESET] * _is_reset(before, after) + _rows(before, after)
    return marks("schema", before, after) + found


def unclear(before: Fingerprint, after: Fingerprint) -> list[str]:
    """What was changed that others may have done, and what could not be looked at, a sentence each."""
    if "unseen" in (before["state"], after["state"]):
        return ["it could not be looked at: {}".format(before.get("why") or after.get("why"))]
    if (before["state"], after["state"]) != ("seen", "seen"):
        return []
    found = _rows(before, after) if _is_shared(before, after) else []
    found += unseen("unseen", before, after)
    if _is_shared(before, after):
        found += [RESET] * _is_reset(before, after)
    return found


def unseen(part: str, before: Fingerprint, after: Fingerprint) -> list[str]:
    """The sentences about one part, which is a list of what there is no mark for."""
    return [f"{what} could not be looked at" for what in sorted({*before.get(part, ()), *after.get(part, ())})]


def _is_reset(before: Fingerprint, after: Fingerprint) -> bool:
    return before.get("counted_since") != after.get("counted_since")


def _is_shared(before: Fingerprint, after: Fingerprint) -> bool:
    """Whether another session that was there before may have written; for SQLite another process, or one that was writing."""
    is_writing = any(name.endswith("-journal") for name in before["rows"].get("file", ()))
    return (
        is_writing
        or bool(after.get("holders"))
        or bool(after.get("goes_on"))
        or any(_was_active(session, after["sessions"].get(name)) for name, session in before["sessions"].items())
    )


def _was_active(session: Sequence[Any], now: Sequence[Any] | None) -> bool:
    """A session is (when it last began or ended something, for how many seconds it had been idle); None is not told."""
    if now is None or session[0] is None or session[0] != now[0]:
        return True
    return session[1] is None or session[1] < ACTIVE_S


def marks(part: str, before: Fingerprint, after: Fingerprint) -> list[str]:
    """The sentences about one part, which is {what: {name: mark}}."""
    found = []
    for what in sorted(set(before[part]) | set(after[part])):
        one, other = before[part].get(what, {}), after[part].get(what, {})
        if not what.endswith(" of"):  # the table says so itself
            found += [(what, name, "is gone") for name in sorted(set(one) - set(other))]
            found += [(what, name, "is new") for name in sorted(set(other) - set(one))]
        found += [(what, name, "changed") for name in sorted(set(one) & set(other)) if one[name] != other[name]]
    named = after.get("named", {})
    return [" ".join(filter(None, words)) + (": " + named[words[1]] if named.get(words[1]) else "") for words in found]


def _rows(before: Fingerprint, after: Fingerprint) -> list[str]:
    """The sentences about rows: a mark is {"inserted": 3, ...}, and what is equal or not; None is not told."""
    is_counted = not _is_reset(before, after)
    found = marks(
        "rows", *({"rows": {what: marks for what, marks in one["rows"].items() if what != "rows of"}} for one in (before, after))
    )
    one, other = before["rows"].get("rows of", {}), after["rows"].get("rows of", {})
    for name in sorted(set(one) & set(other)):
        words = _written(one[name], other[name], is_counted)
        found += [f"rows of {name} were written: {words}"] if words else []
    return found


def _written(one: Mapping[str, Any], other: Mapping[str, Any], is_counted: bool) -> str:
    """What tells that rows of a table were written, "" where nothing does."""
    words = []
    for mark in sorted(set(one) & set(other)):
        if mark in COUNTS and is_counted and other[mark] != one[mark]:
            is_more = other[mark] > one[mark]
            words.append(f"{other[mark] - one[mark]} {mark}" if is_more else f"{mark} counted anew")
        elif mark in TOLD and None not in (one[mark], other[mark]) and one[mark] != other[mark]:
            words.append(TOLD[mark])
    if other.get("committed", "") > one.get("committed", ""):
        words.append("the last change was at {}".format(other["committed"]))
    return ", ".join(words)
