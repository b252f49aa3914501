"""A forked child that writes has a mirror of its own (adopt/base/file_mirror.py): its parent still reads the one that both had."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..base.types import Module


@contextlib.contextmanager
def own_mirror(files: Module) -> Iterator[None]:
    """Let `files` go on with a copy of what is mirrored; it is taken away at the end."""
    shared, files._folder = files._folder, None
    if shared is not None:
        with files._really():
            folder = tempfile.mkdtemp(prefix="files-")
            os.rmdir(folder)
            files._folder = shutil.copytree(shared, folder, symlinks=True)
    try:
        yield
    finally:
        own, files._folder = files._folder, None
        if own is not None:
            with files._really():
                shutil.rmtree(own, ignore_errors=True)
