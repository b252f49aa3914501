"""Import the libraries that every session needs, while the caller still reads the source. Nothing of the project's is imported."""

from __future__ import annotations

import contextlib
import importlib

LIBRARIES = ("sqlalchemy.orm", "flask.cli", "flask_sqlalchemy", "alembic.command", "mako.template")


def warm_up() -> None:
    """Import what is installed; what fails fails again, and is told, when the application is loaded."""
    with contextlib.suppress(Exception):
        for name in LIBRARIES:
            importlib.import_module(name)
