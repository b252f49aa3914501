"""One run at a time in a project: a second one would take the first for one that was killed, and undo what it is writing.

The lock is the operating system's, on a file, and ends with the process that has it, however that ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hooks.base.errors import RetrofitStopped
from hooks.base.file_writing import give_to_owner_of_folder, make_folders

WAIT_S = 12.0  # a run whose Copier was just killed drops its databases before it ends
PAUSE_S = 0.1


class AlreadyRunning(RetrofitStopped):
    """Another process has locked the file at `lock`: a run in another terminal, or one whose Copier was killed alone."""

    reference = "already-running"

    def __init__(self, lock: Path) -> None:
        super().__init__(str(lock))
        self.lock = lock


@contextlib.contextmanager
def run_lock(path: Path) -> Iterator[bool]:
    """Nobody else has the file at `path` locked inside the block; the file is gone after it. Yields whether another process had it.

    Raises:
        AlreadyRunning: another process has, and did not end while this one waited.
    """
    until = time.monotonic() + WAIT_S
    has_waited = False
    while (descriptor := _try_lock_in_new_folder(path)) is None:
        if time.monotonic() > until:
            raise AlreadyRunning(path)
        has_waited = True
        time.sleep(PAUSE_S)
    try:
        yield has_waited
    finally:
        if sys.platform != "win32":  # which deletes no file that is open
            path.unlink(missing_ok=True)
        os.close(descriptor)
        if sys.platform == "win32":
            with contextlib.suppress(PermissionError):  # the next process has opened it
                path.unlink()
        with contextlib.suppress(OSError):  # another project of the repository has its own there
            path.parent.rmdir()


def _try_lock_in_new_folder(path: Path) -> int | None:
    make_folders(path.parent)
    try:
        descriptor = try_lock(path)
    except FileNotFoundError:  # the run before this one has just removed the folder
        return None
    if descriptor is not None:
        give_to_owner_of_folder(path)
    return descriptor


def try_lock(path: Path) -> int | None:
    """A descriptor of the file, made if need be, and locked; None where another process has it, or has just deleted it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def _lock(descriptor: int) -> None:
    """Lock the file, or raise at once what the operating system has for a file that another process has locked."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
