"""Run `inside/run.py` with the project's own Python: one request in, events out, and nothing left running at the end.

The child is the leader of a session of its own. When the block is left it is told so (end of its standard input), has a few seconds
to drop its scratch database, and is then killed with all that it started.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO

from hooks.base.errors import ScriptDied, ScriptTimedOut
from hooks.base.facts import Interpreter
from hooks.base.redaction import redaction
from hooks.environment.project_secrets import learn_tree
from hooks.inside.base.messages import Event, Failed, Go, Request, event_of
from hooks.inside.guard.start_up import KEPT, WARNINGS

SCRIPT = Path(__file__).parents[1] / "inside" / "run.py"
SILENCE_S = 300.0  # the longest known import of an application takes a fifth of it
GRACE_S = 15.0  # what `inside/` allows itself for dropping its scratch database, and some
TAIL_BYTES = 64 * 1024


@functools.cache
def learn_secrets(root: Path) -> None:
    """What the project says as it fails may hold a secret that it had not got to use: look for those in its files, once."""
    learn_tree(root)


class ProjectPython:
    """One process in the project's own Python; use it with `with`."""

    def __init__(self, process: subprocess.Popen[bytes], timeout_s: float, root: Path) -> None:
        self._process, self._timeout_s, self._root = process, timeout_s, root
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._tail = b""
        self._is_done = False
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read_events, self._read_errors)]
        for thread in self._threads:
            thread.start()

    @classmethod
    def start(
        cls,
        interpreter: Interpreter,
        request: Request,
        *,
        root: Path,
        environ: Mapping[str, str],
        timeout_s: float = SILENCE_S,
    ) -> ProjectPython:
        """Start the process in `root` and send the request, which never stands on a command line.

        `timeout_s` is as for `launch`.
        """
        inside = cls.launch(interpreter, root=root, environ=environ, timeout_s=timeout_s)
        inside.send(request)
        return inside

    @classmethod
    def launch(
        cls, interpreter: Interpreter, *, root: Path, environ: Mapping[str, str], timeout_s: float = SILENCE_S
    ) -> ProjectPython:
        """Start the process in `root`; it imports libraries, nothing of the project's, until the request is sent.

        `timeout_s` is the longest time in wall-clock seconds between two events; the first includes importing the application.
        """
        process = subprocess.Popen(
            [interpreter.path, "-S", str(SCRIPT)],
            cwd=root,
            env={KEPT if name == WARNINGS else name: value for name, value in environ.items()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        return cls(process, timeout_s, root)

    def send(self, message: Request | Go) -> None:
        """Send one message; that the process has gone is told by `events`."""
        stream = self._stream(self._process.stdin)
        try:
            stream.write(json.dumps(asdict(message)).encode() + b"\n")
            stream.flush()
        except BrokenPipeError:
            return

    def events(self) -> Iterator[Event]:
        """Yield events as they come, up to the end; may be left and called again to go on.

        Raises:
            ScriptTimedOut: nothing came for `timeout_s`; the process was killed.
            ScriptDied: it ended without having said "done".
        """
        while not self._is_done:
            try:
                line = self._lines.get(timeout=self._timeout_s)
            except queue.Empty:
                self.close()
                learn_secrets(self._root)
                raise ScriptTimedOut(self._timeout_s, self.stderr_tail()) from None
            if line is None:
                self._threads[1].join(timeout=1)
                learn_secrets(self._root)
                raise ScriptDied(self._process.wait(), self.stderr_tail())
            data = json.loads(line)
            if data["event"] == "secrets":
                for secret in data["known"].items():
                    redaction.put(*secret)
                continue
            if data["event"] == "done":
                self._is_done = True
                return
            event = event_of(data)
            if isinstance(event, Failed):
                learn_secrets(self._root)
            yield event

    def stderr_tail(self) -> str:
        """The last of what the project printed, on either stream."""
        return self._tail.decode("utf-8", "replace")

    def __enter__(self) -> ProjectPython:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the process end by itself, then end it and all that it started."""
        with contextlib.suppress(BrokenPipeError):
            self._stream(self._process.stdin).close()
        self._wait_without_reaping(GRACE_S)
        self._kill()
        for thread in self._threads:
            thread.join(timeout=1)

    def _wait_without_reaping(self, seconds: float) -> None:
        """Wait for the end, where possible without reaping: as long as its number is taken, its group can be named."""
        deadline = time.monotonic() + seconds
        pause = 0.001
        while self._process.returncode is None and time.monotonic() < deadline:
            if not hasattr(os, "waitid"):  # Windows; macOS before Python 3.13
                if self._process.poll() is not None:
                    return
            elif os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return
            time.sleep(pause)
            pause = min(pause * 2, 0.05)

    def _kill(self) -> None:
        if self._process.returncode is not None:
            return
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses for a group of none but zombies
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _read_events(self) -> None:
        for line in self._stream(self._process.stdout):
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        stream = self._stream(self._process.stderr).fileno()
        while chunk := os.read(stream, TAIL_BYTES):
            self._tail = (self._tail + chunk)[-TAIL_BYTES:]

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream
