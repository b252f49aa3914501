"""The databases that the models of the loaded application live in, each with its engine, its tables and its binds."""

from __future__ import annotations

from .causes import stop_for
from .stop import Stop


class LoadedDatabase:
    """One database of the application; `connect_args` are its engine's own.

    `keys` are the binds that lead to it, None being the default one; `name` is what its parts of a revision are called by, "" for
    the default one.
    """

    def __init__(self, db, engine, metadatas, connect_args, name="", keys=(None,)):
        self.db, self.engine, self.metadatas, self.connect_args = db, engine, list(metadatas), connect_args
        self.name, self.keys = name, tuple(keys)
        self.url = engine.url
        self.dialect = engine.dialect

    @property
    def tables(self):
        """Those of the models, as they are registered now."""
        return [table for metadata in self.metadatas for table in metadata.tables.values()]

    @property
    def schemas(self):
        """The schemas that models name, sorted; the default one is not among them."""
        return sorted({table.schema for table in self.tables if table.schema})

    @property
    def sequences(self):
        """The sequences that models name, by schema and name."""
        return sequences_of(*self.metadatas)

    @property
    def naming_convention(self):
        """How constraints without a name are named."""
        return self.metadatas[0].naming_convention


def sequences_of(*metadatas):
    """The sequences that have been made with these metadatas, by schema and name."""
    found = [one for metadata in metadatas for one in getattr(metadata, "_sequences", {}).values()]
    return {(one.schema, one.name): one for one in found}


def find_databases(app, record):
    """The databases of the loaded app, the default one first, inside its app context.

    Raises:
        Stop: no `SQLAlchemy` object is attached, or Flask-Migrate is not, or a model lives in a bind.
    """
    extension = app.extensions.get("sqlalchemy")
    if extension is None:
        raise Stop("app-has-no-database")
    db = getattr(extension, "db", None) or extension
    migrate = app.extensions.get("migrate")
    if migrate is None:
        raise Stop("migrate-not-attached")
    db = migrate.db if getattr(migrate, "db", None) is not None else db
    try:
        engine = getattr(db, "engine", None) or db.get_engine()
    except Exception as error:  # a driver that is missing, a URL that cannot be parsed: theirs
        raise stop_for(error, record) from error
    options = dict(getattr(db, "_engine_options", None) or {}, **(app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {}))
    in_binds = sorted(bound_tables(db))
    if in_binds:
        raise Stop("binds-unsupported", binds=["%s is in the bind %s" % one for one in in_binds])
    return [LoadedDatabase(db, engine, [db.metadata], dict(options.get("connect_args") or {}))]


def bound_tables(db):
    """(table, bind) of every table that does not live in the default database."""
    for key, metadata in getattr(db, "metadatas", {None: db.metadata}).items():
        for table in metadata.tables.values():
            bind = key or table.info.get("bind_key")
            if bind is not None:
                yield table.fullname, bind


def url_text(url):
    """A URL as text with its password, on every SQLAlchemy."""
    if hasattr(url, "render_as_string"):
        return url.render_as_string(hide_password=False)
    return str(url)
