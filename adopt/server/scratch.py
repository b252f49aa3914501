"""An empty database of the same dialect, made for one run and always dropped.

    SQLite            a file in a temporary folder of its own
    PostgreSQL        CREATE DATABASE on the same server: same encoding, collation and extensions as the existing database
    MySQL, MariaDB    CREATE DATABASE on the same server: same character set and collation

Where the role may not create databases, EMPTY_DATABASE_URL names one that holds nothing of any kind; what is made there is taken
away again, the database stays.
A run that was killed leaves its database behind; `drop_leftovers` finds it by its name and by nobody holding its lock.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from ..base.errors import NotPermitted, ScratchRefused
from ..base.urls import backend, make_url, redact, same_database, sqlite_path
from . import engines
from .server_of import server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.engine import URL, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection


MOST_SHOWN = 5
HASTE = {
    "sqlite": ["PRAGMA synchronous=OFF", "PRAGMA journal_mode=MEMORY"],
    "postgresql": ["SET synchronous_commit = off"],
}

__all__ = ["NotPermitted", "Scratch", "ScratchRefused", "create_scratch", "drop_leftovers"]


class Scratch:
    """A scratch database, proven empty; use it with `with`, or call `drop()` when done.

    `missing_extensions` are those of the existing PostgreSQL database that this role may not create.
    """

    def __init__(
        self,
        url: URL,
        connect_args: Mapping[str, Any] | None,
        dispose_of: Callable[[], object] | None,
        missing_extensions: Iterable[str] = (),
    ) -> None:
        self.url = url
        self.missing_extensions = tuple(missing_extensions)
        self._connect_args = connect_args
        self._dispose_of = dispose_of
        self._engine: Engine | None = None

    def engine(self) -> Engine:
        """An engine on this database, the same one every time; it keeps no connection between uses."""
        if self._engine is None:
            self._engine = hastened(self.url, self._connect_args)
        return self._engine

    def drop(self) -> None:
        """Leave nothing behind, also where connections to it still linger; a second call does nothing.

        Raises:
            NotPermitted: the role may create databases but not drop this one.
        """
        dispose_of, self._dispose_of = self._dispose_of, None
        if dispose_of is None:
            return
        if self._engine is not None:
            self._engine.dispose()
        dispose_of()

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *exception: None) -> None:
        self.drop()


def empty_url_variable(name: str) -> str:
    """The environment variable that names an empty database to use in the place of a new one: `name` is "" or the bind's."""
    return "EMPTY_DATABASE_URL" + ("_" + name.upper() if name else "")


def prefix(purpose: object) -> str:
    """What the names of all scratch databases of one project begin with; `purpose` is the path of its root."""
    return "scratch_" + hashlib.sha1(str(purpose).encode("utf-8", "surrogateescape")).hexdigest()[:10] + "_"


def create_scratch(
    url: URL | str | None,
    *,
    purpose: object,
    configured_urls: Iterable[URL | str | None] = (),
    connect_args: Mapping[str, Any] | None = None,
    empty_database_url: URL | str | None = None,
) -> Scratch:
    """Make an empty database of the same dialect as `url`, which need not exist itself; None stands for `empty_database_url`.

    `connect_args` are those of the application's engine. `configured_urls` are all that the application can reach.

    Raises:
        NotPermitted: the role may not create databases.
        ScratchRefused: the database is not empty, or is one of the configured ones, or has another dialect.
        DatabaseUnreachable: nothing answers there.
    """
    in_use = [make_url(item) for item in (url, *configured_urls) if item is not None]
    if empty_database_url:
        scratch = _given(make_url(empty_database_url), in_use, connect_args)
    is_given = empty_database_url and backend(empty_database_url) != "sqlite"  # a file can always be made: that one is not touched
    if not is_given:
        place = server_of(make_url(url or empty_database_url), connect_args)  # type: ignore[arg-type]  # one of them is given
        name = prefix(purpose) + secrets.token_hex(6)
        new_url, missing_extensions = place.create(name)
        scratch = Scratch(new_url, connect_args, lambda: place.drop(name), missing_extensions)
    try:
        _prove(scratch, in_use)
    except BaseException:
        if not is_given:
            scratch.drop()
        raise
    return scratch


def drop_leftovers(url: URL | str, *, purpose: object, connect_args: Mapping[str, Any] | None = None) -> list[str]:
    """Drop what killed runs of this project left beside `url`, and return the names; those in use by a live run stay.

    Raises:
        NotPermitted: one of them belongs to another role.
        DatabaseUnreachable: nothing answers there.
    """
    place = server_of(make_url(url), connect_args)
    return [name for name in place.unused(prefix(purpose)) if place.drop(name)]


def _given(url: URL, in_use: Sequence[URL], connect_args: Mapping[str, Any] | None) -> Scratch:
    if in_use and backend(url) != backend(in_use[0]):
        raise ScratchRefused("EMPTY_DATABASE_URL has another dialect than the existing database", redact(url))
    if backend(url) == "sqlite" and sqlite_path(url) is None:
        raise ScratchRefused("a database in memory is another one for every connection: name a file", redact(url))
    if any(same_database(url, other) for other in in_use):
        raise ScratchRefused("EMPTY_DATABASE_URL is a database that the application uses", redact(url))
    place = server_of(url, connect_args)
    existed = place.exists()
    found = place.contents() if existed else []
    if found:
        more = [f"and {len(found) - MOST_SHOWN} more"] * (len(found) > MOST_SHOWN)
        raise ScratchRefused("the scratch database is not empty, it holds " + ", ".join(found[:MOST_SHOWN] + more), redact(url))
    return Scratch(url, connect_args, lambda: place.empty(existed))


def _prove(scratch: Scratch, in_use: Sequence[URL]) -> None:
    for other in in_use:
        if same_database(scratch.url, other):
            raise ScratchRefused("the scratch database is one that the application uses", redact(other))
    found = server_of(scratch.url, scratch._connect_args).objects()
    if found:
        raise ScratchRefused("the scratch database is not empty, it holds " + ", ".join(found[:MOST_SHOWN]), redact(scratch.url))


def hastened(url: URL, connect_args: Mapping[str, Any] | None) -> Engine:
    """An engine on a scratch database, which need not survive a power cut: nothing waits for the disk."""
    made = engines.engine(url, connect_args, runs_revisions=True)
    settings = HASTE.get(backend(url), ())

    @event.listens_for(made, "connect")
    def connected(connection: DBAPIConnection, record: object) -> None:
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()
        connection.commit()

    return made
