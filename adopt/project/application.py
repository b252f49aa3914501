"""The application whose databases are migrated: the one whose context is active, else the one that `flask` would find."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import flask
import flask.cli

from ..base import paths
from ..base.errors import ApplicationNotLoaded
from . import old_scheme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.engine import Connection, Engine


MIGRATIONS = os.path.realpath(paths.MIGRATIONS)
_found: list[Flask] = []


@contextlib.contextmanager
def context() -> Iterator[None]:
    """An application context, made only where there is none: with `alembic` used directly, in a notebook, in tests.

    Raises:
        ApplicationNotLoaded: none is found where the command is run.
        OldScheme: SQLAlchemy refuses its URL.
    """
    if flask.has_app_context():
        yield
        return
    if not _found:
        try:
            _found.append(load())
        except flask.cli.NoAppException as error:
            raise ApplicationNotLoaded(str(error).partition("\n")[0].rstrip(".")) from error
    with _found[0].app_context():
        yield


def prepare() -> None:
    """Let the environment be what `flask` makes it before it imports anything of the application."""
    if os.path.realpath(os.getcwd()) == MIGRATIONS:  # where `alembic` finds its alembic.ini, and nobody finds an application
        os.chdir(os.path.dirname(MIGRATIONS))
    os.environ["FLASK_RUN_FROM_CLI"] = "true"  # app.run() at the end of a module does nothing then
    if hasattr(flask.cli, "load_dotenv"):  # Flask 1.0
        flask.cli.load_dotenv()


def load() -> Flask:
    """The application that FLASK_APP, `.flaskenv` or Flask's own search (`wsgi.py`, `app.py`) leads to, as seen from here."""
    prepare()
    if os.getcwd() not in sys.path:  # where `alembic` or a test runner is the program; `flask` does the same
        sys.path.insert(0, os.getcwd())
    default = getattr(flask.cli, "find_default_import_path", lambda: os.environ.get("FLASK_APP"))  # Flask 0.12 has it
    with old_scheme.explained():
        return flask.cli.ScriptInfo(app_import_path=default()).load_app()


@contextlib.contextmanager
def connected(given: Connection | Engine) -> Iterator[Connection]:
    """The connection that a caller gave, left open; one of the engine that he gave instead, as pytest-alembic does, closed."""
    from sqlalchemy.engine import Engine

    if not isinstance(given, Engine):
        yield given
        return
    with given.connect() as connection:
        yield connection
