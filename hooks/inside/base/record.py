"""What the guards saw while the app loaded, each with the line of the project that asked for it."""

from __future__ import annotations

import difflib
import os
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from sqlalchemy import Table

    from .types import Facts, Files, Place


NOT_THE_PROJECT = {"site-packages", "dist-packages", "node_modules", "migrations"}


class Record:
    """Facts, collected; places are `{"path", "line", "text"}` with lines as they are in the files on disk."""

    def __init__(self, root: str, overlay: Files) -> None:
        self._root = os.path.realpath(root)
        self._overlay = overlay
        self._prefixes = {os.path.realpath(prefix) + os.sep for prefix in (sys.prefix, sys.exec_prefix)} - {self._root + os.sep}
        self.drop_all_calls: list[Place] = []
        self.connections: list[Facts] = []  # URLs without passwords
        self.reflect_calls: list[Place] = []
        self.reflected: set[Table] = set()  # the tables that the application has read from a database

    def is_project(self, filename: str) -> bool:
        """Whether a file is the project's own source."""
        if filename.startswith("<"):
            return False  # code without a file: frozen modules, generated functions
        path = os.path.realpath(filename)
        if not path.startswith(self._root + os.sep) or any(path.startswith(prefix) for prefix in self._prefixes):
            return False
        parts = path[len(self._root) + 1 :].split(os.sep)
        return not NOT_THE_PROJECT.intersection(parts[:-1])

    def here(self) -> Place | None:
        """The innermost line of the project on the stack of this thread, or None."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if self.is_project(frame.f_code.co_filename):
                return self.place(frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back
        return None

    def last_place(self, error: BaseException | None) -> Place | None:
        """The last line of the project in the traceback of `error` or of what caused it, or None."""
        while error is not None:
            if isinstance(error, SyntaxError) and error.filename and self.is_project(error.filename):
                return self.place(error.filename, error.lineno or 1)
            for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
                if self.is_project(frame.f_code.co_filename):
                    return self.place(frame.f_code.co_filename, line)
            error = error.__cause__ or error.__context__
        return None

    def place(self, filename: str, line: int) -> Place:
        """A place as data; `line` counts in the edited text, the answer counts in the file on disk."""
        path = os.path.realpath(filename)
        edited = self._overlay.find(path)
        lines = []
        try:
            with open(path, "rb") as file:  # the overlay's text, where there is one
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            pass  # frozen or deleted source: the place is still worth naming
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        if edited is not None:
            line, text = self._on_disk(path, lines, line, text)
        return {"path": path[len(self._root) + 1 :].replace(os.sep, "/"), "line": line, "text": text}

    def _on_disk(self, path: str, edited: Sequence[str], line: int, text: str) -> tuple[int, str]:
        """The line of the file on disk, and what it says: the same one, or the one that our edit has put others in the place of."""
        try:
            with open(os.open(path, os.O_RDONLY), "rb") as file:
                before = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return line, text
        for tag, first, last, first_edited, last_edited in difflib.SequenceMatcher(
            None, before, edited, autojunk=False
        ).get_opcodes():
            if first_edited <= line - 1 < last_edited and last > first:
                at = min(first + line - 1 - first_edited, last - 1)
                return at + 1, text if tag == "equal" else before[at].strip()
        return line, text
