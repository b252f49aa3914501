"""The line to the caller: JSON objects, one per line, on descriptors that the project never sees."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from .messages import Progress, Step, data_of
from .redaction import originals, redaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .children import Line
    from .messages import Event
    from .types import Facts


THE_END = ("learned", "verified", "rehearsed", "for-tests", "error")  # a child has nothing more to say after these


def private_streams(kind: str = "", **options: Any) -> tuple[Any, Any]:
    """What standard input and output were; `print` goes to standard error and `input` finds an empty file from now on."""
    reader, writer = os.fdopen(os.dup(0), "r" + kind, **options), os.fdopen(os.dup(1), "w" + kind, **options)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return reader, writer


class Events:
    """What is sent with `emit(event, private=None)`."""

    emit: Callable[..., None]

    @contextmanager
    def step(self, name: str) -> Iterator[Facts]:
        """Tell that a step begins, time it, and send it when it has ended well; the mapping that it gives becomes its detail."""
        self.progress(name, 0, 0)
        began = time.time()
        detail: Facts = {}
        yield detail
        self.emit(Step(name, round(time.time() - began, 4), detail))

    def progress(self, name: str, done: int, total: int) -> None:
        """Tell how far a step is; a `total` of 0 is one that nobody knows."""
        self.emit(Progress(name, done, total))


class ChildEvents(Events):
    """Events of a child, which its keeper passes on."""

    def __init__(self, line: Line) -> None:
        self._told: set[str]
        self._line, self._told = line, set()

    def emit(self, event: Event, private: object = None) -> None:
        """Send one event, with the secrets learned since the last one; after one of `THE_END` the keeper ends the child.

        `private` is for the keeper alone.
        """
        if event.kind in THE_END:
            sys.stderr.flush()
        learned = {needle: mask for needle, mask in list(redaction.known.items()) if needle not in self._told}
        self._told.update(learned)
        self._line.send({"event": data_of(event), "private": private, "secrets": learned})


class Pipe(Events):
    """Reads lines in a thread, so that the caller's death is noticed whatever the project is doing."""

    def __init__(self, reader: TextIO, writer: TextIO) -> None:
        self._reader, self._writer = reader, writer
        self._lines = originals.SimpleQueue()
        self._write_lock = originals.allocate_lock()
        self._told: set[str] = set()
        self.on_close: Callable[[], object] | None = None
        self.pid = os.getpid()

    @classmethod
    def take_over(cls) -> Pipe:
        """Move the protocol to private descriptors: from here on print() goes to standard error and input() finds an empty file."""
        pipe = cls(*private_streams(encoding="utf-8"))
        originals.start_new_thread(pipe._listen, ())
        return pipe

    def _listen(self) -> None:
        for line in self._reader:
            self._lines.put(line)
        self._lines.put(None)
        if self.on_close is not None:
            self.on_close()

    def leave_to_parent(self) -> None:
        """In a forked child: let go of the descriptors, whose numbers stay taken."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (self._reader, self._writer):
            os.dup2(nothing, stream.fileno(), inheritable=False)
        os.close(nothing)

    def read(self) -> Facts | None:
        """The next object that the caller sends; None when it has gone."""
        line = self._lines.get()
        if line is None:
            self._lines.put(None)  # for whoever asks again
            return None
        return json.loads(line)  # type: ignore[no-any-return]  # as the caller has written it

    def emit(self, event: Event) -> None:
        """Send one event, after the secrets that were learned since the last one: the caller prints what it gets without them."""
        self.send(data_of(event))

    def send(self, data: Mapping[str, object]) -> None:
        """The same for an event that is data already."""
        if os.getpid() != self.pid:
            return  # a forked child of the project's
        with self._write_lock:
            learned = {needle: mask for needle, mask in list(redaction.known.items()) if needle not in self._told}
            self._told.update(learned)
            events: list[Mapping[str, object]] = [{"event": "secrets", "known": learned}] * bool(learned)
            events.append(data)
            try:
                self._writer.write("".join(json.dumps(data, default=str) + "\n" for data in events))
                self._writer.flush()
            except OSError:
                return  # the caller has gone; the listener cleans up
