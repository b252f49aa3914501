"""Is the database at the newest revision, and what the models say? For the application itself, and for the script that starts it.

    from migrations.adopt import readiness

    state = readiness(app)                  # looks only, writes nothing: a health check, a start-up test
    state = readiness(app, upgrade=True)    # first runs what is pending, as `flask db upgrade` does: one after the other where
                                            # several servers start at once
    if not state.is_ready:
        sys.exit(str(state))

`python -m migrations.adopt deploy` is the same as a command.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.util import CommandError
from flask import current_app, has_app_context

from ..base.errors import AdoptError, NotUpgraded, RevisionUnknown, SeveralHeads
from ..base.urls import backend, redact
from ..history import loading, replay
from ..server import readonly
from . import check, preview

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..history.chain import Graph
    from ..history.loading import Database


ONE_AT_A_TIME = threading.Lock()  # Alembic keeps one environment for the whole process


class Ready:
    """What one database holds: the `revisions` of its `alembic_version`, `missing` tables and columns, all `differences`.

    `url` has its password hidden; `name` is "" for the default database, else the bind.
    """

    def __init__(self, name: str, url: str, comparison: Any) -> None:
        self.name, self.url = name, url
        self.revisions, self.heads = comparison.revisions, comparison.heads
        self.missing, self.differences = comparison.missing, comparison.code

    @property
    def is_at_head(self) -> bool:
        return set(self.revisions) == set(self.heads)

    @property
    def matches(self) -> bool:
        """Whether `flask db migrate` would find nothing."""
        return not self.differences

    @property
    def is_ready(self) -> bool:
        """The application can run on it: the newest revision, and no table or column of the models is missing."""
        return self.is_at_head and not self.missing

    def lines(self) -> Iterator[str]:
        at = ", ".join(self.revisions) or "no revision"
        yield f"{self.url} is at {at}" + (", the newest" if self.is_at_head else ", the newest is " + ", ".join(self.heads))
        for place in self.missing:
            yield f"{place} is in the models and not in the database"
        if self.differences and not self.missing:
            yield "the models and the database differ; `flask db migrate` would write:"
            for line in self.differences:
                yield "  " + line


class Readiness:
    """The answer for all databases of the application; `str()` of it says what is not in order."""

    def __init__(self, databases: Sequence[Ready]) -> None:
        self.databases = tuple(databases)

    @property
    def is_at_head(self) -> bool:
        """Every database is at the newest revision."""
        return all(one.is_at_head for one in self.databases)

    @property
    def matches(self) -> bool:
        """Every database is exactly what the models say, as far as Alembic compares."""
        return all(one.matches for one in self.databases)

    @property
    def is_ready(self) -> bool:
        """The application can run: every database is at the newest revision, and no table or column of the models is missing."""
        return all(one.is_ready for one in self.databases)

    def __str__(self) -> str:
        return "\n".join(line for one in self.databases for line in one.lines())


def readiness(app: Any = None, upgrade: bool = False) -> Readiness:
    """Look at every database of `app` (default: the current application); with `upgrade`, after what is pending has run.

    Without `upgrade` nothing is written anywhere. The upgrade is that of `flask db upgrade`: one after the other where several
    processes ask for it at once, and it stamps a database that has the tables of a revision and no stamp.

    Raises:
        SeveralHeads: no revision is the newest one, so nobody knows where to go; nothing was written.
        RevisionUnknown: a database is at a revision that this code does not have, as after going back to older code; nothing was
            written.
        NotUpgraded: a database has tables and no stamp, and is not what a revision builds; nothing was written.
        AdoptError: every other reason why a database cannot be read or changed; errors.py lists them. What a revision raises is not
            caught, nor what the driver does about one.
    """
    with ONE_AT_A_TIME, contextlib.ExitStack() as stack:
        if app is not None and not (has_app_context() and current_app._get_current_object() is app):  # type: ignore[attr-defined]  # a proxy's own method
            stack.enter_context(app.app_context())
        databases = loading.databases()
        if upgrade:
            require_one_way(replay.graph(), databases)
            run_pending()
        return Readiness([look(database) for database in databases])


def look(database: Database) -> Ready:
    with readonly.of(database) as connection:
        return Ready(database.name, redact(database.url), check.compare(connection, database.keys))


def run_pending() -> None:
    try:
        command.upgrade(replay.alembic_config(), "head")
    except SystemExit as error:  # of before_upgrade.py, which has said why
        raise NotUpgraded("a database has tables and no stamp, and is not what a revision builds; it is told above") from error
    except CommandError as error:
        if isinstance(error.__cause__, AdoptError):  # which env.py has put into words
            raise error.__cause__ from error.__cause__.__cause__
        raise


def require_one_way(graph: Graph, databases: Sequence[Database]) -> None:
    """Raise unless one revision is the newest, and every database is at one on the way to it; a server must have the database."""
    if len(graph.heads) > 1:
        raise SeveralHeads(graph.heads)
    for database in databases:
        lost = graph.unknown(preview.revisions_of(database, is_required=backend(database.url) != "sqlite"))
        if lost:
            raise RevisionUnknown(lost, redact(database.url))
