"""What Python would call each file, and which file an import means.

A file's module name depends on the folder that is on `sys.path` when the project runs: the root, `src/`, or a sub-folder whose
scripts import their neighbours by bare names (`backend/app.py` with `from models import db`). Packages may lack `__init__.py`.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from hooks.base.source import Source

ABSOLUTE_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b|import[ \t]+([A-Za-z_]\w*))", re.MULTILINE)
# Never a neighbour in a package: shop/extensions/flask_sqlalchemy.py does not hide the installed one.
INSTALLED = re.compile(r"(flask|sqlalchemy|alembic|quart|connexion|dash|wtforms|marshmallow|celery)($|[._])")
FILES_ASKED = 200  # of one folder, for how they import their neighbours


class Modules:
    """The names of the Python files in `sources`."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._folders: set[str] = {""}
        self._in_folder: dict[str, list[str]] = defaultdict(list)
        self._same_tail: dict[str, list[str]] = defaultdict(list)
        for path in sources:
            folder = path.rpartition("/")[0]
            self._in_folder[folder].append(path)
            self._same_tail[_tail(path)].append(path)
            while folder not in self._folders:
                self._folders.add(folder)
                folder = posixpath.dirname(folder)
        self._subfolders: dict[str, list[str]] = defaultdict(list)
        for folder in self._folders - {""}:
            self._subfolders[posixpath.dirname(folder)].append(folder)
        self._roots: dict[str, str] = {"": ""}

    def name(self, path: str) -> str:
        """The module's dotted name; two files of the same name in different folders are told apart by their folders."""
        root = self.import_root(path)
        name = _dotted(path, root)
        if root and any(
            other != path and _dotted(other, self.import_root(other)) == name for other in self._same_tail[_tail(path)]
        ):
            whole = _dotted(path, "")
            return whole if all(part.isidentifier() for part in whole.split(".")) else f"{root}/{name}"
        return name

    def import_root(self, path: str) -> str:
        """The folder that has to be on `sys.path` for `name` to be importable; "" is the project's root."""
        return self._root_of_folder(posixpath.dirname(path))

    def is_shadowed(self, path: str) -> bool:
        """Whether a package of the same name beside it makes the file impossible to import: app.py next to app/__init__.py."""
        return f"{path[:-3]}/__init__.py" in self._sources

    def find(self, dotted: str, importer: str) -> str | None:
        """The file, or folder without `__init__.py`, that `import dotted` means in the file `importer`."""
        tail = dotted.replace(".", "/")
        for root in self._search_path(importer, is_ours=not INSTALLED.match(dotted)):
            found = self.at(posixpath.join(root, tail))
            if found:
                return found
        return None

    def relative(self, dotted: str, level: int, importer: str) -> str | None:
        """The file or folder that `from ..dotted import name` means (`level` dots) in the file `importer`."""
        folder = posixpath.dirname(importer)
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        return self.at(posixpath.join(folder, dotted.replace(".", "/")) if dotted else folder)

    def at(self, base: str) -> str | None:
        """The module whose path without ending is `base`: a package, a file, or a folder that holds Python files."""
        for path in (f"{base}/__init__.py" if base else "__init__.py", f"{base}.py"):
            if path in self._sources:
                return path
        return base if base in self._folders else None

    def _search_path(self, importer: str, *, is_ours: bool) -> Iterable[str]:
        folder = posixpath.dirname(importer)
        roots = [self._root_of_folder(folder), "", "src"]
        while folder and is_ours:  # scripts inside a package see their neighbours too
            roots.append(folder)
            folder = posixpath.dirname(folder)
        return dict.fromkeys(roots)

    def _root_of_folder(self, folder: str) -> str:
        if folder not in self._roots:
            parent, _, last = folder.rpartition("/")
            is_package = f"{folder}/__init__.py" in self._sources
            if not last.isidentifier() or (not is_package and (self._imports_neighbours(folder) or self._is_src_layout(folder))):
                self._roots[folder] = folder
            else:
                self._roots[folder] = self._root_of_folder(parent)
        return self._roots[folder]

    def _is_src_layout(self, folder: str) -> bool:
        """Whether `folder` is a `src` that no import names: where one says `from src.shop import db`, it is a package itself."""
        parent, _, last = folder.rpartition("/")
        return last == "src" and last not in self._imported([*self._below(folder), *self._in_folder[parent]])

    def _imports_neighbours(self, folder: str) -> bool:
        """Whether files below `folder` import, by a bare name, what is there and not at the project's root."""
        seen = self._imported(self._below(folder))
        return any(self.at(f"{folder}/{name}") and not self.at(name) for name in seen - sys.stdlib_module_names)

    def _below(self, folder: str) -> list[str]:
        """The files in a folder and in the folders in it."""
        return [*self._in_folder[folder], *(path for below in self._subfolders[folder] for path in self._in_folder[below])]

    def _imported(self, paths: Sequence[str]) -> set[str]:
        """The first names of what some files import absolutely."""
        found = (match for path in paths[:FILES_ASKED] for match in ABSOLUTE_IMPORT.finditer(self._sources[path].raw))
        return {(match[1] or match[2]).decode() for match in found}


def _tail(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] if name == "__init__.py" and folder else name[:-3]


def _dotted(path: str, root: str) -> str:
    relative = path[len(root) + 1 :] if root else path
    if relative.endswith("/__init__.py"):
        relative = relative[: -len("/__init__.py")]
    elif relative.endswith(".py"):
        relative = relative[:-3]
    return relative.replace("/", ".")
