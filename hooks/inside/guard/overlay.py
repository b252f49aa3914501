"""Serve edited files from memory, so that the edits are tried before any of them is written.

Python modules come through the import system, everything else (`from_pyfile`, `.flaskenv`, JSON) through `open`. Files are known by
their real path; a stale `.pyc` of an edited module is never used.
"""

from __future__ import annotations

import base64
import builtins
import functools
import importlib.machinery
import importlib.util
import io
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from types import CodeType, ModuleType

    from adopt.base.types import AnyPath


class Overlay:
    """The edited files, by real path; `install()` makes the interpreter see them."""

    def __init__(self, root: str, encoded: Mapping[str, str]) -> None:
        self.files = {os.path.realpath(os.path.join(root, path)): base64.b64decode(data) for path, data in encoded.items()}
        self._names = {os.path.basename(path) for path in self.files}

    def add(self, path: str, text: str | None) -> None:
        """Serve `text` for one more file; None adds nothing."""
        if text is not None:
            self.files[os.path.realpath(path)] = text.encode("utf-8")
            self._names.add(os.path.basename(path))

    def find(self, path: Any) -> bytes | None:
        """The edited bytes for `path`, or None. Cheap for every other file: its base name is looked at first."""
        try:
            path = os.fspath(path)
        except TypeError:
            return None  # a file descriptor
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if os.path.basename(path) not in self._names:
            return None
        return self.files.get(os.path.realpath(path))

    def install(self) -> None:
        """Patch `open` and the source loader of this interpreter."""
        self._patch_open()
        self._patch_loader()
        sys.meta_path.append(NewModules(self))

    def _patch_open(self) -> None:
        original = io.open

        def open(
            file: AnyPath | int,
            mode: str = "r",
            buffering: int = -1,
            encoding: str | None = None,
            errors: str | None = None,
            newline: str | None = None,
            closefd: bool = True,
            opener: Callable[[str, int], int] | None = None,
        ) -> Any:
            data = None if set(mode) & set("wax+") else self.find(file)
            if data is None:
                return original(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw: Any = MemoryFile(data)
            raw.name = file
            return raw if "b" in mode else io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline=newline)

        # no plain function: pathlib on Python 3.10 and older keeps it in a class, where a function would become a method
        builtins.open = io.open = functools.partial(open)

    def _patch_loader(self) -> None:
        loader: Any = importlib.machinery.SourceFileLoader
        get_code, get_data = loader.get_code, loader.get_data

        def patched_get_code(this: SourceFileLoader, fullname: str) -> CodeType | None:
            path = this.get_filename(fullname)
            data = self.find(path)
            return get_code(this, fullname) if data is None else this.source_to_code(data, path)

        def patched_get_data(this: SourceFileLoader, path: str) -> bytes:
            data = self.find(path)
            return get_data(this, path) if data is None else data

        loader.get_code, loader.get_data = patched_get_code, patched_get_data


class MemoryFile(io.BytesIO):
    """Bytes in memory with the `name` that an opened file has."""

    name = ""


class NewModules:
    """Finds modules that exist only in the overlay; asked last."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of a module whose file is not on disk yet, or None."""
        tail = fullname.rpartition(".")[2]
        for folder in sys.path if path is None else path:
            for name, is_package in ((os.path.join(tail, "__init__.py"), True), (tail + ".py", False)):
                candidate = os.path.join(folder or os.getcwd(), name)
                if self._overlay.find(candidate) is not None:
                    locations = [os.path.dirname(candidate)] if is_package else None
                    return importlib.util.spec_from_file_location(fullname, candidate, submodule_search_locations=locations)
        return None
