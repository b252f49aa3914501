"""One temporary folder for all processes of a run: whatever ends the run, the next one of the same user removes it.

Every child has it as its TMPDIR, so scratch files of SQLite, copies that the application writes to, folders of pip and whatever
else calls `tempfile` are in it. The folder of a run whose process is gone holds a lock file that nobody has locked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hooks.worktree.run_lock import try_lock

PREFIX = "flask-migrate-"  # short: sockets are made in such folders, and their paths end after 104 bytes
LOCK = ".in-use"
VARIABLES = ("TMPDIR", "TEMP", "TMP")
YOUNG_S = 60  # a folder without a lock file that is younger: another run is about to lock it


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """Make the folder, let this process and its children use it for what is temporary, and remove it.

    Raises:
        OSError: there is no place for temporary files.
    """
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    before = {name: os.environ.get(name) for name in VARIABLES}, tempfile.tempdir
    descriptor = try_lock(folder / LOCK)
    os.environ.update(dict.fromkeys(VARIABLES, str(folder)))
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        variables, tempfile.tempdir = before
        for name, value in variables.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        if descriptor is not None:
            os.close(descriptor)
        remove(folder)


def remove_abandoned() -> None:
    """Remove the folders of killed runs of this user; one that cannot be removed is left to the next run."""
    place = Path(tempfile.gettempdir())
    for folder in place.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):  # another run removes it at this moment
            if is_abandoned(folder):
                remove(folder)


def is_abandoned(folder: Path) -> bool:
    """Whether the folder is that of a run of this user, and its process is gone."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        return False
    if not (folder / LOCK).exists():
        return time.time() - status.st_mtime > YOUNG_S
    descriptor = try_lock(folder / LOCK)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def remove(folder: Path) -> None:
    """Remove the folder with all that is in it, folders that the application has closed to its own user included."""
    for path, folders, _ in os.walk(folder):
        for inner in (Path(path, name) for name in folders):
            with contextlib.suppress(OSError):
                if not inner.is_symlink():
                    inner.chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
