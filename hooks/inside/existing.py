"""Look at the existing database, read-only: is it there, is it stamped, what is its schema?"""

from __future__ import annotations

from . import extensions
from .stop import Stop

PRESENT, ABSENT, UNREACHABLE = "present", "absent", "unreachable"


class Existing:
    """What was seen; `snapshot` is None unless the state is PRESENT, `reason` says why not.

    `dialect` is one that knows its server's version, `extensions` those of a PostgreSQL database (extensions.py), `objects` what it
    has beside tables.
    """

    def __init__(self, state, snapshot=None, reason="", extensions=None, dialect=None, objects=()):
        self.state, self.snapshot, self.reason, self.objects = state, snapshot, reason, objects
        self.extensions, self.dialect = extensions, dialect

    @property
    def table_names(self):
        """Its tables by their bare names, or None where there is none to ask."""
        if self.snapshot is None:
            return None
        return {name.rpartition(".")[2] for name in self.snapshot["tables"]} | set(self.snapshot["tables"])


def examine(session, database):
    """The state of the app's default database.

    Raises:
        Stop: it is stamped with a revision already, or another session keeps it locked.
    """
    errors, readonly, urls = session.adopt("errors"), session.adopt("readonly"), session.adopt("urls")
    label = urls.redact(database.url)
    if urls.backend(database.url) == "sqlite" and urls.sqlite_path(database.url) is None:
        return Existing(ABSENT, reason="the application uses a database in memory")
    if urls.backend(database.url) not in ("sqlite", "postgresql", "mysql"):
        return Existing(UNREACHABLE, reason="a database of %s cannot be opened read-only here" % urls.backend(database.url))
    try:
        with session.policy.permitted(), readonly.connect(database.url, database.connect_args) as connection:
            require_unstamped(connection, label, session.request["revision"]["id"])
            snapshot = session.adopt("snapshot").take(connection, schemas=database.schemas)
            if not snapshot["tables"]:
                return Existing(ABSENT, reason="it has no table yet")
            more = {"extensions": extensions.read(connection), "dialect": connection.dialect}
            return Existing(PRESENT, snapshot, objects=session.adopt("objects").take(connection, database.schemas), **more)
    except errors.DatabaseMissing as error:
        return Existing(ABSENT, reason=error.reason)
    except errors.DatabaseLocked as error:
        raise Stop("database-locked", database=label, message=error.reason) from error
    except errors.DatabaseUnreachable as error:
        return Existing(UNREACHABLE, reason=error.reason)


def require_unstamped(connection, label, own_revision):
    """Raise where `alembic_version` holds a row; an empty one is what `flask db migrate` leaves behind, and is no stamp.

    `own_revision` is fine: a run that was killed right after it had stamped hands its id on to the next one.
    """
    from sqlalchemy import inspect, text

    if "alembic_version" in inspect(connection).get_table_names():
        revisions = [row[0] for row in connection.execute(text("SELECT version_num FROM alembic_version"))]
        if revisions and revisions != [own_revision]:
            raise Stop("already-stamped", database=label, revision=", ".join(revisions))
