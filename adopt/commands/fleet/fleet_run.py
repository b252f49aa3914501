"""Many databases of one application, several at a time; what becomes of one is nothing to the others.

Each thread adopts one database after the other. Alembic's environment is one for the whole process, so revisions run in one
database at a time (replay.py sees to that); looking, comparing and stamping go on in all threads.
"""

from __future__ import annotations

import gc
import queue
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ...base.errors import DatabaseChanged, MustWrite, RiskyRevision
from ...base.urls import redact
from ...history import replay
from ...verdict import adopting, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...history.loading import Database
    from ...verdict.chains import Chains
    from ...verdict.verdict import Verdict
    from .url_list import Entry


WAIT_S = 0.1  # how often a person who waits sees the bar move, and an interruption is noticed


@dataclass(frozen=True)
class Doing:
    """What is to be done to every database: the arguments of `adopting.adopt`."""

    upgrade: bool = False
    restamp: bool = False
    write: bool = True


class Fleet:
    """`entries` of a list, `base` the Database of the application that each of them is another one of.

    `left` are those that take a process that may write.
    """

    def __init__(
        self, app: Any, entries: Sequence[Entry], base: Database, chains: Chains, doing: Doing, jobs: int, keeper: Any = None
    ) -> None:
        self._app, self._base, self._chains, self._doing, self._jobs, self._keeper = app, base, chains, doing, jobs, keeper
        self.left: list[Entry] = []
        self._entries, self._lock = iter(entries), threading.Lock()
        self._ended: queue.Queue[tuple[Entry, Verdict | None]] = queue.Queue()
        self._begun, self._total, self._is_stopped = 0, len(entries), False

    def run(
        self,
        tell: Callable[[Entry, Verdict], None],
        wait: Callable[[], None] = lambda: None,
        interruptions: Callable[[], int] = lambda: 0,
    ) -> bool:
        """Do them all; `tell(entry, Verdict)` is called as each ends, `wait()` in between. True unless it was interrupted.

        Once `interruptions()` is more than 0 no other database is begun, and those that were begun are brought to their end.
        """
        # Only one thread may have filters of its own at a time, and snapshots ask for this one.
        warnings.simplefilter("ignore", exc.SAWarning)
        gc.freeze()  # the application and its libraries stay: no collection need look through them again
        for _ in range(min(self._jobs, self._total)):
            threading.Thread(target=self._work, daemon=True).start()
        ended, expected = 0, self._total
        while ended < expected:
            ended += self._hear(tell, wait)
            if interruptions() and not self._is_stopped:
                with self._lock:
                    self._is_stopped, expected = True, self._begun
        return ended == self._total

    def _hear(self, tell: Callable[[Entry, Verdict], None], wait: Callable[[], None]) -> int:
        try:
            entry, found = self._ended.get(timeout=WAIT_S)
        except queue.Empty:
            wait()
            return 0
        if found is None:
            self.left.append(entry)
        else:
            tell(entry, found)
        wait()
        return 1

    def _work(self) -> None:
        while True:
            with self._lock:
                entry = None if self._is_stopped else next(self._entries, None)
                if entry is None:
                    return
                self._begun += 1
            self._ended.put((entry, self._adopt(entry)))

    def _adopt(self, entry: Entry) -> Verdict | None:
        """The Verdict; None where it takes a process that may write."""
        try:
            with self._app.app_context():
                return adopting.adopt(other(self._base, entry.url), self._chains, keeper=self._keeper, **vars(self._doing))
        except MustWrite:
            return None
        except BaseException as error:  # noqa: BLE001 -- also what somebody's revision does to leave the process
            facts = {"database": redact(entry.url), "bind": self._base.name}
            if isinstance(error, RiskyRevision):
                return verdict.after(verdict.verdict(verdict.BEHIND, facts, reason=error.reason), (), verdict.DIFFERS)
            words = replay.first_line(error)
            if isinstance(error, DatabaseChanged):
                words += error.evidence[0][1:]
            return verdict.verdict(verdict.UNCHECKABLE, facts, reason=words)


def other(base: Database, url: Any) -> Database:
    """The application's Database at another place; what its driver is given counts for the same driver only."""
    result = base.at(url)
    if result.url.drivername != base.url.drivername:
        result.connect_args = {}
    return result
