"""What is done about existing databases while an application is loaded: a fingerprint of each, and a play database in its place.

The Keeper works where nothing of the application runs, so that neither its listeners nor what it has patched reach connections that
may write: in the parent of the process that loads it, which asks through a Remote, a line of JSON for each question and answer.
Of a list of databases it only stamps those that are not the application's own, several at a time.
Where processes cannot be forked it is the same one.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, inspect

from ..base import originals, redaction
from ..base.errors import (
    DatabaseChanged,
    DatabaseMissing,
    DatabaseUnreachable,
    LockNotTaken,
    NotPermitted,
    ScratchRefused,
    as_data,
    from_data,
)
from ..base.paths import ROOT
from ..base.urls import make_url, redact, same_database, url_text
from ..server import fingerprint, locking, play, readonly
from ..server.connecting import query
from ..server.scratch import empty_url_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import URL


PLAY, EXISTING = "play", "existing"
FAILED = (NotPermitted, ScratchRefused, DatabaseUnreachable)
LINES = 3  # of what is unclear about one database
TOLD = ("done", "write", "share", "hand_on")  # what has no answer


class Keeper:
    """The databases of one loading; `status` is how the command that asks for them has ended, None before.

    `stamp` is the function that writes a stamp, `held_still` lets nothing of the application run meanwhile, `asks` are what another
    process may ask to be done; `files` are those to be written when that process has ended, {path: text, None to delete it}, and
    `handed_on` is what it leaves to the next one, None for nothing.
    """

    is_for_reading = False  # or the process that asks may write nothing

    def __init__(
        self,
        stamp: Callable[..., None] | None = None,
        held_still: Callable[[], AbstractContextManager[Any]] = contextlib.suppress,
        asks: Collection[str] = (),
    ) -> None:
        self.status: int | None
        self._places: list[Place]
        self._told: list[tuple[str, str]]
        self.files: dict[str, str | None]
        self._places, self._told, self._asks, self.status = [], [], asks, None
        self._stamp, self._held_still, self.files = stamp, held_still, {}
        self._lock, self._is_shared, self.has_stamped = threading.Lock(), False, False
        self.handed_on: Any = None

    def look(self, url: Any, connect_args: Mapping[str, Any] | None = None) -> Any:
        """Take the fingerprint of a database, unless there is one."""
        return self._place_of(url, connect_args) and None

    def play(self, url: Any, connect_args: Mapping[str, Any] | None, rung: str) -> URL | None:
        """The URL of the play database in its place; None where the application gets the existing one."""
        return self._place_of(url, connect_args).play(rung)

    def end(self) -> list[tuple[str, str]]:
        """Drop the play databases; what was changed and not told before, as (database without password, what)."""
        self.drop()
        found = [(redact(place.url), line) for place in self._places for line in place.changes()]
        found = [one for one in found if one not in self._told]
        self._told += found
        return found

    def share(self) -> None:
        """Let several threads stamp the databases of a list from now on."""
        self._is_shared = True

    def stamp(self, url: URL, revision: str, **facts: Any) -> None:
        """Stamp a database that the application has not changed, see stamp.py.

        Of a list, what the application does not have as its own is not compared.

        Raises:
            DatabaseChanged: it has.
        """
        if not self._is_shared or any(same_database(place.url, url) for place in self._places):
            with self._lock:
                self._stamp_compared(url, revision, **facts)
        else:
            self._stamp(url, revision, **facts)  # type: ignore[misc]  # who has none does not ask
        self.has_stamped = True

    def _stamp_compared(self, url: URL, revision: str, **facts: Any) -> None:
        with self._held_still():  # what is written meanwhile would be taken for that of others, or for what was there before
            changes = self.end()
            if changes:
                raise DatabaseChanged(changes, was_stamped=self.has_stamped)
            place = self._place_of(url, facts["connect_args"])
            self._stamp(url, revision, **facts)  # type: ignore[misc]  # who has none does not ask
            place.begin()

    def hand_on(self, data: Any) -> None:
        """Keep what the next process is to be given, as JSON has it."""
        self.handed_on = data

    def write(self, path: str, text: str | None) -> None:
        self.files[path] = text

    def done(self, status: Any) -> None:
        """Note how the command has ended: of a process that says nothing the application has made an end."""
        self.status = status

    def drop(self) -> None:
        for place in self._places:
            place.drop_play()

    def unclear(self) -> Iterator[str]:
        """What nobody can tell about each database that was looked at by `end`, a sentence each."""
        for place in self._places:
            lines = place.unclear()
            if lines:
                yield "{}: {}".format(redact(place.url), "; ".join(lines[:LINES]))

    def answer(self, line: bytes, send: Callable[[bytes], object]) -> None:
        """Answer a line of a Remote's with `send(line)`, from a thread of its own where several ask; not where it only tells."""
        number, method, url, more = json.loads(line.decode())
        if method in ("stamp", "write") and method not in self._asks:
            raise ValueError(method)
        if method in TOLD:
            getattr(self, method)(*more)
        elif method == "stamp":

            def answer() -> None:
                send(answer_of(number, self._stamped(url, *more)))

            threading.Thread(target=answer).start() if self._is_shared else answer()
        elif method == "end":
            send(answer_of(number, self.end()))
        else:
            found = {"look": self.look, "play": self.play}[method](make_url(url), *more)  # type: ignore[operator]
            send(answer_of(number, found and url_text(found)))

    def _stamped(self, url: str, revision: str, facts: Mapping[str, Any]) -> Any:
        """None, or why it could not be, as JSON."""
        try:
            self.stamp(make_url(url), revision, **facts)
        except Exception as error:  # noqa: BLE001 -- the one that asks waits for an answer
            return as_data(error)
        return None

    def _place_of(self, url: Any, connect_args: Mapping[str, Any] | None) -> Place:
        for place in self._places:
            if same_database(place.url, url):
                place.connect_args = connect_args or place.connect_args
                return place
        self._places.append(Place(url, connect_args))
        return self._places[-1]


