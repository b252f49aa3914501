"""Which databases the application is configured with, known from the moment in which it attaches its `SQLAlchemy` object.

The policy of `connections.py` asks here while the application is loaded on empty databases: each of its binds has one of its own.
"""

from __future__ import annotations

import functools


class Attached:
    """The (SQLAlchemy object, application) pairs that have met so far; `same_database` tells whether two URLs are one database."""

    def __init__(self, same_database):
        self._pairs, self._same_database = [], same_database

    def patches(self):
        """What to patch on import, for `PatchOnImport`."""
        return {"flask_sqlalchemy": self._patch}

    def _patch(self, module):
        original, pairs = module.SQLAlchemy.init_app, self._pairs

        @functools.wraps(original)
        def init_app(self, app, *args, **kwargs):
            result = original(self, app, *args, **kwargs)
            pairs.append((self, app))
            return result

        module.SQLAlchemy.init_app = init_app

    def engines(self):
        """(bind, engine) of every engine that there is; the default database's bind is None."""
        for db, app in self._pairs:
            of_app = getattr(db, "_app_engines", None)
            if of_app is not None:  # Flask-SQLAlchemy 3
                yield from list(of_app.get(app, {}).items())
            else:  # before, each is made when it is used first
                connectors = getattr(app.extensions.get("sqlalchemy"), "connectors", {})
                yield from [
                    (key, one._engine) for key, one in list(connectors.items()) if getattr(one, "_engine", None) is not None
                ]

    def default_url(self):
        """Where the default database is, None where that is not known."""
        return next((engine.url for key, engine in self.engines() if key is None), None)

    def bind_at(self, url):
        """(name, URL) of the bind that leads to the database at `url`; None where that is the default one, or no bind's."""
        if any(key is None and self._same_database(engine.url, url) for key, engine in self.engines()):
            return None
        for key, engine in self.engines():
            if key is not None and self._same_database(engine.url, url) and not self._is_default(key):
                return key, engine.url
        return None

    def _is_default(self, key):
        """Whether a bind is written as the default database is, whose engine may not be there yet."""
        for _, app in self._pairs:
            bind = (app.config.get("SQLALCHEMY_BINDS") or {}).get(key)
            url = bind.get("url") if isinstance(bind, dict) else bind
            if url is not None and str(url) == str(app.config.get("SQLALCHEMY_DATABASE_URI")):
                return True
        return False
