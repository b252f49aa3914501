"""The databases that the models of the loaded application live in, each with its engine, its tables and its binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base.stop import Stop
from .causes import stop_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flask import Flask
    from sqlalchemy import MetaData, Table
    from sqlalchemy.engine import URL

    from adopt.project.targets import Bind, Target

    from ..base.types import AppDatabase, AttachedMigrate, ConnectArgs
    from .types import Sequences, Session


class LoadedDatabase:
    """One database of the application, as `migrations/adopt/targets.py` finds it; `connect_args` are its engine's own.

    `url` is where the team's configuration leads, though the engine of the loaded application leads to a play database.

    `keys` are the binds that lead to it, None being the default one; `name` is what people call it, "" for the default one.
    """

    def __init__(self, db: AppDatabase, target: Target, url: URL, connect_args: ConnectArgs | None) -> None:
        self.db, self.binds, self.url, self.connect_args = db, target.binds, url, connect_args
        self.name, self.keys = target.name, target.keys
        self.dialect = target.engine.dialect

    @property
    def tables(self) -> list[Table]:
        """Those of the models, as they are registered now."""
        return [table for bind in self.binds for table in bind.tables()]

    @property
    def schemas(self) -> list[str]:
        """The schemas that models name, sorted; the default one is not among them."""
        return sorted({table.schema for table in self.tables if table.schema})


class Configured:
    """The databases of the loaded app inside its app context: `databases` are those with models, the default one first.

    `spare` are the binds without a model, `default_url` is that of the default database, None where there is none.
    """

    def __init__(self, db: AppDatabase, databases: list[LoadedDatabase], spare: list[Bind], default: URL | None) -> None:
        self.db, self.databases, self.spare, self.default_url = db, databases, spare, default

    def tables(self) -> list[Table]:
        """Those of all models, as they are registered now."""
        binds = [bind for database in self.databases for bind in database.binds] + self.spare
        return [table for bind in binds for table in bind.tables()]

    def spare_databases(self, session: Session) -> Iterator[LoadedDatabase]:
        """The databases of the binds without a model, those that an engine can be made for."""
        targets = session.adopt("targets")
        for bind in self.spare:
            try:
                (target,) = targets.group([bind])
            except Exception:  # noqa: BLE001 - a driver that is missing: nothing needs it
                continue
            yield loaded_database(self.db, target, session)


def sequences_of(metadata: MetaData) -> Sequences:
    """The sequences that have been made with a metadata, by schema and name."""
    return {(one.schema, one.name): one for one in getattr(metadata, "_sequences", {}).values()}


def find_databases(app: Flask, session: Session) -> Configured:
    """What the application is configured with.

    Raises:
        Stop: no `SQLAlchemy` object is attached, or Flask-Migrate is not, or the binds cannot have migrations as they are.
    """
    db, targets = migrated(app), session.adopt("targets")
    try:
        every = targets.all_binds()
        used = [bind for bind in every if bind.tables()] or every[:1]
        found = targets.group(used)
        default = targets.engine_of(db, None).url if any(bind.key is None for bind in every) else None
    except Exception as error:  # a driver that is missing, a URL that cannot be parsed: theirs
        raise stop_for(error, session.record) from error
    require_configured(db, {bind.key for bind in every})
    require_names(used)
    databases = [loaded_database(db, target, session) for target in found]
    return Configured(db, databases, [bind for bind in every if bind not in used], default)


def loaded_database(db: AppDatabase, target: Target, session: Session) -> LoadedDatabase:
    """The database behind a target of the loaded application."""
    from sqlalchemy.engine.url import make_url

    url = make_url(session.redirect.real(target.engine.url, target.keys[0]))
    return LoadedDatabase(db, target, url, session.adopt("targets").connect_args(db, target.keys[0]))


def migrated(app: Flask) -> AppDatabase:
    """The `SQLAlchemy` object that Flask-Migrate works on.

    Raises:
        Stop: none is attached, or Flask-Migrate is not.
    """
    extension: AppDatabase | None = app.extensions.get("sqlalchemy")
    if extension is None:
        raise Stop("app-has-no-database")
    migrate: AttachedMigrate | None = app.extensions.get("migrate")
    if migrate is None:
        raise Stop("migrate-not-attached")
    if getattr(migrate, "db", None) is not None:
        return migrate.db
    return getattr(extension, "db", None) or extension


def require_configured(db: AppDatabase, keys: Collection[str | None]) -> None:
    """Every bind that a model names has a URL.

    Raises:
        Stop: some have none; names their tables.
    """
    missing = sorted("%s is in the bind %s" % (table, bind) for table, bind in bound_tables(db) if bind not in keys)
    if missing:
        raise Stop("bind-not-configured", binds=missing)


def require_names(binds: Sequence[Bind]) -> None:
    """Each bind has functions of its own in a revision, `upgrade_<name>`.

    Raises:
        Stop: two keys make the same name.
    """
    names: dict[str, list[str]] = {}
    for bind in binds:
        names.setdefault(bind.name, []).append(str(bind.key))
    alike = sorted(keys for keys in names.values() if len(keys) > 1)
    if alike:
        raise Stop("binds-alike", binds=[", ".join(keys) for keys in alike])


def require_once(database: LoadedDatabase) -> None:
    """No table is in two binds that lead to one database.

    Raises:
        Stop: names those that are.
    """
    places: dict[str, list[str]] = {}
    for bind in database.binds:
        for table in bind.tables():
            places.setdefault(table.fullname, []).append("the default one" if bind.key is None else str(bind.key))
    twice = sorted("%s: %s" % (name, ", ".join(keys)) for name, keys in places.items() if len(keys) > 1)
    if twice:
        raise Stop("table-in-two-binds", tables=twice)


def bound_tables(db: AppDatabase) -> Iterator[tuple[str, str]]:
    """(table, bind) of every table that does not live in the default database."""
    for key, metadata in getattr(db, "metadatas", {None: db.metadata}).items():
        for table in metadata.tables.values():
            bind = key or table.info.get("bind_key")
            if bind is not None:
                yield table.fullname, bind
