"""Put new bytes into the place of a file, in one step, with the owner, group, permissions and attributes that it had."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path


def partial_of(path: Path) -> Path:
    """The name under which a file is written before it takes its place; a killed run may leave it."""
    return path.with_name(f".{path.name}.partial")


def write_file(path: Path, raw: bytes) -> None:
    """Replace the file, or make it, in a way that survives a crash; where it cannot be replaced by one of the same owner, in place.

    Links are not followed. A hard link elsewhere keeps the old bytes. A new file has the owner of its folder where root makes it.
    """
    partial = partial_of(path)
    partial.unlink(missing_ok=True)
    with partial.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    try:
        before = path.lstat()
    except FileNotFoundError:
        give_to_owner_of_folder(partial)
        partial.replace(path)
        return
    if not lend_attributes(path, before, partial) and before.st_nlink == 1:
        with path.open("r+b") as file:
            file.write(raw)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        partial.unlink()
    else:
        partial.replace(path)


def lend_attributes(path: Path, before: os.stat_result, partial: Path) -> bool:
    """Give the new file owner, group, mode and extended attributes (ACLs too) of the old one; False where it cannot."""
    if sys.platform != "win32":
        status = partial.stat()
        try:
            if (status.st_uid, status.st_gid) != (before.st_uid, before.st_gid):
                os.chown(partial, before.st_uid, before.st_gid)
        except PermissionError:
            return False
    partial.chmod(stat.S_IMODE(before.st_mode))
    if sys.platform == "linux":
        for name in os.listxattr(path, follow_symlinks=False):
            try:
                os.setxattr(partial, name, os.getxattr(path, name, follow_symlinks=False))
            except OSError:  # one that only the system sets, or that this file system does not take
                continue
    return True


def make_folders(folder: Path) -> list[Path]:
    """Make the folder and what is missing above it; made by root, they have the owner of the folder that they are in."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        give_to_owner_of_folder(one)
    return missing[::-1]


def give_to_owner_of_folder(path: Path) -> bool:
    """What root makes in somebody else's tree belongs to them; other users own what they make. Returns whether the owner is new."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return False
    folder, status = path.parent.stat(), path.lstat()
    if status.st_uid != 0 or folder.st_uid == 0:
        return False
    os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        path.chmod(stat.S_IMODE(status.st_mode))
    return True


def remove_file(path: Path) -> None:
    """Remove a file or link and what writing it may have left; nothing where there is none."""
    path.unlink(missing_ok=True)
    partial_of(path).unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it."""
    shutil.rmtree(folder, ignore_errors=True)
