"""A statement that waits for a lock of another session says so after 5 seconds, again now and then, and is given up at last.

    PostgreSQL       pg_blocking_pids tells who is in the way; pg_cancel_backend ends the statement
    MySQL, MariaDB   the state of the connection tells that it waits, the transactions who may be in the way; KILL QUERY ends it
    SQLite           its driver waits 5 seconds by itself; /proc/locks tells which process has locked the file, on Linux

One thread of this process looks at all statements that are running, over a connection of its own, and at none that takes less than
5 seconds. What only takes long, and waits for nobody, is left alone.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from ..base import originals, redaction
from ..base.errors import DatabaseLocked, SettingUnreadable
from ..base.log import log
from ..base.urls import backend, redact, sqlite_path
from . import lock_holders

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext

    from ..base.types import Beside


VARIABLE = "MIGRATIONS_LOCK_WAIT_S"
DEFAULT_WAIT_S = 60
FIRST_S, AGAIN_S = 5, 30
TICK_S = 0.5
IDLE_TICKS = 20  # then the thread ends, until the next statement

_running: dict[int, Running] = {}  # by connection
_lock = originals.allocate_lock()
_thread_of: list[int] = []  # the process that has the thread: a fork has none


def wait_s() -> float:
    """How long to wait for the lock: MIGRATIONS_LOCK_WAIT_S, else 60 seconds."""
    return seconds(VARIABLE, DEFAULT_WAIT_S)


def seconds(variable: str, default: float) -> float:
    """The number that an environment variable holds, in seconds.

    Raises:
        SettingUnreadable: it holds none.
    """
    given = os.environ.get(variable, "").strip()
    if not given:
        return default
    try:
        number = float(given)
    except ValueError:
        number = -1
    if not 0 <= number < 10**7:
        raise SettingUnreadable(f"{variable}={given} is no number of seconds")
    return number


def say(line: str) -> None:
    """Show that something is waited for; who has another way to show it puts it in the place of this."""
    log.warning("%s", line)


permitted = contextlib.nullcontext  # a session that guards connections puts in what lets ours through


class Running:
    """One statement since when it runs; `beside` opens another connection of the driver to the same database."""

    def __init__(self, connection: Connection, statement: str, beside: Beside, limit_s: float | None) -> None:
        self.connection, self.statement, self.limit_s = connection, statement, limit_s
        self._beside = beside
        self.since = originals.monotonic()
        self.next_s = min(FIRST_S, limit_s or FIRST_S)
        self.is_given_up: bool
        self.holders: list[str]
        self.holders, self.is_given_up = [], False

    def look(self) -> None:
        """Say for whom it waits, if it does; after the limit, end it."""
        name = self.connection.dialect.name
        number = lock_holders.own_number(self.connection)
        with permitted(), self._beside(self.connection) as other:
            cursor = other.cursor()
            self.holders = lock_holders.in_the_way(cursor, name, number)
            waited_s = originals.monotonic() - self.since
            self.next_s += AGAIN_S if self.holders else FIRST_S
            if not self.holders:
                return
            if self.limit_s and waited_s >= self.limit_s:
                self.is_given_up = True
                lock_holders.end_statement(cursor, name, number)
                return
            if self.limit_s:
                self.next_s = min(self.next_s, self.limit_s)
        end = f", up to {self.limit_s:g} s" if self.limit_s else ""
        line = "Waiting for a lock on {} for {:.0f} s now{}. It is held by {}."
        say(redaction.masked(line.format(redact(self.connection.engine.url), waited_s, end, "; ".join(self.holders))))

    def given_up(self) -> DatabaseLocked:
        """The error that says so."""
        return DatabaseLocked(
            "it waited {:g} s for a lock; it is held by {}".format(self.limit_s, "; ".join(self.holders)),  # type: ignore[str-format]
            redact(self.connection.engine.url),
        )


def watch(target: Engine | Connection, beside: Beside, limit_s: Callable[[], float] | None = None) -> Callable[[], None]:
    """Watch the statements of an engine or a connection; returns a function that ends this.

    `limit_s` is called for the seconds after which one is given up, None or 0: never. The statement raises DatabaseLocked then.
    """

    def before(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        _running[id(connection)] = Running(connection, statement, beside, (limit_s() or FIRST_S) if limit_s else None)
        _see_to_thread()

    def after(connection: Connection, *_: object) -> None:
        _running.pop(id(connection), None)

    def error(context: ExceptionContext) -> DatabaseLocked | None:
        running = _running.pop(id(context.connection), None) if context.connection is not None else None
        if running is not None and running.is_given_up:
            return running.given_up()
        return None

    listeners: list[tuple[str, Callable[..., Any]]] = [("before_cursor_execute", before), ("after_cursor_execute", after)]
    listeners += [("handle_error", error)] if limit_s else []  # SQLAlchemy 2 takes it for whole engines only
    for name, listener in listeners:
        event.listen(target, name, listener)

    def stop() -> None:
        _running.pop(id(target), None)
        for name, listener in listeners:
            event.remove(target, name, listener)

    return stop


def _see_to_thread() -> None:
    with _lock:
        if _thread_of != [os.getpid()]:
            with contextlib.suppress(RuntimeError):  # no thread can be started any more: nobody is named
                originals.start_new_thread(_look_at_all, ())
                _thread_of[:] = [os.getpid()]


def _look_at_all() -> None:
    idle = 0
    while True:
        originals.sleep(TICK_S)
        with _lock:
            idle = 0 if _running else idle + 1
            if idle >= IDLE_TICKS:
                del _thread_of[:]
                return
        for running in list(_running.values()):
            if originals.monotonic() - running.since >= running.next_s:
                try:
                    running.look()
                except Exception:  # noqa: BLE001 -- the role may not look, or the statement has just ended: nobody is told more
                    running.next_s += AGAIN_S


def lockers_of_file(url: URL | str) -> list[str]:
    """Which processes have locked a SQLite file, each as one line, where the system tells."""
    path: Any = sqlite_path(url) if backend(url) == "sqlite" else None
    try:
        inodes = {str(os.stat(path + ending).st_ino) for ending in ("", "-shm") if os.path.exists(path + ending)} if path else set()
        with open("/proc/locks") as locks:
            lines = [line.split() for line in locks if "->" not in line]
    except OSError:
        return []
    found = {line[4] for line in lines if len(line) > 5 and line[3] == "WRITE" and line[5].rpartition(":")[2] in inodes}
    return [_process(number) for number in sorted(found - {str(os.getpid())}) if _has_open(number, path)]


def _has_open(number: str, path: str) -> bool:
    """Whether a process has opened that file: a number of a file is unique on one disk only."""
    folder = f"/proc/{number}/fd/"
    try:
        return any(os.path.realpath(folder + name).startswith(path) for name in os.listdir(folder))
    except OSError:
        return False


def _process(number: str) -> str:
    try:
        with open(f"/proc/{number}/cmdline", "rb") as file:
            words = file.read().decode("utf-8", "replace").replace("\0", " ").strip()
    except OSError:
        words = ""
    return f"process {number}" + (f" ({redaction.shortened(words, lock_holders.LONGEST_QUERY)})" if words else "")
