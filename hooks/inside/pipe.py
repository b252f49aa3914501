"""The line to the caller: JSON objects, one per line, on descriptors that the project never sees."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from contextlib import contextmanager

# user:password@ in any URL-like text; the password may hold "/" or ":" but no white space
PASSWORD_IN_URL = re.compile(r"(\w[\w+.-]*://[^\s:/@'\"]*):([^\s'\"]*)@")
THE_END = ("learned", "verified", "rehearsed", "error")  # a child has nothing more to say after these
PASSWORD_IN_DSN = re.compile(r"(\b(?:password|passwd|pwd)\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s,;)'\"]+)", re.IGNORECASE)


def redacted(value):
    """`value` with every password that stands in a URL or a DSN replaced; containers are copied."""
    if isinstance(value, str):
        return PASSWORD_IN_DSN.sub(r"\1***", PASSWORD_IN_URL.sub(r"\1:***@", value)) if (":" in value or "=" in value) else value
    if isinstance(value, dict):
        return {key: redacted(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [redacted(one) for one in value]
    return value


def private_streams(kind="", **options):
    """What standard input and output were; `print` goes to standard error and `input` finds an empty file from now on."""
    reader, writer = os.fdopen(os.dup(0), "r" + kind, **options), os.fdopen(os.dup(1), "w" + kind, **options)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return reader, writer


class Events:
    """What is sent with `emit(event, private=None, **facts)`."""

    @contextmanager
    def step(self, name):
        """Time a step and send it when it has ended well; the mapping that it gives becomes its detail."""
        began = time.time()
        detail = {}
        yield detail
        self.emit("step", name=name, seconds=round(time.time() - began, 4), detail=detail)

    def progress(self, name, done, total):
        """Tell how far a long step is."""
        self.emit("progress", name=name, done=done, total=total)


class ChildEvents(Events):
    """Events of a child, which its keeper passes on."""

    def __init__(self, line, before_end):
        self._line, self._before_end = line, before_end

    def emit(self, event, private=None, **facts):
        """Send one event; the keeper takes the passwords out of `facts`, and ends the child after one of `THE_END`."""
        if event in THE_END:
            self._before_end()
            sys.stderr.flush()
        self._line.send({"event": event, "private": private or {}, "facts": facts})


class Pipe(Events):
    """Reads lines in a thread, so that the caller's death is noticed whatever the project is doing."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._lines = []
        self._arrived = threading.Condition()
        self._write_lock = threading.Lock()
        self._closed = False
        self.on_close = None
        self.pid = os.getpid()

    @classmethod
    def take_over(cls):
        """Move the protocol to private descriptors: from here on print() goes to standard error and input() finds an empty file."""
        pipe = cls(*private_streams(encoding="utf-8"))
        threading.Thread(target=pipe._listen, name="retrofit-listener", daemon=True).start()
        return pipe

    def _listen(self):
        for line in self._reader:
            with self._arrived:
                self._lines.append(line)
                self._arrived.notify_all()
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()
        if self.on_close is not None:
            self.on_close()

    def leave_to_parent(self):
        """In a forked child: let go of the descriptors, whose numbers stay taken."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (self._reader, self._writer):
            os.dup2(nothing, stream.fileno(), inheritable=False)
        os.close(nothing)

    def read(self):
        """The next object that the caller sends; None when it has gone."""
        with self._arrived:
            while not self._lines and not self._closed:
                self._arrived.wait()
            return json.loads(self._lines.pop(0)) if self._lines else None

    def emit(self, event, private=None, **facts):
        """Send one event. Passwords are taken out of `facts`; `private` goes as it is."""
        if os.getpid() != self.pid:
            return  # a forked child of the project's
        data = {"event": event}
        data.update(redacted(facts))
        data.update(private or {})
        line = json.dumps(data, default=str) + "\n"
        with self._write_lock:
            try:
                self._writer.write(line)
                self._writer.flush()
            except OSError:
                return  # the caller has gone; the listener cleans up
