"""The fingerprint of a SQLite database: the bytes of its file, and the files beside it. It is not opened as a database.

Seen        every byte of the file, and the files that SQLite keeps beside it
Not seen    what was changed and changed back; of a file beyond 64 MiB, what leaves its size, its header and its times as they were
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from typing import TYPE_CHECKING, Any

from ..base.errors import DatabaseMissing, DatabaseUnreachable
from ..base.urls import redact, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import URL

    from ..base.types import Fingerprint


# As they were before any application ran: what it replaces later, and our mirror of files, change nothing of what is seen here.
STAT, OPEN = os.stat, open
WHOLE = 64 * 1024 * 1024  # up to here every byte is read: about 0.1 s
ENDINGS = ("", "-wal", "-journal", "-shm")


def take(url: URL | str, connect_args: Mapping[str, Any] | None, since: Fingerprint) -> Fingerprint:
    path = sqlite_path(url)
    if path is None:
        raise DatabaseUnreachable("a database in memory is another one for every connection", redact(url))
    try:
        found = {ending: mark(path + ending) for ending in ENDINGS if exists(path + ending)}
    except OSError as error:
        raise DatabaseUnreachable(error.strerror, redact(url)) from None  # type: ignore[arg-type]  # the system has words for it
    if not found:
        raise DatabaseMissing("the database does not exist", redact(url))
    if "-shm" in found:
        found["-shm"] = {}  # the index of the log: whoever reads writes to it
    files = {os.path.basename(path) + ending: marks for ending, marks in found.items()}
    is_other = bool(since) and since.get("rows", {}).get("file") != files
    return {
        "schema": {},
        "rows": {"file": files},
        "unseen": [],
        "sessions": {},
        "holders": holders(path, since["taken"]) if is_other and "taken" in since else [],
        "taken": time.time(),
    }


def exists(path: str) -> bool:
    """Whether there is such a file."""
    try:
        STAT(path)
    except FileNotFoundError:
        return False
    return True


def mark(path: str) -> dict[str, Any]:
    """What a file is told by: its inode, its size, and its bytes or what stands for them."""
    found = STAT(path)
    result = {"inode": found.st_ino, "size": found.st_size}
    if not stat.S_ISREG(found.st_mode):
        return result
    with OPEN(path, "rb") as file:
        if found.st_size <= WHOLE:
            digest = hashlib.sha256()
            for block in iter(lambda: file.read(1024 * 1024), b""):
                digest.update(block)
            return dict(result, sha256=digest.hexdigest())
        return dict(result, header=file.read(100).hex(), mtime=found.st_mtime_ns, ctime=found.st_ctime_ns)


def holders(path: str, before: float) -> list[int]:
    """The processes that have the file open and began before that moment, where the system tells: they may have written."""
    found = STAT(path) if exists(path) else None
    if found is None or not os.path.isdir("/proc/self/fd"):
        return []
    result = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(pid) != os.getpid() and has_open(pid, found) and began(pid) < before:
                result.append(int(pid))
        except OSError:
            continue  # ended meanwhile, or somebody else's
    return result


def has_open(pid: str, found: os.stat_result) -> bool:
    """Whether a process has the file open that `found`, an os.stat_result, is of."""
    folder = f"/proc/{pid}/fd/"
    opened = (os.stat(folder + descriptor) for descriptor in os.listdir(folder))
    return any((one.st_dev, one.st_ino) == (found.st_dev, found.st_ino) for one in opened)


def began(pid: str) -> float:
    """When a process began, in seconds since the epoch."""
    with open("/proc/uptime") as uptime, open(f"/proc/{pid}/stat") as status:
        ticks = int(status.read().rpartition(")")[2].split()[19])
        return time.time() - float(uptime.read().split()[0]) + ticks / os.sysconf("SC_CLK_TCK")
