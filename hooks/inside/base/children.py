"""The processes that run the application's code, and the line between each of them and the process that does not.

A child is a fork of the process that has imported the libraries, made before there is any connection or thread in it; elsewhere
than on Linux, where forking is not safe, it is an interpreter of its own. What a child sends is JSON, so that nothing of the
application's is ever built in the other process; what it gets is pickled.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO

from .. import run
from .messages import Failed, data_of, event_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import IO

    from .types import Facts, Inherited


CAN_FORK = sys.platform == "linux"
DIE_WITH_PARENT, ADOPT_ORPHANS = 1, 36  # https://man7.org/linux/man-pages/man2/prctl.2.html
LONGEST_SHOWN = 100
LENGTH = struct.Struct("!Q")
_of_the_parent: list[object] = []  # in a forked child: objects whose descriptors must not be closed by their end


class Line:
    """The child's end: `emit`, as that of `Pipe`, and `ask`, which the keeper answers."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader, self._writer = reader, writer
        self._lock = threading.RLock()
        self._owner, self._last = os.getpid(), 0
        self._answers: dict[int, Any] = {}

    def receive(self) -> Any:
        """The next object from the keeper.

        Raises:
            EOFError: it has gone.
        """
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
        return pickle.loads(self._exactly(length))

    def _exactly(self, length: int) -> bytes:
        data = self._reader.read(length)
        if len(data) < length:
            raise EOFError("the keeper has gone")
        return data

    def send(self, message: Facts) -> None:
        """One object of JSON; nothing in a process that the application has forked."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._writer.write((json.dumps(message, default=str) + "\n").encode("utf-8"))
            self._writer.flush()

    def begin(self, what: str, **arguments: Any) -> Callable[[], Any]:
        """Ask without waiting; the result is a function that waits for the answer."""
        with self._lock:
            self._last += 1
            number = self._last
            self.send({"ask": what, "number": number, "arguments": arguments})
        return lambda: self._answer(number)

    def ask(self, what: str, **arguments: Any) -> Any:
        """What the keeper answers."""
        return self.begin(what, **arguments)()

    def _answer(self, number: int) -> Any:
        if os.getpid() != self._owner:
            raise OSError("only the process that loads the application has a keeper")
        with self._lock:
            while number not in self._answers:
                known, answer = self.receive()
                self._answers[known] = answer
            answer = self._answers[number]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Child:
    """The keeper's end of one child; `role` names what it does in `CHILDREN` of run.py."""

    def __init__(self, role: str, main: Callable[[Line], int], pipe: Inherited) -> None:
        self.pid: Any  # that of a process once this is made
        self._reader: IO[bytes]
        self._writer: IO[bytes]
        self._process: subprocess.Popen[bytes] | None
        self.pid, self._process, self._lock = None, None, threading.Lock()
        self.status: int | None = None
        if CAN_FORK:
            self._fork(main, pipe)
        else:
            command = [sys.executable, run.__file__, role]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.pid, self._reader, self._writer = self._process.pid, self._process.stdout, self._process.stdin  # type: ignore[assignment]  # pipes

    def _fork(self, main: Callable[[Line], int], pipe: Inherited) -> None:
        to_child, from_child = os.pipe(), os.pipe()
        sys.stderr.flush()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid:
            os.close(to_child[0])
            os.close(from_child[1])
            self._reader, self._writer = os.fdopen(from_child[0], "rb"), os.fdopen(to_child[1], "wb")
            return
        status = 1
        try:
            prctl(DIE_WITH_PARENT, signal.SIGKILL)
            if os.getppid() == parent:
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL)
                os.close(to_child[1])
                os.close(from_child[0])
                _of_the_parent.append(pipe)
                pipe.leave_to_parent()
                status = main(Line(os.fdopen(to_child[0], "rb"), os.fdopen(from_child[1], "wb")))
        finally:
            sys.stderr.flush()
            os._exit(status)

    def send(self, message: object) -> None:
        """One object; nothing where the child has gone."""
        data = pickle.dumps(message, protocol=4)
        with self._lock:
            try:
                self._writer.write(LENGTH.pack(len(data)) + data)
                self._writer.flush()
            except (OSError, ValueError):
                return  # the end of its messages tells

    def messages(self) -> Iterator[Facts]:
        """What the child sends, until it ends or closes its line; what `Line` does not send was written by the application."""
        for line in self._reader:
            try:
                message = json.loads(line.decode("utf-8"))
            except ValueError:
                message = None
            yield message if is_ours(message) else not_ours(line.decode("utf-8", "replace"))

    def end(self) -> None:
        """End it."""
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL if CAN_FORK else signal.SIGTERM)
            except OSError:
                pass  # it has ended by itself
            self.wait()

    def wait(self) -> int:
        """Its exit status once it has ended, negative for a signal."""
        if self.status is None:
            self.status = self._process.wait() if self._process is not None else waited(self.pid)
        return self.status


def is_ours(message: Any) -> bool:
    """Whether it is a question, or an event with what goes with it."""
    try:
        if "ask" in message:
            return set(message) == {"ask", "number", "arguments"}
        event_of(message["event"])
        return set(message) == {"event", "private", "secrets"} and isinstance(message["secrets"], dict)
    except (KeyError, TypeError, ValueError):
        return False


def not_ours(line: str) -> Facts:
    """The end of a child in which the application writes where only we do."""
    failed = Failed("app-writes-to-our-pipe", text=line.strip()[:LONGEST_SHOWN])
    return {"event": data_of(failed), "private": None, "secrets": {}}


def waited(pid: int) -> int:
    """The exit status of a child, as `subprocess` has it."""
    try:
        status = os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def adopt_orphans() -> None:
    """From now on what outlives its parent is a child of this process, where the kernel can do that, and `end_all` finds it."""
    if CAN_FORK:
        prctl(ADOPT_ORPHANS, 1)


def end_all(but: Collection[int] = ()) -> None:
    """End all that descends from this process; `but` are children that stay, with what they have started."""
    left: list[int] | bool = True
    while left:
        left = [pid for pid in children_of(os.getpid()) if pid not in but]
        for pid in left:
            for one in [pid, *descendants_of(pid)]:
                try:
                    os.kill(one, signal.SIGKILL)
                except OSError:
                    pass  # it has ended by itself
        for pid in left:
            waited(pid)


def descendants_of(pid: int) -> list[int]:
    """Those that are there now; one that forks meanwhile leaves orphans, which are found as children."""
    found = children_of(pid)
    return found + [one for child in found for one in descendants_of(child)]


def children_of(pid: int) -> list[int]:
    """The process numbers of the children of `pid`; none where the kernel does not tell."""
    folder, found = "/proc/%d/task" % pid, []
    try:
        for task in os.listdir(folder):
            with open("%s/%s/children" % (folder, task)) as file:
                found += [int(one) for one in file.read().split()]
    except OSError:
        return found
    return found


def prctl(option: int, value: int) -> None:
    """Ask the kernel of Linux; where the C library cannot be reached, nothing is asked."""
    import ctypes

    try:
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    except (OSError, AttributeError):
        return
