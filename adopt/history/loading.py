"""Load the application as `flask` does, on play databases, or on its own ones protected from writes."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

from alembic.script import ScriptDirectory
from flask import current_app

from ..base import redaction
from ..base.errors import ApplicationNotLoaded, DatabaseChanged, NotOnEmptyDatabase, OldScheme
from ..base.paths import ROOT
from ..base.urls import make_url
from ..project import application, project, targets
from ..rows import model_places
from . import redirecting, replay

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.engine import Engine

    from ..project.targets import Target


_engines: list[Engine] = []


def load_app(rung: str = redirecting.EXISTING) -> Flask:
    """The application that FLASK_APP, `.flaskenv` or Flask's own search (`wsgi.py`, `app.py`) leads to.

    `rung` says what it is loaded on, see redirecting.py.

    Raises:
        OldScheme: SQLAlchemy refuses its URL.
        NotOnEmptyDatabase: it does not start on an empty database.
        DatabaseChanged: a database was changed meanwhile.
        ApplicationNotLoaded: it is not found, or raises while it loads; carries the last line of its own code.
    """
    application.prepare()
    redirection = redirecting.Redirection(rung)
    try:
        with redirection.active():
            app = application.load()
    except (OldScheme, DatabaseChanged):
        raise
    except (Exception, SystemExit) as error:  # whatever somebody's application raises
        redaction.learn_error(error)
        if rung == redirecting.PLAY and redirection.is_used:
            raise NotOnEmptyDatabase from error
        message = "{}: {}".format(type(error).__name__, str(error).partition("\n")[0])
        raise ApplicationNotLoaded(message, replay.last_own_frame(error)) from error
    finally:
        redaction.learn_mapping(os.environ)  # what was in a .env is there by now
    redaction.learn_mapping(app.config)
    if redirection.needs_tables:
        raise NotOnEmptyDatabase
    return app


def databases() -> list[Database]:
    """The databases that the models of the current application live in, the default one first."""
    return [Database(target) for target in all_targets()]


def all_targets() -> list[Target]:
    """What env.py loops over: the databases with their models, those that nobody else imports included."""
    project.import_models()
    project.complete_models()
    found = targets.group(targets.binds(ScriptDirectory.from_config(replay.alembic_config())))
    _engines.extend(target.engine for target in found)
    return found


def close_engines() -> None:
    """Close the connections that are kept in pools: SQLite takes its files beside a database away with the last one."""
    while _engines:
        _engines.pop().dispose()


class Database:
    """One database of the current application, and what Flask-Migrate was told about it.

    `keys` are the binds that lead to it, None being the default one; `name` is what its parts of a revision are called by, "" for
    the default one.
    """

    def __init__(self, target: Target) -> None:
        migrate = current_app.extensions["migrate"]
        if redirecting.KEEPERS:
            target.engine.dispose()  # connections of the time of loading lead to another place, or are read-only for good
        self.name, self.keys = target.name, target.keys
        self.url = target.engine.url
        self.connect_args = targets.connect_args(migrate.db, target.keys[0])
        self.configured_urls = [self.url] + list(targets.configured_urls(migrate.db))
        self.version_table = migrate.configure_args.get("version_table") or "alembic_version"
        self.version_table_schema = migrate.configure_args.get("version_table_schema")
        self.schemas = tuple(sorted(target.schemas()))
        tables = [table for bind in target.binds for table in bind.tables()]
        self.places = model_places.Places(migrate.db.Model, tables, ROOT)

    def at(self, url: Any) -> Database:
        """The same database elsewhere: what the application would say about it if it were configured with `url`."""
        other = copy.copy(self)
        other.url = make_url(url)
        other.configured_urls = [other.url] + self.configured_urls
        return other