def answer_of(number: int, found: object) -> bytes:
    return json.dumps([number, found]).encode() + b"\n"


class Remote:
    """A Keeper in another process; `questions`, `answers` are files of bytes, `handed_on` is what the process before has left."""

    def __init__(self, questions: Any, answers: Any, is_for_reading: bool, handed_on: Any = None) -> None:
        self._questions, self._answers, self._lock = questions, answers, originals.allocate_lock()
        self.is_for_reading, self.handed_on = is_for_reading, handed_on
        self._asked: list[originals.SimpleQueue[Any]] = []
        self._is_shared = False

    def share(self) -> None:
        """Let several threads ask from now on, for each of which the answers come as they are ready."""
        self._is_shared = True
        self._tell(None, "share", None, [])
        originals.start_new_thread(self._hand_out_all, ())  # one of gevent's would wait in the place of all

    def look(self, url: Any, connect_args: Mapping[str, Any] | None = None) -> None:
        self._ask("look", url_text(url), [plain(connect_args)])

    def play(self, url: Any, connect_args: Mapping[str, Any] | None, rung: str) -> URL | None:
        found = self._ask("play", url_text(url), [plain(connect_args), rung])
        if found:
            redaction.learn_url(make_url(found))
        return make_url(found) if found else None

    def end(self) -> list[tuple[str, str]]:
        return [tuple(one) for one in self._ask("end", None, [])]

    def stamp(self, url: Any, revision: str, **facts: Any) -> None:
        facts["connect_args"] = plain(facts["connect_args"])
        error = self._ask("stamp", url_text(url), [revision, facts])
        if error:
            raise from_data(*error)

    def write(self, path: str, text: str | None) -> None:
        self._tell(None, "write", None, [path, text])

    def hand_on(self, data: Any) -> None:
        self._tell(None, "hand_on", None, [data])

    def done(self, status: Any) -> None:
        self._tell(None, "done", None, [status])

    def _tell(self, *message: object) -> None:
        self._questions.write(json.dumps(message).encode() + b"\n")

    def _ask(self, *question: object) -> Any:
        answer: originals.SimpleQueue[Any] = originals.SimpleQueue()
        with self._lock:
            self._asked.append(answer)
            self._tell(len(self._asked) - 1, *question)
            if not self._is_shared:
                self._hand_out(self._answers.readline())
        return answer.get()

    def _hand_out_all(self) -> None:
        for line in self._answers:
            self._hand_out(line)

    def _hand_out(self, line: bytes) -> None:
        number, found = json.loads(line.decode())
        self._asked[number].put(found)


