"""Which database the applications have that something has built: the URLs of their engines, not what their configuration says.

Flask-SQLAlchemy 3 makes its engines when it is attached, and what the configuration is given later counts for nothing; before, each
engine is made when it is used first, from what the configuration says then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..guard.connections import url_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

    from ..base.types import Facts


KEY, BINDS = "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS"


def facts_of(values: Iterable[object], name: str, token: str, path: str = "") -> list[Facts]:
    """Facts of each application among `values`, or behind one of them, that has a database."""
    found, seen = [], set()
    for app in (app for value in values for app in applications(value)):
        urls = urls_of(app)
        if id(app) in seen or urls is None:
            continue
        seen.add(id(app))
        follows = any(token in url for url in urls)
        testing = bool(app.config.get("TESTING"))
        found.append({"kind": "build", "name": name, "path": path, "testing": testing, "follows": follows})
    return found


def applications(value: object) -> list[Flask]:
    """The Flask objects in what a fixture, a factory or a test holds: itself, a client's, those of a tuple."""
    from flask import Flask

    if isinstance(value, Flask):
        return [value]
    if isinstance(value, (tuple, list)):
        return [app for one in value for app in applications(one)]
    found = []
    for name in ("application", "app", "flask_app"):
        inner = getattr(value, "__dict__", {}).get(name)
        if isinstance(inner, Flask):
            found.append(inner)
    return found


def urls_of(app: Flask) -> list[str] | None:
    """The URLs of the application's databases, as text; None where no database is attached to it."""
    extension = app.extensions.get("sqlalchemy")
    if extension is None:
        return None
    db = getattr(extension, "db", None) or extension
    engines = getattr(db, "_app_engines", None)
    if engines is not None:
        return [url_text(engine.url) for engine in engines.get(app, {}).values()]
    return [str(app.config.get(KEY)), str(app.config.get(BINDS))]


def because(error: BaseException) -> str:
    """An exception in one line."""
    return "%s: %s" % (type(error).__name__, (str(error).splitlines() or [""])[0][:200])
