"""Leave the project's tree as it was, whatever the app writes into it while it loads.

A file that exists is not opened for writing: the app writes to a copy outside the tree, and reads it back from there. New files and
folders (logs, `instance/`) are real, and taken away at the end.
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
        self._owner = os.getpid()
        self._copies, self._made, self._folder = {}, [], None

    def install(self):
        """Patch `open` and `os.mkdir`; everything else that writes files goes through one of them, or is not Python's."""
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

    def _note(self, path):
        if path.startswith(self._root) and path not in self._made:
            self._made.append(path)

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
