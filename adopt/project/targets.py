"""The databases of the application, and which of its binds lead to each: what env.py loops over.

A bind is a key of SQLALCHEMY_BINDS; the default one has the key None. One that has no model, and where no revision does anything,
is left out, the default one too: a database of somebody else, which is only read, gets no `alembic_version`. Two keys with one URL
are one database: one connection, one `alembic_version`, and the functions of both.

Flask-SQLAlchemy 3 has one metadata for each bind; before, one metadata held all tables, each with its key in `info`.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from alembic.util import CommandError
from flask import current_app

from ..base import urls
from ..base.log import log
from . import old_scheme, revisions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from alembic.script import ScriptDirectory
    from sqlalchemy import MetaData, Table
    from sqlalchemy.engine import URL, Engine

    from ..base.types import FlaskDatabase


class Bind:
    """One bind: its key, the name that its functions in a revision have (`upgrade_<name>`), and the metadata of its models."""

    def __init__(self, key: str | None, metadata: Any, is_shared: bool) -> None:
        self.key, self.name, self.metadata = key, function_name(key), metadata
        self._is_shared = is_shared

    def owns(self, table: Table) -> bool:
        """Whether a table of the metadata lives in this bind."""
        return not self._is_shared or table.info.get("bind_key") == self.key

    def metadatas(self) -> list[MetaData]:
        """One in a list; more, or none, where `Migrate(target_metadata=[...])` or the models say so."""
        several = self.metadata if isinstance(self.metadata, (list, tuple)) else [self.metadata]
        return [one for one in several if one is not None]

    def tables(self) -> list[Table]:
        """The tables of its models, also those that are views."""
        return [table for metadata in self.metadatas() for table in metadata.tables.values() if self.owns(table)]


class Target:
    """One database, the engine that connects to it, and the binds that lead there, the default one first."""

    def __init__(self, engine: Any, binds: list[Bind]) -> None:
        self.engine, self.binds = engine, binds

    @property
    def name(self) -> str:
        """What its parts of a revision are called by; "" for the default database."""
        return self.binds[0].name

    @property
    def keys(self) -> tuple[str | None, ...]:
        return tuple(bind.key for bind in self.binds)

    def __str__(self) -> str:
        """The binds that lead there, as people read them."""
        return shown(self.keys)

    def functions(self, direction: str) -> set[str]:
        """The names of those functions of a revision that run here."""
        names = {f"{direction}_{bind.name}" for bind in self.binds}
        return names | {direction} if None in self.keys else names

    def schemas(self) -> set[str]:
        """The schemas that its models name."""
        return {table.schema for bind in self.binds for table in bind.tables() if table.schema}


def group(binds: Iterable[Bind]) -> list[Target]:
    """The databases that these binds lead to."""
    db = current_app.extensions["migrate"].db
    found: list[Target] = []
    for bind in binds:
        engine = engine_of(db, bind.key)
        same = [target for target in found if is_same_database(db, bind.key, target.keys[0])]
        if same:
            same[0].binds.append(bind)
        else:
            found.append(Target(engine, [bind]))
    return found


def of_keys(keys: Collection[str | None]) -> Target:
    """The binds with these keys as one database, wherever they lead: for a connection of the caller's."""
    return Target(None, [bind for bind in all_binds() if bind.key in keys])


def binds(script: ScriptDirectory) -> list[Bind]:
    """The binds to migrate, the default one first: those with a model, and those where some revision does something.

    `script` is the ScriptDirectory of the revisions; it reads them only where that matters.
    """
    every = all_binds()
    warn_of_missing([bind.key for bind in every])
    found = [bind for bind in every if bind.tables() or revisions.any_acts(script, bind)] or every[:1]
    if len({bind.name for bind in found}) < len(found):
        raise CommandError("Two keys of SQLALCHEMY_BINDS differ only in characters that no Python function can have: rename one.")
    return found


