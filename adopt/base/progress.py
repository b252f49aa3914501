"""A bar in the terminal while many databases are done; nothing where nobody is looking."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

INTERVAL_S = 0.1


class Progress:
    """`done` of `total`, in the last line of `stream`; every other line that is printed meanwhile goes above it."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream = total, stream
        self._is_shown = total > 0 and stream.isatty()
        self._last: float | None = None

    def show(self, done: int) -> None:
        """Draw the bar, at most ten times a second."""
        now = time.monotonic()
        if self._is_shown and (self._last is None or now - self._last >= INTERVAL_S):
            self._last = now
            self._stream.write("\r\x1b[K" + bar(done, self._total, shutil.get_terminal_size().columns))
            self._stream.flush()

    def clear(self) -> None:
        """Take the bar away, so that a line can be printed."""
        if self._is_shown and self._last is not None:
            self._last = None
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def bar(done: int, total: int, columns: int) -> str:
    numbers = f" {done}/{total}"
    width = max(min(40, columns - len(numbers) - 3), 1)
    filled = width * done // total
    return "[" + "#" * filled + "." * (width - filled) + "]" + numbers
