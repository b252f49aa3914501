"""Import the libraries that every session needs, while the caller still reads the source. Nothing of the project's is imported."""

from __future__ import annotations

import importlib
import os
import sys

LIBRARIES = ("sqlalchemy.orm", "flask.cli", "flask_sqlalchemy", "alembic.command", "mako.template")


def warm_up():
    """Import what is installed; what fails fails again, and is told, when the application is loaded."""
    before = list(sys.path)
    sys.path[:] = [entry for entry in before if os.path.abspath(entry or ".") != os.getcwd()]  # a module of theirs may be called so
    try:
        for name in LIBRARIES:
            importlib.import_module(name)
    except Exception:  # noqa: BLE001
        return
    finally:
        sys.path[:] = before
