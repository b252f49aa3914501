"""The line to the caller: JSON objects, one per line, on descriptors that the project never sees."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import contextmanager

from .redaction import redaction


class Pipe:
    """Reads lines in a thread, so that the caller's death is noticed whatever the project is doing."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._lines = []
        self._arrived = threading.Condition()
        self._write_lock = threading.Lock()
        self._closed = False
        self._told = set()
        self.on_close = None
        self.pid = os.getpid()

    @classmethod
    def take_over(cls):
        """Move the protocol to private descriptors: from here on print() goes to standard error and input() finds an empty file."""
        reader = os.fdopen(os.dup(0), "r", encoding="utf-8")
        writer = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        pipe = cls(reader, writer)
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

    def read(self):
        """The next object that the caller sends; None when it has gone."""
        with self._arrived:
            while not self._lines and not self._closed:
                self._arrived.wait()
            return json.loads(self._lines.pop(0)) if self._lines else None

    def emit(self, event, private=None, **facts):
        """Send one event, after the secrets that were learned since the last one: the caller prints what it gets without them."""
        if os.getpid() != self.pid:
            return  # a forked child of the project's
        with self._write_lock:
            learned = {needle: mask for needle, mask in redaction.known().items() if needle not in self._told}
            self._told.update(learned)
            events = [{"event": "secrets", "known": learned}] * bool(learned)
            events.append(dict({"event": event}, **dict(facts, **(private or {}))))
            try:
                self._writer.write("".join(json.dumps(data, default=str) + "\n" for data in events))
                self._writer.flush()
            except OSError:
                return  # the caller has gone; the listener cleans up

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
