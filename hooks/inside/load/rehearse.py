"""Start the edited app on an empty database that the variable names: does it start, and does it follow the variable?

Every connection goes to the scratch database whatever the app asks for, so that an app which ignores the variable does no harm.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..base.messages import Rehearsed
from ..guard.connections import url_text
from .application import load_app, load_as_flask
from .databases import find_databases

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from ..base.messages import Request
    from .types import Session


def rehearse(session: Session) -> None:
    """Emit "rehearsed"; a `Stop` is the reason why the app does not start.

    The app is the one that a plain `flask` finds where the request's `by_flask` says so, else the one that it names.
    """
    request, play = session.request, session.policy.play
    bring_driver(request.base_url or "")
    os.environ[request.variable] = url_text(play)  # type: ignore[arg-type]  # it is set
    with session.pipe.step("load"):
        app = (load_as_flask if request.by_flask else load_app)(request, session)
        context = app.app_context()
        context.push()
        found = find_databases(app, session)
    default_url, same_database = found.default_url, session.adopt("urls").same_database
    followed = [one for one in found.databases if same_database(one.url, play)]
    of_models = {table.name for one in followed for table in one.tables if not table.schema}
    with session.policy.permitted():
        names = table_names(session.adopt("engines").engine(play))
    session.pipe.emit(
        Rehearsed(
            follows_variable=default_url is not None and same_database(default_url, play),
            has_default=default_url is not None,
            binds_that_follow=[key for one in followed for key in one.keys if key is not None],
            testing=bool(app.config.get("TESTING")),
            tables=len(names),
            some_of_models=sorted(of_models.intersection(names)) if of_models.difference(names) else [],
        )
    )


def beside(request: Request) -> str | None:
    """The URL that the play database is made beside; None where an empty one is given, and nothing else is known yet.

    With no `base_url` it is an SQLite file.
    """
    url = request.base_url
    if url and url == os.environ.get("EMPTY_DATABASE_URL"):
        return None
    return url or "sqlite:///" + os.path.join(request.root, "app.db")


def bring_driver(url: str) -> None:
    """Let PyMySQL stand for MySQLdb, as the application does that was loaded with this URL before."""
    if url.startswith(("mysql://", "mariadb://")) and not find_spec("MySQLdb") and find_spec("pymysql"):
        import pymysql  # type: ignore[import-untyped]

        pymysql.install_as_MySQLdb()


def table_names(engine: Engine) -> list[str]:
    """The tables of a database in its default schema."""
    from sqlalchemy import inspect

    return inspect(engine).get_table_names()
