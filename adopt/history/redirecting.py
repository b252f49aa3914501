"""What an application reaches while it is loaded: a play database in the place of each of its own, as long as it starts on that.

    PLAY       each engine connects to an empty play database, made when it is connected to first
    EXISTING   the existing database where it has tables, read-only; an empty play database where it is absent or empty

The URLs that the application sees stay as they are: what its engines connect to is another place, which the keeper makes. It takes
a fingerprint of each existing database before the application's code runs, where that can be known (named.py), else when it is
attached or an engine first connects; it is compared when the application is loaded. In a process that is for reading this goes on
until it ends, for what the application has begun; a revision that is run on a scratch database, and asks an engine of the
application, gets the existing one, read-only. Our own engines are in engines.py, and are not redirected. Neither are drivers used
without SQLAlchemy.
"""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING, Any, NoReturn

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Engine

from ..base.errors import DatabaseChanged, DatabaseMissing, DatabaseUnreachable, NotOnEmptyDatabase
from ..base.urls import backend, make_url, replace, sqlite_path
from ..server import readonly
from . import named, replay
from .keeper import EXISTING, PLAY, Keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy.engine import URL


__all__ = ["EXISTING", "PLAY"]
# what drivers call the parts of a location
NAMES = {
    "username": ("user", "username"),
    "password": ("password", "passwd"),
    "host": ("host",),
    "port": ("port",),
    "database": ("dbname", "database", "db"),
}


KEEPERS: list[Any] = []  # the last one is asked, a parent's; without any a new one


class Redirection:
    """The connections of one loading: `is_used` where any was asked for, `needs_tables` where models come from the database."""

    def __init__(self, rung: str) -> None:
        self._dialects: list[tuple[Any, URL, Any]]
        self._rung, self._dialects = rung, []
        self._keeper = KEEPERS[-1] if KEEPERS else Keeper()
        self.is_used = self.needs_tables = False

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Redirect every connection that an engine of the application opens, meanwhile or from now on.

        Raises:
            DatabaseChanged: an existing database was changed meanwhile.
        """
        for url in named.before_loading():
            self._keeper.look(url)
        original = MetaData.reflect
        if self._rung == PLAY:
            MetaData.reflect = self._refuse_to_reflect  # type: ignore[method-assign]
        event.listen(Engine, "do_connect", self._connect)
        attach = SQLAlchemy.init_app
        SQLAlchemy.init_app = self._noting(attach)  # type: ignore[method-assign]
        try:
            yield
        finally:
            SQLAlchemy.init_app = attach  # type: ignore[method-assign]
            if not self._keeper.is_for_reading:
                event.remove(Engine, "do_connect", self._connect)
            MetaData.reflect = original  # type: ignore[method-assign]
            changes = self._keeper.end()
            if changes:
                raise DatabaseChanged(changes)
            for dialect, url, connect_args in self._dialects:
                belongs_to(dialect, url, connect_args)

    def _noting(self, attach: Callable[..., Any]) -> Callable[..., Any]:
        """`SQLAlchemy.init_app`; the databases that it attaches are looked at before more of the application's code runs."""

        @functools.wraps(attach)
        def init_app(db: Any, app: Any, *args: Any, **kwargs: Any) -> Any:
            result = attach(db, app, *args, **kwargs)
            for url in attached_urls(db, app):
                self._keeper.look(url)
            return result

        return init_app

    def _connect(self, dialect: Any, record: object, arguments: Any, options: dict[str, Any]) -> Any:
        """The connection of the driver that an engine asks for; None, which is where it asks for, to a database in memory."""
        self.is_used = True
        url = url_of(dialect, arguments, options)
        if url is None:  # in memory, or a driver that names its places in another way
            return self._read_only(dialect, arguments, options) if dialect.name != "sqlite" else None
        connect_args = without_location(options)
        rung = EXISTING if replay.ENVIRONMENT._is_owned() else self._rung  # type: ignore[attr-defined]  # a lock has no other way to tell
        made = self._keeper.play(url, connect_args, rung)
        if made is None:
            return self._read_only(dialect, arguments, options)
        if not any(one[0] is dialect for one in self._dialects):
            self._dialects.append((dialect, url, connect_args))
        given, more = dialect.create_connect_args(made)
        if dialect.name == "sqlite":
            return dialect.connect(*given, **{name: value for name, value in options.items() if name != "uri"})
        return dialect.connect(*given, **dict(connect_args, **more))

    def _read_only(self, dialect: Any, arguments: Any, options: dict[str, Any]) -> Any:
        if dialect.name == "sqlite":
            return readonly.open_sqlite(replace("sqlite://", database=arguments[0]), options)
        connection = dialect.connect(*arguments, **readonly.arguments(dialect.driver, options))
        readonly.protect(connection, dialect.name)
        return connection

    def _refuse_to_reflect(self, *args: object, **kwargs: object) -> NoReturn:
        self.is_used = self.needs_tables = True
        raise NotOnEmptyDatabase


def belongs_to(dialect: Any, url: URL, connect_args: Mapping[str, Any] | None) -> None:
    """Let the dialect of an engine that was connected to a play database know where it is from now on."""
    if dialect.name in ("mysql", "mariadb"):
        dialect.default_schema_name = url.database
    elif dialect.name == "postgresql":
        with contextlib.suppress(DatabaseMissing, DatabaseUnreachable):
            with readonly.connect(url, connect_args) as connection:
                dialect.default_schema_name = connection.dialect.default_schema_name


def attached_urls(db: Any, app: Any) -> list[URL]:
    """The URLs of the databases that were attached just now; Flask-SQLAlchemy 2 reads the configuration when they are used."""
    if hasattr(type(db), "engines"):
        with app.app_context():
            return [engine.url for engine in db.engines.values()]
    said = [app.config.get("SQLALCHEMY_DATABASE_URI"), *(app.config.get("SQLALCHEMY_BINDS") or {}).values()]
    found = [make_url(one) for one in said if isinstance(one, str) and one]
    return [one for one in found if backend(one) in named.KINDS and (backend(one) != "sqlite" or os.path.isabs(one.database or ""))]


def url_of(dialect: Any, arguments: Any, options: Mapping[str, Any]) -> URL | None:
    """The URL of what a driver is asked to connect to; None where these do not say."""
    if dialect.name == "sqlite":
        url = replace("sqlite://", database=str(arguments[0])) if arguments else None
        return url if url is not None and sqlite_path(url) is not None else None
    parts: dict[str, Any]
    parts = {part: next((options[name] for name in names if options.get(name)), None) for part, names in NAMES.items()}
    if dialect.name not in ("postgresql", "mysql", "mariadb") or not parts["database"] or arguments:
        return None
    parts = {part: value for part, value in parts.items() if value is not None}
    if "port" in parts:
        parts["port"] = int(parts["port"])
    sockets = {}
    if str(parts.get("host", "")).startswith("/"):
        sockets["host"] = parts.pop("host")
    if options.get("unix_socket"):
        sockets["unix_socket"] = options["unix_socket"]
    url = replace(make_url(f"{dialect.name}+{dialect.driver}://"), **parts)
    return replace(url, query=sockets) if sockets else url


def without_location(options: Mapping[str, Any]) -> dict[str, Any]:
    """What a driver is given besides the place to connect to."""
    names = {name for several in NAMES.values() for name in several} | {"unix_socket"}
    return {name: value for name, value in options.items() if name not in names}
