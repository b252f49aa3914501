"""The one folder of a run for temporary files: the only place that its processes write to."""

from __future__ import annotations

import os
import shutil
import tempfile

try:
    import fcntl
except ImportError:  # Windows: what a killed run leaves there stays
    fcntl = None

PREFIX, LOCK = "retrofit-run-", "in-use"


class RunFolder:
    """Made empty; `path` is its real path. What killed runs of this user have left is removed first."""

    def __init__(self):
        parent = os.path.realpath(tempfile.gettempdir())
        if fcntl is not None:
            for name in os.listdir(parent):
                if name.startswith(PREFIX):
                    remove_unused(os.path.join(parent, name))
        self.path = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
        self._lock = None if fcntl is None else os.open(os.path.join(self.path, LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self):
        """Delete it with all that is in it; a second call does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)


def remove_unused(path):
    """Delete the folder of a run that has ended; others, and those of other users, stay."""
    try:
        descriptor = os.open(os.path.join(path, LOCK), os.O_RDWR)
    except OSError:
        return  # of another user, or just being made
    try:
        if os.fstat(descriptor).st_uid == os.getuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    except OSError:
        return  # its run is alive
    finally:
        os.close(descriptor)
