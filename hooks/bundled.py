"""Flask-Migrate for a database that was there before: what env.py and `python -m migrations.adopt` run.

    python -m migrations.adopt --help
    from migrations.adopt import readiness

Below are the modules of this in one text, each below its name. One is compiled when it is first imported, under the name that it
has in the template and at its lines here, so that a traceback says "adopt/verdict/stamp.py", line 9040, and shows it. What was
compiled is kept in __pycache__, as Python does with files.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import linecache
import marshal
import os
import sys
import traceback
from types import CodeType, ModuleType
from typing import Any, Dict, Optional, Sequence

FILE = os.path.abspath(__file__)
NAMED = "\n#:"  # what is before the name of a module, "server.scratch"; "" is the package of all


def module(name: str) -> Any:  # pragma: no cover
    """One of the modules below: module("server.scratch")."""
    return importlib.import_module(_package() + "." + name)


def readiness(app: Any = None, upgrade: bool = False) -> Any:  # pragma: no cover
    """Is every database at the newest revision, and what the models say? See commands.readiness."""
    return module("commands.readiness").readiness(app, upgrade)


def main() -> int:  # pragma: no cover
    """The command line; `setup` is the one command that runs before anything is installed."""
    folder = os.path.dirname(FILE)
    if sys.path and os.path.abspath(sys.path[0]) in (folder, os.path.dirname(folder)):
        del sys.path[0]  # until the application is loaded: a secrets.py of the project's is not the one that libraries mean
        if os.path.abspath(os.getcwd()) != os.path.dirname(folder):
            sys.path.append(os.path.dirname(folder))
    command = "set_up" if sys.argv[1:] == ["setup"] else "main"
    return int(module("commands." + command).main() or 0)


class Importer:  # pragma: no cover
    """Finds the modules of a file like this one, and loads them as those of the package `package`."""

    def __init__(self, package: str) -> None:
        self.package, self.adopt_file = package, FILE
        with open(FILE, "rb") as file:
            text = file.read()
        self._key = importlib.util.MAGIC_NUMBER + importlib.util.source_hash(text)
        self.texts: Dict[str, str] = {}
        self._lines: Dict[str, int] = {}  # how many stand before the first one of a module
        number = text.count(b"\n", 0, text.index(NAMED.encode())) + 2
        for part in MODULES.split(NAMED)[1:]:
            name, _, source = part.partition("\n")
            self.texts[name], self._lines[name] = source, number
            number += source.count("\n") + 2
        self._packages = {name.rpartition(".")[0] for name in self.texts}

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if (fullname + ".").startswith(self.package + ".") and self._name(fullname) in self.texts:
            loader: Any = self
            return importlib.machinery.ModuleSpec(fullname, loader, origin=FILE, is_package=self.is_package(fullname))
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = FILE
        place, name = self._place(module.__name__), self._name(module.__name__)
        lines = ["\n"] * self._lines.get(name, 0) + self.texts[name].splitlines(True)
        linecache.cache[place] = (len(lines), None, lines, place)
        exec(self.get_code(module.__name__), module.__dict__)  # nosec

    def is_package(self, fullname: str) -> bool:
        return self._name(fullname) in self._packages

    def get_source(self, fullname: str) -> str:
        """The source of a module at its place in this file."""
        name = self._name(fullname)
        return "\n" * self._lines.get(name, 0) + self.texts[name]

    def get_code(self, fullname: str) -> CodeType:
        """What a module compiles to: from __pycache__, where that was compiled from this very file by the same Python."""
        key = self._key
        try:
            place = importlib.util.cache_from_source(FILE)[: -len("pyc")] + (self._name(fullname) or "all") + ".pyc"
            with open(place, "rb") as file:
                kept = file.read()
            if kept.startswith(key):
                code = marshal.loads(kept[len(key) :])  # nosec
                if isinstance(code, CodeType):
                    return code
        except NotImplementedError:  # a Python that keeps no byte code
            place = ""
        except (OSError, EOFError, ValueError, TypeError):
            pass  # nothing is kept there, or a part of it
        code = compile(self.get_source(fullname), self._place(fullname), "exec", dont_inherit=True)
        if place and not sys.dont_write_bytecode:
            _keep(place, key + marshal.dumps(code))
        return code

    def _place(self, fullname: str) -> str:
        """What a traceback calls the file of a module: where it is in the template, and here."""
        parts = ["adopt", *self._name(fullname).split(".")] if self._name(fullname) else ["adopt"]
        ending = "/__init__.py" if self.is_package(fullname) else ".py"
        return "<{}{} in migrations/adopt.py>".format("/".join(parts), ending)

    def _name(self, fullname: str) -> str:
        return fullname[len(self.package) + 1 :]


def _keep(place: str, raw: bytes) -> None:  # pragma: no cover
    """Write a file in one step, where that may be written."""
    partial = "{}.{}".format(place, os.getpid())
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(partial, "wb") as file:
            file.write(raw)
        os.replace(partial, place)
    except OSError:
        pass


def _package() -> str:  # pragma: no cover
    """What the package of the modules is called in this process: one, whoever loads this file, and under whichever name."""
    for one in sys.meta_path:
        if getattr(one, "adopt_file", None) == FILE:
            return str(getattr(one, "package", ""))
    name = "migrations_adopt"
    while name in sys.modules:
        name += "_"
    sys.meta_path.append(Importer(name))
    if sys.version_info < (3, 13) and sys.excepthook is sys.__excepthook__:
        sys.excepthook = traceback.print_exception  # which shows lines of modules that are no files, as later versions do unasked
    return name


MODULES = ""


if __name__ == "__main__":  # pragma: no cover
    sys.exit(main())