def plain(connect_args: Mapping[str, Any] | None) -> dict[str, Any]:
    """Those that JSON can carry; a TLS context it cannot."""
    found = {}
    for name, value in (connect_args or {}).items():
        with contextlib.suppress(TypeError, ValueError):
            json.dumps(value)
            found[name] = value
    return found


class Place:
    """One existing database, as it was before the application was loaded."""

    def __init__(self, url: Any, connect_args: Mapping[str, Any] | None) -> None:
        self._plays: dict[str, play.Play | None]
        self.url, self.connect_args, self._plays = url, connect_args, {}
        self.begin()

    def begin(self) -> None:
        """Take what is there for what was there before."""
        url, connect_args = self.url, self.connect_args
        self._stamped = stamped(url, connect_args)  # first, so that a stamp after it is noticed whenever it is made
        self._before = self._after = fingerprint.take(url, connect_args)
        self._other_stamp: list[str] | None = None  # what another process has stamped it with since then, or the application

    def play(self, rung: str) -> URL | None:
        if rung not in self._plays:
            self._plays[rung] = None
            if rung == PLAY or self._is_empty():
                with contextlib.suppress(*FAILED):
                    given = os.environ.get(empty_url_variable(""))
                    with contextlib.suppress(NotPermitted):  # what another role left behind is not in the way
                        play.drop_leftovers(self.url, purpose=ROOT, connect_args=self.connect_args)
                    self._plays[rung] = play.create(
                        self.url, purpose=ROOT, connect_args=self.connect_args, configured_urls=[self.url], empty_database_url=given
                    )
        return getattr(self._plays[rung], "url", None)

    def drop_play(self) -> None:
        while self._plays:
            made = self._plays.popitem()[1]
            if made is not None:
                made.drop()

    def _is_empty(self) -> bool:
        try:
            with readonly.of(self) as connection:
                return not inspect(connection).get_table_names()
        except DatabaseMissing:
            return True
        except DatabaseUnreachable:
            return False

    def changes(self) -> list[str]:
        """What was changed, a sentence each; nothing where another process has migrated or stamped the database meanwhile."""
        found = self._compared()
        if found:
            with contextlib.suppress(LockNotTaken, DatabaseMissing, DatabaseUnreachable):
                with readonly.of(self) as connection, locking.held(connection):
                    pass  # an upgrade that was running has ended
        stamp = stamped(self.url, self.connect_args)
        if (found or self.unclear()) and stamp not in (None, self._stamped):
            found, self._after, self._other_stamp = [], self._before, stamp
        return found

    def _compared(self) -> list[str]:
        self._after = fingerprint.take(self.url, self.connect_args, since=self._before)
        return fingerprint.differences(self._before, self._after)

    def unclear(self) -> list[str]:
        """What of this database others may have changed, or could not be looked at; the rest of the server is everybody's.

        Nothing of one that did not answer, before and after: the command says that.
        """
        if self._before.get("is_away") and self._after.get("is_away"):
            return []
        if self._other_stamp:
            held, holds = (", ".join(one or ["nothing"]) for one in (self._stamped, self._other_stamp))
            return [f"alembic_version held {held}, and holds {holds}"]
        return fingerprint.unclear(self._before, self._after)


def stamped(url: Any, connect_args: Mapping[str, Any] | None) -> list[str] | None:
    """The revisions in `alembic_version`, None where there are none."""
    try:
        with readonly.connect(url, connect_args) as connection:
            return sorted(row[0] for row in query(connection, "SELECT version_num FROM alembic_version")) or None
    except (exc.DBAPIError, DatabaseMissing, DatabaseUnreachable):
        return None
