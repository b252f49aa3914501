"""Which databases the application is configured with, known from the moment in which it attaches its `SQLAlchemy` object.

The policy of `connections.py` asks here while the application is loaded on empty databases: each of its binds has one of its own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy.engine import URL, Engine

    from ..base.types import AnyURL, AppDatabase, Module
    from .redirect import Redirect


class Attached:
    """The (SQLAlchemy object, application) `pairs` that have met so far.

    `same_database` tells whether two URLs are one database; `redirect` says where the application is sent. Each function in
    `on_attach` is called with a new pair.
    """

    def __init__(self, same_database: Callable[[AnyURL, AnyURL], bool], redirect: Redirect) -> None:
        self.pairs: list[tuple[AppDatabase, Flask]]
        self.on_attach: list[Callable[[AppDatabase, Flask], None]]
        self.pairs, self.on_attach = [], []
        self._same_database, self._redirect = same_database, redirect

    def patches(self) -> dict[str, Callable[[Module], None]]:
        """What to patch on import, for `PatchOnImport`."""
        return {"flask_sqlalchemy": self._patch}

    def _patch(self, module: Module) -> None:
        original = module.SQLAlchemy.init_app

        @functools.wraps(original)
        def init_app(db: AppDatabase, app: Flask, *args: Any, **kwargs: Any) -> Any:
            self._redirect.configuration(app.config)
            result = original(db, app, *args, **kwargs)
            self.pairs.append((db, app))
            for function in self.on_attach:
                function(db, app)
            return result

        module.SQLAlchemy.init_app = init_app
        connector = getattr(module, "_EngineConnector", None)
        if connector is not None:  # Flask-SQLAlchemy 2 reads the configuration when a database is used first
            read = connector.get_uri
            connector.get_uri = lambda this: self._redirect.setting(read(this))

    @staticmethod
    def engines_of(db: AppDatabase, app: Flask) -> dict[str | None, Engine] | None:
        """{bind: engine} where Flask-SQLAlchemy makes them as it is attached, else None."""
        of_app = getattr(db, "_app_engines", None)
        return None if of_app is None else dict(of_app.get(app, {}))

    def urls_of(self, db: AppDatabase, app: Flask) -> list[tuple[str | None, URL]]:
        """(bind, URL) of every configured database; one that no engine can be made for is left out."""
        engines = self.engines_of(db, app)
        if engines is not None:
            return [(key, engine.url) for key, engine in engines.items()]
        found = []
        for key in [None, *(app.config.get("SQLALCHEMY_BINDS") or {})]:
            try:
                found.append((key, db.get_engine(app, key).url))
            except Exception:  # noqa: BLE001 - a driver that is missing, no default database: told where it is used
                continue
        return found

    def engines(self) -> Iterator[tuple[str | None, Engine]]:
        """(bind, engine) of every engine that there is; the default database's bind is None."""
        for db, app in self.pairs:
            of_app = self.engines_of(db, app)
            if of_app is not None:
                yield from of_app.items()
            else:  # before, each is made when it is used first
                connectors = getattr(app.extensions.get("sqlalchemy"), "connectors", {})
                yield from [
                    (key, one._engine) for key, one in list(connectors.items()) if getattr(one, "_engine", None) is not None
                ]

    def default_url(self) -> URL | None:
        """Where the default database is, None where that is not known."""
        return next((engine.url for key, engine in self.engines() if key is None), None)

    def bind_at(self, url: AnyURL) -> tuple[str, URL] | None:
        """(name, URL) of the bind that leads to the database at `url`; None where that is the default one, or no bind's."""
        if any(key is None and self._same_database(engine.url, url) for key, engine in self.engines()):
            return None
        for key, engine in self.engines():
            if key is not None and self._same_database(engine.url, url) and not self._is_default(key):
                return key, engine.url
        return None

    def _is_default(self, key: str | None) -> bool:
        """Whether a bind is written as the default database is, whose engine may not be there yet."""
        for _, app in self.pairs:
            bind = (app.config.get("SQLALCHEMY_BINDS") or {}).get(key)
            url = bind.get("url") if isinstance(bind, dict) else bind
            if url is not None and str(url) == str(app.config.get("SQLALCHEMY_DATABASE_URI")):
                return True
        return False
