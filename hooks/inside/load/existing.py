"""Look at the existing database, read-only: is it there, is it stamped, what is its schema?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..base.stop import Stop
from . import extensions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.sql.compiler import IdentifierPreparer

    from adopt.base.types import Snapshot

    from ..base.types import Adopt, AnyURL, ConnectArgs, Facts
    from .extensions import Extensions


PRESENT, ABSENT, UNREACHABLE = "present", "absent", "unreachable"


class Existing:
    """What was seen; `snapshot` is None unless the state is PRESENT, `reason` says why not.

    `server` is what its server is, None where it was not asked, `extensions` those of a PostgreSQL database (extensions.py),
    `objects` what it has beside tables.
    """

    def __init__(
        self,
        state: str,
        snapshot: Snapshot | None = None,
        reason: str = "",
        extensions: Extensions | None = None,
        server: Server | None = None,
        objects: Sequence[Facts] = (),
    ) -> None:
        self.state, self.snapshot, self.reason, self.objects = state, snapshot, reason, objects
        self.extensions, self.server = extensions, server

    @property
    def table_names(self) -> set[str] | None:
        """Its tables by their bare names, or None where there is none to ask."""
        if self.snapshot is None:
            return None
        return {name.rpartition(".")[2] for name in self.snapshot["tables"]} | set(self.snapshot["tables"])


class Server:
    """What a dialect has learned of its server by connecting to it, as data."""

    def __init__(self, facts: Mapping[str, object], preparer: type[IdentifierPreparer]) -> None:
        self._facts, self._preparer = facts, preparer

    @classmethod
    def of(cls, dialect: Dialect) -> Server:
        facts = {name: value for name, value in vars(dialect).items() if is_plain(value)}
        return cls(facts, type(dialect.identifier_preparer))

    def teach(self, dialect: Dialect) -> Dialect:
        """`dialect`, which knows all that now."""
        vars(dialect).update(self._facts)
        dialect.identifier_preparer = self._preparer(dialect)
        return dialect


def is_plain(value: object) -> bool:
    """Whether it is a number, a text, or a tuple of them."""
    return value is None or isinstance(value, (bool, int, str)) or (isinstance(value, tuple) and all(map(is_plain, value)))


def examine(adopt: Adopt, url: AnyURL, connect_args: ConnectArgs | None, schemas: Sequence[str], own_revision: Any) -> Existing:
    """The state of the database at `url`; `own_revision` is the one that this run will stamp.

    Raises:
        Stop: it is stamped with another revision already, or another session keeps it locked.
    """
    errors, readonly, urls = adopt("errors"), adopt("readonly"), adopt("urls")
    if urls.backend(url) == "sqlite" and urls.sqlite_path(url) is None:
        return Existing(ABSENT, reason="the application uses a database in memory")
    if urls.backend(url) not in ("sqlite", "postgresql", "mysql"):
        return Existing(UNREACHABLE, reason="a database of %s cannot be opened read-only here" % urls.backend(url))
    if urls.backend(url) == "sqlite":
        schemas = ()  # another file, which is not attached here: models that name one are refused when all are loaded
    try:
        with readonly.connect(url, connect_args) as connection:
            require_unstamped(connection, urls.redact(url), own_revision)
            snapshot = adopt("snapshot").take(connection, schemas=schemas)
            if not snapshot["tables"]:
                return Existing(ABSENT, reason="it has no table yet")
            more: dict[str, Any] = {"extensions": extensions.read(connection), "server": Server.of(connection.dialect)}
            return Existing(PRESENT, snapshot, objects=adopt("objects").take(connection, schemas), **more)
    except errors.DatabaseMissing as error:
        return Existing(ABSENT, reason=error.reason)
    except errors.DatabaseLocked as error:
        raise Stop("database-locked", database=urls.redact(url), message=error.reason) from error
    except errors.DatabaseUnreachable as error:
        return Existing(UNREACHABLE, reason=error.reason)


def require_unstamped(connection: Connection, label: str, own_revision: str) -> None:
    """Raise where `alembic_version` holds a row; an empty one is what `flask db migrate` leaves behind, and is no stamp.

    `own_revision` is fine: a run that was killed right after it had stamped hands its id on to the next one.
    """
    from sqlalchemy import inspect, text

    if "alembic_version" in inspect(connection).get_table_names():
        revisions = [row[0] for row in connection.execute(text("SELECT version_num FROM alembic_version"))]
        if revisions and revisions != [own_revision]:
            raise Stop("already-stamped", database=label, revision=", ".join(revisions))
