"""Load the application as `flask` does, with every database that it opens meanwhile protected from writes."""

import contextlib
import copy
import os
import traceback

import flask.cli
from flask import current_app
from sqlalchemy import event
from sqlalchemy.engine import Engine

from . import readonly
from .errors import ApplicationNotLoaded
from .urls import hide_password, make_url, replace


def load_app():
    """The application that FLASK_APP, `.flaskenv` or Flask's own search (`wsgi.py`, `app.py`) leads to.

    Raises:
        ApplicationNotLoaded: it is not found, or raises while it loads; carries the last line of its own code.
    """
    os.environ["FLASK_RUN_FROM_CLI"] = "true"  # app.run() at the end of a module does nothing then
    try:
        with read_only_connections():
            if hasattr(flask.cli, "load_dotenv"):  # Flask 1.0
                flask.cli.load_dotenv()
            default = getattr(flask.cli, "find_default_import_path", lambda: os.environ.get("FLASK_APP"))  # Flask 0.12 has it
            return flask.cli.ScriptInfo(app_import_path=default()).load_app()
    except Exception as error:  # whatever somebody's application raises
        message = "{}: {}".format(type(error).__name__, str(error).partition("\n")[0])
        raise ApplicationNotLoaded(hide_password(message), last_own_frame(error)) from error


@contextlib.contextmanager
def read_only_connections():
    """Every connection that any engine opens meanwhile refuses writes; no SQLite file is created."""

    def connect(dialect, record, arguments, options):
        if dialect.name == "sqlite":
            return readonly.open_sqlite(replace("sqlite://", database=arguments[0]), options)
        connection = dialect.connect(*arguments, **options)
        readonly.protect(connection, dialect.name)
        return connection

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)


def last_own_frame(error):
    """ "file:line in function" of the deepest frame outside of installed packages, or "" where there is none."""
    standard = os.path.dirname(os.__file__)
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame[0].startswith(("<", standard)) and "site-packages" not in frame[0] and frame[0] != __file__
    ]
    return "{}:{} in {}".format(os.path.relpath(own[-1][0]), own[-1][1], own[-1][2]) if own else ""


def databases():
    """The databases that the models of the current application live in, the default one first."""
    return [Database()]


class Database:
    """One database of the current application, and what Flask-Migrate was told about it.

    `keys` are the binds that lead to it, None being the default one; `name` is what its parts of a revision are called by, "" for
    the default one.
    """

    name, keys = "", (None,)

    def __init__(self):
        migrate = current_app.extensions["migrate"]
        engine = migrate.db.engine
        engine.dispose()  # connections of the time of loading are read-only for good
        self.url = engine.url
        options = dict(
            getattr(migrate.db, "_engine_options", None) or {}, **(current_app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {})
        )
        self.connect_args = dict(options.get("connect_args") or {})
        self.configured_urls = [self.url] + list(_binds())
        self.version_table = migrate.configure_args.get("version_table") or "alembic_version"
        self.version_table_schema = migrate.configure_args.get("version_table_schema")
        metadata = migrate.db.metadata
        self.schemas = tuple(sorted({table.schema for table in metadata.tables.values() if table.schema}))

    def at(self, url):
        """The same database elsewhere: what the application would say about it if it were configured with `url`."""
        other = copy.copy(self)
        other.url = make_url(url)
        other.configured_urls = [other.url] + self.configured_urls
        return other


def _binds():
    for value in (current_app.config.get("SQLALCHEMY_BINDS") or {}).values():
        url = value.get("url") if isinstance(value, dict) else value
        if url:
            yield url
