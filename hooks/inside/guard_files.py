"""Leave the project's tree as it was, whatever the app writes into it while it loads.

A file that exists is not opened for writing: the app writes to a copy outside the tree, and reads it back from there. New files and
folders (logs, `instance/`) are real, and taken away at the end. A file or folder that exists is neither removed nor renamed: demo
applications remove their SQLite file at every start.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
import shutil
import tempfile


class Files:
    """What the app has written below `root`."""

    def __init__(self, root):
        self._root = os.path.realpath(root) + os.sep
        self._temporary = os.path.realpath(tempfile.gettempdir()) + os.sep  # scratch databases are there
        self._owner = os.getpid()
        self._copies, self._made, self._folder = {}, [], None

    def install(self):
        """Patch `open`, `os.mkdir` and what removes; everything else that changes files goes through these, or is not Python's."""
        open_before, mkdir_before = io.open, os.mkdir

        def open(file, mode="r", *args, **kwargs):
            if isinstance(file, (str, bytes, os.PathLike)) and (self._copies or set(mode) & set("wax+")):
                instead = self._instead_of(file, mode)
                if instead is not file:
                    kwargs.pop("opener", None)  # that of pathlib on Python 3.9 and older opens its own path
                    file = instead
            return open_before(file, mode, *args, **kwargs)

        def mkdir(path, *args, **kwargs):
            mkdir_before(path, *args, **kwargs)
            self._note(os.path.realpath(os.fsdecode(path)))

        # no plain function: pathlib on Python 3.10 and older keeps it in a class, where a function would become a method
        builtins.open = io.open = functools.partial(open)
        os.mkdir = functools.partial(mkdir)
        import pathlib

        accessor = getattr(pathlib, "_NormalAccessor", None)  # up to Python 3.10
        for owner, name in ((os, "remove"), (os, "unlink"), (os, "rmdir"), (os, "rename"), (os, "replace"), (shutil, "rmtree")):
            kept = functools.partial(self._keep, getattr(owner, name))
            setattr(owner, name, kept)
            if owner is os and hasattr(accessor, name):
                setattr(accessor, name, kept)
        if hasattr(accessor, "mkdir"):
            accessor.mkdir = os.mkdir
        if hasattr(accessor, "open") and accessor.open is not os.open:
            accessor.open = builtins.open

    def _instead_of(self, file, mode):
        """The path to open in place of `file`."""
        path = os.path.realpath(os.fsdecode(file))
        if path in self._copies or not set(mode) & set("wax+") or not path.startswith(self._root):
            return self._copies.get(path, file)
        if not os.path.exists(path):
            self._note(path)
        elif os.path.isfile(path) and path not in self._made:
            if self._folder is None:
                self._folder = tempfile.mkdtemp(prefix="retrofit-files-")
            copy = os.path.join(self._folder, "%d-%s" % (len(self._copies), os.path.basename(path)))
            shutil.copyfile(path, copy)
            self._copies[path] = copy
            return copy
        return file

    def _keep(self, original, path, *args, **kwargs):
        """Remove or rename what was there before only in the app's eyes: not at all."""
        if isinstance(path, (str, bytes, os.PathLike)) and kwargs.get("dir_fd") is None:
            targets = [path, args[0]] if args and original.__name__ in ("rename", "replace") else [path]
            if any(self._was_there(os.path.abspath(os.fsdecode(one))) for one in targets):
                return None
        return original(path, *args, **kwargs)

    def _was_there(self, path):
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # a link itself, not where it leads
        if not os.path.lexists(path) or path in self._made:
            return False
        return (path + os.sep).startswith(self._root) or (not path.startswith(self._temporary) and is_sqlite(path))

    def _note(self, path):
        if path.startswith(self._root) and path not in self._made:
            self._made.append(path)

    def belong_to_this_process(self):
        """In a forked child: what is written from now on is this process's to take away, and nothing else is."""
        self._owner, self._copies, self._made, self._folder = os.getpid(), dict(self._copies), [], None

    def restore(self):
        """Take away what was made, newest first; a folder that holds something else by now stays."""
        if os.getpid() != self._owner:
            return
        for path in reversed(self._made):
            if os.path.isfile(path):
                os.unlink(path)
            elif os.path.isdir(path) and not os.listdir(path):
                os.rmdir(path)
        del self._made[:]
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def is_sqlite(path):
    """Whether a file is an SQLite database."""
    try:
        with open(path, "rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False
