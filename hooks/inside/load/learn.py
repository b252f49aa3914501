"""Learn which databases the application is configured with: load it as the team runs it, with every connection refused.

It ends as soon as that is known. Flask-SQLAlchemy 3 reads its configuration when it is attached; 2 reads it when a database is used
first, so there the application is loaded to its end, or to its first question to a database.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

from ..base.arguments import packed
from ..base.messages import Learned
from ..base.stop import Stop
from ..guard.connections import url_text
from .application import load_app, load_as_flask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from ..base.types import AppDatabase
    from .types import Session


class Known(BaseException):
    """All is known: nothing more of the application need be run."""


def learn(session: Session) -> None:
    """Send "learned": its databases, the environment variables that it has set, and what it could not connect to meanwhile."""
    before = dict(os.environ)

    def attached(db: AppDatabase, app: Flask) -> None:
        if session.attached.engines_of(db, app) is not None:  # Flask-SQLAlchemy 3
            raise Known

    session.attached.on_attach.append(attached)
    try:
        (load_as_flask if session.request.by_flask else load_app)(session.request, session)
    except (Known, Stop):
        pass  # what is attached by then is known; why the rest fails is told by the process that loads it in earnest
    databases = [fact for db, app in session.attached.pairs for fact in facts_of(session, db, app)]
    set_by_it = {name: value for name, value in os.environ.items() if before.get(name) != value}
    refused = dataclasses.asdict(session.refused)
    session.pipe.emit(Learned(), private={"databases": databases, "environ": set_by_it, "refused": refused})


def facts_of(session: Session, db: AppDatabase, app: Flask) -> Iterator[dict[str, Any]]:
    """Each database of one `SQLAlchemy` object: its bind, its URL, what the configuration says, and what its driver gets."""
    binds = dict(app.config.get("SQLALCHEMY_BINDS") or {})
    targets = session.adopt("targets")
    for key, url in session.attached.urls_of(db, app):
        said = app.config.get("SQLALCHEMY_DATABASE_URI") if key is None and key not in binds else binds.get(key)
        said = said.get("url") if isinstance(said, dict) else said
        with app.app_context():
            arguments = packed(targets.connect_args(db, key))
        yield {
            "key": key,
            "url": url_text(url),
            "said": said if isinstance(said, str) else url_text(said) if said is not None else "",
            "connect_args": arguments,
        }
