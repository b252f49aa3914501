"""Kill work at every change that it makes to a file system, in a child for each: what an audit hook hears of, before it happens."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.truncate", "os.link", "os.symlink")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Killer:
    """`killed_at_each_change(work, check)` runs `work` in children that are killed before their first, second, ... change."""

    def __init__(self) -> None:
        self._left = -1
        self._counts = False

    def begin(self) -> None:
        """What `work` calls, with `waits`, where the changes that count begin."""
        self._counts = True

    def __call__(self, work: Callable[[], None], check: Callable[[], None], *, waits: bool = False) -> int:
        """Call `check` after each kill, and after the one child that came to its end; returns how many were killed."""
        killed = 0
        while True:
            child = os.fork()
            if child == 0:
                self._left, self._counts = killed, not waits
                sys.addaudithook(self._heard)
                try:
                    work()
                    os._exit(0)
                finally:
                    os._exit(1)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert status in (0, -signal.SIGKILL), f"the work failed at change {killed}"
            check()
            if status == 0:
                return killed
            killed += 1

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._counts or not (event in CHANGES or (event == "open" and int(str(arguments[2])) & WRITES)):
            return
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


killed_at_each_change = Killer()