def warn_of_missing(keys: Iterable[str | None]) -> None:
    """Say which binds have models and no URL: their tables are left alone here, which may be meant, as in tests."""
    db = current_app.extensions["migrate"].db
    if hasattr(db, "metadatas"):
        used = {key for key, metadata in db.metadatas.items() if metadata.tables}
    else:
        used = {table.info.get("bind_key") for table in db.metadata.tables.values()}
    for key in sorted(used - set(keys) - {None}, key=str):
        log.warning("The bind %s has models and is not in SQLALCHEMY_BINDS: its tables are left alone.", key)


def all_binds() -> list[Bind]:
    """Every configured bind, the default one first."""
    db = current_app.extensions["migrate"].db
    return [Bind(key, *metadata_of(db, key)) for key in configured_keys(db)]


def configured_keys(db: FlaskDatabase) -> list[str | None]:
    if hasattr(type(db), "engines"):
        return sorted(db.engines, key=lambda key: key is not None)
    return [None] + [key for key in current_app.config.get("SQLALCHEMY_BINDS") or () if key is not None]


def metadata_of(db: FlaskDatabase, key: str | None) -> tuple[Any, bool]:
    """(the metadata that has the tables of a bind, whether it also has those of others).

    The `target_metadata` of `Migrate(...)` is the default bind's.
    """
    given = current_app.extensions["migrate"].configure_args.get("target_metadata")
    if key is None and given is not None:
        return given, False
    if hasattr(db, "metadatas"):
        return db.metadatas.get(key), False
    return db.metadata, True


def engine_of(db: FlaskDatabase, key: str | None) -> Engine:
    """The engine of a bind, which Flask-SQLAlchemy 2 makes when it is first asked for.

    Raises:
        OldScheme: SQLAlchemy refuses its URL.
    """
    with old_scheme.explained():
        if key is None:
            return db.engine
        if hasattr(type(db), "engines"):
            return db.engines[key]
        return db.get_engine(current_app._get_current_object(), key)  # type: ignore[attr-defined]  # a proxy's own method


def connect_args(db: FlaskDatabase, key: str | None) -> dict[str, Any]:
    """What the driver is given besides the URL: https://flask-sqlalchemy.readthedocs.io/en/stable/config/"""
    options = dict(getattr(db, "_engine_options", None) or {})
    if key is None or not hasattr(db, "metadatas"):  # Flask-SQLAlchemy 2 gives them to every engine
        options.update(current_app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {})
    configured = (current_app.config.get("SQLALCHEMY_BINDS") or {}).get(key)
    if isinstance(configured, dict):
        options.update(configured)
    return dict(options.get("connect_args") or {})


def configured_urls(db: FlaskDatabase) -> Iterator[URL | str]:
    """The URLs of every database that the application can reach, also of binds without a model."""
    if hasattr(type(db), "engines"):
        yield from (engine.url for engine in db.engines.values())
    else:
        yield db.engine.url
    for value in (current_app.config.get("SQLALCHEMY_BINDS") or {}).values():
        url = value.get("url") if isinstance(value, dict) else value
        if url:
            yield url


def is_same_database(db: FlaskDatabase, key: str | None, other: str | None) -> bool:
    """Whether two binds lead to the same tables: not where one of them says that its own are in another schema."""
    return view_of(db, key) == view_of(db, other) and urls.same_database(engine_of(db, key).url, engine_of(db, other).url)


def view_of(db: FlaskDatabase, key: str | None) -> tuple[Any, ...]:
    """What a bind changes about where its tables are: the search path of PostgreSQL, or other names for schemas."""
    engine = engine_of(db, key)
    renamed = engine.get_execution_options().get("schema_translate_map") if hasattr(engine, "get_execution_options") else None
    # SQLAlchemy before 1.4 has None for no options
    return renamed, (engine.url.query or {}).get("options"), connect_args(db, key).get("options")  # type: ignore[call-overload]


def shown(keys: Iterable[str | None]) -> str:
    """Bind keys as people read them."""
    return ", ".join("<default>" if key is None else str(key) for key in keys)


def function_name(key: str | None) -> str:
    """The name that stands for a bind in `upgrade_<name>`: "my-bind" is `my_bind`, the default one "" as in Flask-Migrate."""
    if key is None:
        return ""
    return "".join(letter if ("_" + letter).isidentifier() else "_" for letter in unicodedata.normalize("NFKC", str(key)))
