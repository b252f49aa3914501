"""Take turns at the databases that EMPTY_DATABASE_URL and its like name: a rehearsal runs beside the session that it belongs to."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


try:
    import fcntl
except ImportError:  # Windows: there the second session finds the database not empty, and says so
    fcntl = None  # type: ignore[assignment]


class Turn:
    """Holds the turn for all of `urls` from `wait` to `end`, or to the end of the process, however that comes."""

    def __init__(self, urls: Iterable[str]) -> None:
        names = {hashlib.sha1(url.encode("utf-8", "surrogateescape")).hexdigest()[:16] for url in urls}
        # always in the same order, so that no two wait for each other
        self._paths = [os.path.join(tempfile.gettempdir(), "retrofit-turn-%s.lock" % name) for name in sorted(names)]
        self._files: list[tuple[str, int]]
        self._files, self._waiting = [], threading.Lock()

    @property
    def is_needed(self) -> bool:
        """Whether there are such databases."""
        return bool(self._paths)

    def wait(self) -> None:
        """Return when no other process has the turn; at once in the process that has it."""
        with self._waiting:
            if fcntl is None or self._files:
                return
            for path in self._paths:
                self._files.append((path, locked(path)))

    def end(self) -> None:
        """Give the turn to the next."""
        while self._files:
            path, descriptor = self._files.pop()
            os.unlink(path)
            os.close(descriptor)


def locked(path: str) -> int:
    """A descriptor of the file at `path`, which nobody else has locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.exists(path) and os.path.samestat(os.fstat(descriptor), os.stat(path)):
            return descriptor
        os.close(descriptor)  # its last owner deleted the file meanwhile
