"""One request in, JSON events out: `<project python> run.py` in the project's root.

Nothing the project prints reaches the events: file descriptors 0 and 1 are replaced before any of its code runs. Nothing is written
beside the source: no byte code. Nothing hangs at the end: the process leaves with `os._exit`.
"""

from __future__ import annotations

import importlib.util
import os
import sys

PACKAGE = "_flask_migrate_retrofit"


def load_package(name, folder):
    """Import the package in `folder` under a private `name`, without putting anything on `sys.path`."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main():
    """Do what the request says; the exit status is 0 whenever the events tell the whole story."""
    sys.dont_write_bytecode = True
    leave = os._exit  # a process that loads the application replaces it for the project's code
    folder = os.path.dirname(os.path.abspath(__file__))
    # the project's root first, as `flask` has it; our own folder must not be importable
    sys.path[:] = [os.getcwd()] + [entry for entry in sys.path if os.path.abspath(entry) not in (folder, os.getcwd())]
    load_package(PACKAGE, folder)
    pipe = importlib.import_module(PACKAGE + ".base.pipe")
    if len(sys.argv) > 1:  # where a process cannot be forked
        importlib.import_module(PACKAGE + ".load.warm_up").warm_up()
        children = importlib.import_module(PACKAGE + ".base.children")
        function = getattr(importlib.import_module(PACKAGE + ".session"), sys.argv[1] + "_as_child")
        leave(function(children.Line(*pipe.private_streams("b"))))
    leave(importlib.import_module(PACKAGE + ".keeper").run(pipe.Pipe.take_over()))


if __name__ == "__main__":
    main()
