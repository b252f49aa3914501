"""Run a command so that nothing it starts can escape: whatever outlives it becomes a child of this process, is named, and ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
EMPTY_LOOKS = 4
SETTLING_S = 0.4  # a process that is about to end is given so long


@dataclass(frozen=True)
class Ended:
    """How a command ended; `left` are the command lines of the processes that outlived it."""

    returncode: int | None  # None: it did not end in time
    output: str
    left: tuple[str, ...]
    seconds: float


@cache
def adopt_orphans() -> None:
    """Let processes whose parents have ended become children of this one."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def supervised(
    command: Sequence[str], cwd: Path, environ: Mapping[str, str], *, timeout_s: float = 90, wait_for_rest_s: float = 0
) -> Ended:
    """Run a command in a session of its own; with `wait_for_rest_s` what it leaves behind may work on for so long."""
    adopt_orphans()
    before = descendants()
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            returncode: int | None = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            returncode = None
        seconds = time.monotonic() - began
        left = rest(before, SETTLING_S)
        names = tuple(sorted(command_line(pid) for pid in left))
        if left and wait_for_rest_s:
            left = rest(before, wait_for_rest_s)
        while left := left or rest(before, 0):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            left = rest(before, 1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        said.seek(0)
        return Ended(returncode, said.read().decode(errors="replace"), names, seconds)


def rest(before: set[int], seconds: float) -> set[int]:
    """Those that are still there after at most so many seconds; what has ended is reaped.

    A chain of processes, each of which starts the next one and ends, may look empty for a moment: it must do so several times.
    """
    deadline = time.monotonic() + seconds
    empty = 0
    while True:
        alive = set()
        for pid in descendants() - before:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if state(pid) not in ("", "Z", "X"):
                alive.add(pid)
        empty = 0 if alive else empty + 1
        if empty == EMPTY_LOOKS or (alive and time.monotonic() > deadline):
            return alive
        time.sleep(0.02)


def descendants() -> set[int]:
    """Every process below this one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(above, []).append(int(entry.name))
    found, waiting = set(), [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def state(pid: int) -> str:
    """The letter of a process's state; "" where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def command_line(pid: int) -> str:
    """What a process was started with."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:80] or f"[{pid}]"
    except OSError:
        return f"[{pid}]"
