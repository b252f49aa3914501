"""Run a command in a process of its own, which is where the application is loaded: on an empty play database first.

Where it does not start on that, the next process loads it on the existing database, read-only. Each runs under Landlock, where the
kernel has it: it may write in a temporary folder of its own only, and what the application writes in Python goes to a mirror there.
What the application has started, and still runs, is ended with the process.

This one runs none of the application's code. It keeps the databases meanwhile, and stamps them, see keeper.py; it looks at them
once more when all of that has ended, and then writes the files that the command is for. Where revisions are to be run, a process
follows that may write.

Where processes cannot be forked the command is run in this one, on the existing database, read-only.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import shutil
import signal
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from ..base import file_mirror, landlock, redaction
from ..base.errors import ApplicationNotLoaded, DatabaseChanged, MustWrite, NotOnEmptyDatabase
from ..base.paths import ROOT
from ..history import redirecting
from ..history.keeper import EXISTING, PLAY, Keeper, Remote
from ..verdict import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from types import FrameType


CHANGED, UNCHECKED = 1, 2  # as for any database that differs, and for one that nobody could look at
INTERRUPTED = 128 + signal.SIGINT
MUST_WRITE = 78  # of one that may not write, and has to
STEPPED_DOWN = 79  # the exit status of a process whose application does not start on an empty database
DIE_WITH_PARENT, ADOPT_ORPHANS = 1, 36  # https://man7.org/linux/man-pages/man2/prctl.2.html
READ_BYTES = 65536
WAIT_S = 0.1  # how soon it is noticed that a process has ended while what it has started keeps its files open


def can_fork() -> bool:
    return sys.platform == "linux" and hasattr(os, "fork")


def run(command: Callable[[str], int], asks: Collection[str] = ()) -> int:
    """The exit status of `command(rung)`, which raises NotOnEmptyDatabase where another rung is to be tried.

    It begins in a process that may write nothing; it raises MustWrite where that is not enough. `asks` is what it asks the keeper
    to do, "stamp" or "write": the application cannot ask for more in its place. It comes back in the process that runs the
    command, too, but in one that reads or adopts, which ends without what the application has for its end.
    """
    keeper = Keeper(stamp.stamp, held_still, asks)
    if not can_fork():
        redirecting.KEEPERS[:] = [keeper]
        status = command(EXISTING)
        tell_unclear(keeper)
        return written(keeper.files, status)
    folder: str | None
    child: Any
    folder, before = tempfile.mkdtemp(prefix="adopt-"), tempfile.tempdir
    gc.freeze()  # what is imported by now stays: no collection need look through it again, here and in what is forked
    prctl(ADOPT_ORPHANS, 1)  # what outlives its parent becomes a child of this process
    rungs, is_for_reading = [PLAY, EXISTING], True
    try:
        while rungs:
            tempfile.tempdir = folder if is_for_reading else before  # where the child can write, too
            child = Child.begin(is_for_reading, keeper.handed_on)
            if child is None:
                writable, folder = folder if is_for_reading else None, None
                status = run_here(command, rungs[0], writable)
                if is_for_reading or "stamp" in asks:  # what the application has for its end, atexit and the like, is not run
                    sys.stdout.flush()
                    sys.stderr.flush()
                    os._exit(status)
                return status
            status = child.served(keeper)
            if status == STEPPED_DOWN:
                rungs.pop(0)
            elif status == MUST_WRITE:
                end_all()
                is_for_reading = False
            else:
                break
            keeper.status = None
        end_all()
        late = keeper.end() if is_for_reading else []
        if late:
            said = DatabaseChanged(late, was_stamped=keeper.has_stamped)
            return failed(said.reference, [str(said)] + said.evidence, CHANGED)
        tell_unclear(keeper)
        if child.why_ended:
            return failed(ApplicationNotLoaded.reference, [child.why_ended], UNCHECKED)
        return written(keeper.files, status)
    finally:
        if folder is not None:
            end_all()
            keeper.drop()
            tempfile.tempdir = before
            shutil.rmtree(folder, ignore_errors=True)


def written(files: Mapping[str, str | None], status: int) -> int:
    """The exit status, once the files are there that the command has for the project."""
    for path, text in files.items():
        try:
            if text is None:
                os.remove(path)
                continue
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        except OSError as error:
            return failed("not-written", [f"{path}: {error.strerror}"], UNCHECKED)
    return status


def run_here(command: Callable[[str], int], rung: str, writable: Any) -> int:
    """The exit status of the command in this process; `writable` is the folder where it may write, None for everywhere."""
    if writable is not None:
        tempfile.tempdir = os.environ["TMPDIR"] = writable
        file_mirror.Files(ROOT).install()
        landlock.restrict([writable])
    try:
        status = command(rung)
    except NotOnEmptyDatabase:
        status = STEPPED_DOWN
    except MustWrite:
        status = MUST_WRITE
    except KeyboardInterrupt:
        status = INTERRUPTED
    redirecting.KEEPERS[-1].done(status)
    return status


def failed(reference: str, lines: list[str], status: int) -> int:
    print("\n  ".join(["error: " + reference] + lines), file=sys.stderr)
    return status


def tell_unclear(keeper: Keeper) -> None:
    """Say what nobody can know, a line for each database."""
    with redaction.printing():
        for line in keeper.unclear():
            of_what = (
                "not compared" if "could not be" in line else "perhaps changed while the application was loaded, by it or by others"
            )
            print(f"note      {of_what}: {line}", file=sys.stderr)


class Child:
    """The process that runs the command; `asked` and `answers` are pipes from and to it.

    `why_ended` says what the application has done to it, "" where it has ended in its own way.
    """

    def __init__(self, pid: int, asked: Any, answers: Any) -> None:
        self._pid, self._asked, self._answers, self._sending = pid, asked, answers, threading.Lock()
        self._signal: int | None
        self.why_ended, self._signal = "", None  # the signal that was handed on

    @classmethod
    def begin(cls, is_for_reading: bool, handed_on: Any) -> Child | None:
        """Fork it; None is what it gets itself."""
        sys.stdout.flush()
        sys.stderr.flush()
        (questions, asking), (answering, answers) = os.pipe(), os.pipe()
        pid = os.fork()
        mine, other = ((asking, answering), (questions, answers)) if not pid else ((questions, answers), (asking, answering))
        for descriptor in other:
            os.close(descriptor)
        if pid:
            return cls(pid, os.fdopen(mine[0], "rb", 0), os.fdopen(mine[1], "wb", 0))
        os.setpgid(0, 0)  # a terminal sends Ctrl-C to the parent alone, which hands it on
        prctl(DIE_WITH_PARENT, signal.SIGKILL)
        pipes = os.fdopen(mine[0], "wb", 0), os.fdopen(mine[1], "rb")
        redirecting.KEEPERS[:] = [Remote(*pipes, is_for_reading, handed_on)]
        return None

    def served(self, keeper: Keeper) -> int:
        """Its exit status; its questions are answered until it ends.

        A signal that ends this process is handed on, and the child ends in its own way.
        """

        def hand_on(number: int, frame: FrameType | None) -> None:
            self._signal = number
            os.kill(self._pid, number)

        before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        ended, is_open, rest = 0, True, b""
        try:
            with self._asked, self._answers:
                while not ended:
                    is_asking = is_open and select.select([self._asked], [], [], WAIT_S)[0]
                    data = os.read(self._asked.fileno(), READ_BYTES) if is_asking else None
                    if data:
                        *lines, rest = (rest + data).split(b"\n")
                        for line in lines:
                            self._answer(keeper, line)
                        continue
                    is_open = is_open and data is None
                    ended, status = os.waitpid(self._pid, os.WNOHANG if is_open else 0)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if keeper.status is not None and not (keeper.status == INTERRUPTED and self._signal is None):
            return keeper.status
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit status {os.WEXITSTATUS(status)}"
        if self._signal is None and not self.why_ended:
            words = "The application, or something that it has started, ended the process in which it was loaded ({})."
            self.why_ended = words.format(how)
        return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def _answer(self, keeper: Keeper, line: bytes) -> None:
        try:
            keeper.answer(line, self._send)
        except (ValueError, KeyError, TypeError, IndexError):
            self.why_ended = "The application wrote to a pipe of this command, which is not its own."
            os.kill(self._pid, signal.SIGKILL)

    def _send(self, answer: bytes) -> None:
        with self._sending, contextlib.suppress(OSError, ValueError):  # the child has ended, and the pipe may be closed
            self._answers.write(answer)


def prctl(option: int, value: int) -> None:
    """A setting of this process, where the kernel has it."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def end_all() -> None:
    """End what the application has started and left running; what outlives its parent is a child of this process then."""
    for pid in iter(lambda: next(iter(children_of(os.getpid())), 0), 0):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@contextlib.contextmanager
def held_still() -> Iterator[None]:
    """Let nothing of the application run meanwhile."""
    held: set[int] = set()
    try:
        while True:
            more = descendants_of(os.getpid()) - held
            if not more:
                break
            held |= more
            send(signal.SIGSTOP, more)
        yield
    finally:
        send(signal.SIGCONT, held)


def send(number: int, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            os.kill(pid, number)


def descendants_of(pid: int) -> set[int]:
    children = children_of(pid)
    return children.union(*map(descendants_of, children))


def children_of(pid: int) -> set[int]:
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found.update(map(int, file.read().split()))
    return found
