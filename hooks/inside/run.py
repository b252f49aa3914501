"""One request in, JSON events out: `<project python> run.py` in the project's root.

Nothing the project prints reaches the events: file descriptors 0 and 1 are replaced before any of its code runs. Nothing is written
beside the source: no byte code. Nothing hangs at the end: the process leaves with `os._exit`.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType


PACKAGE = "_flask_migrate_retrofit"


def load_package(name: str, folder: str) -> ModuleType:
    """Import the package in `folder` under a private `name`, without putting anything on `sys.path`."""
    spec: Any = importlib.util.spec_from_file_location(
        name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def is_of_project(entry: str, root: str) -> bool:
    """Whether a folder of `sys.path` holds the project's code, not its environment, nor libraries that it brings along."""
    entry, root = os.path.realpath(entry), os.path.realpath(root)
    environments = [os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix)]
    is_library = "site-packages" in entry or os.path.isfile(os.path.join(entry, "sqlalchemy", "__init__.py"))
    is_library = is_library or any(is_below(one, root) and is_below(entry, one) for one in environments if one != root)
    return is_below(entry, root) and not is_library


def is_below(path: str, folder: str) -> bool:
    """Whether it is the folder, or in it."""
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def main() -> None:
    """Do what the request says; the exit status is 0 whenever the events tell the whole story."""
    sys.dont_write_bytecode = True
    leave = os._exit  # a process that loads the application replaces it for the project's code
    folder = os.path.dirname(os.path.abspath(__file__))
    package: Any = load_package(PACKAGE, folder)
    start_up = importlib.import_module(PACKAGE + ".guard.start_up")
    start_up.find_packages()
    root, path = os.getcwd(), [os.path.abspath(entry) for entry in sys.path]
    # our own folder must not be importable; the project's root is the first, as `flask` has it, where its code is to be run
    package.PROJECT_PATH[:] = [root] + [entry for entry in path if entry not in (folder, root)]
    sys.path[:] = [entry for entry in package.PROJECT_PATH if not is_of_project(entry, root)]
    before = list(sys.path)
    start_up.run_where_needed()
    package.PROJECT_PATH += [entry for entry in sys.path if entry not in before]
    pipe = importlib.import_module(PACKAGE + ".base.pipe")
    if len(sys.argv) > 1:  # where a process cannot be forked
        importlib.import_module(PACKAGE + ".load.warm_up").warm_up()
        children = importlib.import_module(PACKAGE + ".base.children")
        function = getattr(importlib.import_module(PACKAGE + ".session"), sys.argv[1] + "_as_child")
        leave(function(children.Line(*pipe.private_streams("b"))))
    leave(importlib.import_module(PACKAGE + ".keeper").run(pipe.Pipe.take_over()))


if __name__ == "__main__":
    main()
