"""What an environment has for every interpreter to run at its start: import lines of `.pth` files, sitecustomize, usercustomize.

The interpreter is started without (`-S`). The process that holds the databases then gets the folders of its packages, and runs none
of that code; a process that loads the application runs it, behind the guards. A category of warnings that PYTHONWARNINGS names is a
module, too, and waits likewise.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

WARNINGS, KEPT = "PYTHONWARNINGS", "RETROFIT_PYTHONWARNINGS"
NEEDED = ("flask", "flask_sqlalchemy", "sqlalchemy")
_waiting: list[Callable[[], object]] = []


def find_packages() -> None:
    """Let `sys.path` name the folders of the environment; what it has to be executed waits."""
    if KEPT in os.environ:
        os.environ[WARNINGS] = os.environ.pop(KEPT)
        _waiting.append(heed_warnings)
    if not sys.flags.no_site:
        return
    import site

    ours: Any = site
    modules = {name: getattr(site, name) for name in ("execsitecustomize", "execusercustomize")}
    ours.exec = put_off
    for name, function in modules.items():
        setattr(site, name, lambda function=function: _waiting.append(function))
    site.main()
    del ours.exec
    for name, function in modules.items():
        setattr(site, name, function)


def put_off(line: str) -> None:
    """In the place of `exec` for a line of a `.pth` file, which may look at its caller for the folder that it is in."""
    folder = sys._getframe(1).f_locals.get("sitedir", "")
    _waiting.append(lambda: execute(line, folder))


def execute(line: str, sitedir: str) -> None:
    """Run one line as `site` does; one that names a package by its place takes `sitedir` from this frame."""
    import site

    exec(line, dict(vars(site)))  # noqa: S102 - this is what the line is there for


def heed_warnings() -> None:
    """Do with PYTHONWARNINGS what the interpreter does."""
    options = os.environ[WARNINGS].split(",")
    sys.warnoptions[:0] = options
    theirs: Any = warnings
    theirs._processoptions(options)


def run() -> None:
    """Run what waits; as at the start of an interpreter, what fails is printed."""
    while _waiting:
        try:
            _waiting.pop(0)()
        except Exception:  # noqa: BLE001 - theirs
            traceback.print_exc()


def run_where_needed() -> None:
    """Run it at once where the libraries are found by it only: by a finder that it installs, or folders that it adds."""
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        run()
