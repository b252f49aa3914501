"""Take turns at the one database that EMPTY_DATABASE_URL names: a rehearsal runs beside the session that it belongs to."""

from __future__ import annotations

import hashlib
import os
import tempfile

try:
    import fcntl
except ImportError:  # Windows: there the second session finds the database not empty, and says so
    fcntl = None


class Turn:
    """Holds the turn for `url` from `wait` to `end`, or to the end of the process, however that comes."""

    def __init__(self, url):
        name = "retrofit-turn-%s.lock" % hashlib.sha1(url.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._path = os.path.join(tempfile.gettempdir(), name)
        self._file = None

    def wait(self):
        """Return when no other process has the turn; at once in the process that has it."""
        if fcntl is None or self._file is not None:
            return
        while self._file is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.exists(self._path) and os.path.samestat(os.fstat(descriptor), os.stat(self._path)):
                self._file = descriptor
            else:
                os.close(descriptor)  # its last owner deleted the file meanwhile

    def end(self):
        """Give the turn to the next."""
        if self._file is not None:
            os.unlink(self._path)
            os.close(self._file)
            self._file = None
