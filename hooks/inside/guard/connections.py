"""Where a connection may go while the app loads: to a play database, nowhere, or, at last, to the existing one, read-only.

`drivers.py` asks here before every connection of every driver, so it does not matter how the app connects. Our own connections are
made inside `permitted()`, which holds for one thread only.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from ..base.redaction import redaction
from .other_databases import StatementRefused, named_beyond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.engine import URL

    from ..base.record import Record
    from ..base.types import Adopt, AnyURL
    from .types import KnownBinds, KnownMoves


DRIVERS = {"mysqldb": "MySQLdb", "mysqlconnector": "mysql.connector", "mariadbconnector": "mariadb"}
BLOCKED_WRITE = re.compile(
    r"readonly database|read-only transaction|READ ONLY transaction|ReadOnlySqlTransaction|not authorized", re.IGNORECASE
)
FAMILIES = {"sqlite": "sqlite", "postgresql": "postgresql", "cockroachdb": "postgresql", "mysql": "mysql", "mariadb": "mysql"}


def url_text(url: AnyURL) -> str:
    """A URL as text with its password, on every SQLAlchemy."""
    if hasattr(url, "render_as_string"):
        return url.render_as_string(hide_password=False)
    return str(url)


class ConnectionRefused(Exception):
    """The app connects to a kind of database that cannot be made read-only."""

    def __init__(self, family: str) -> None:
        super().__init__("connections to %s are refused while the app is being loaded" % family)
        self.family = family


class Location:
    """Which server and database: the five things that every driver takes, and nothing else."""

    NAMES = ("host", "port", "user", "password", "database")

    def __init__(self, **parts: Any) -> None:
        self.parts = {name: parts[name] for name in self.NAMES if parts.get(name) not in (None, "")}
        redaction.learn(self.parts.get("password"))

    @classmethod
    def of(cls, url: URL) -> Location:
        """Where an SQLAlchemy URL leads; a PostgreSQL socket may stand in its query."""
        query = dict(url.query or {})
        host = url.host or query.get("host") or query.get("unix_socket")
        return cls(host=host, port=url.port, user=url.username, password=url.password, database=url.database)

    def named(self, **names: str) -> dict[str, Any]:
        """The parts under the names that one driver uses: `named(user="username")`."""
        return {names.get(name, name): value for name, value in self.parts.items()}

    def url(self, drivername: str) -> str:
        """A URL with this location, passwords included."""
        parts = {name: quote_plus(str(value)) for name, value in self.parts.items()}
        login = parts.get("user", "") + (":" + parts["password"] if "password" in parts else "")
        host = self.parts.get("host", "")
        socket = "?host=" + quote_plus(host) if host.startswith("/") else ""
        if socket and drivername.startswith("mysql"):
            socket = "?unix_socket=" + quote_plus(host)
        address = "" if socket else host + (":%s" % self.parts["port"] if "port" in self.parts else "")
        return "%s://%s%s/%s%s" % (drivername, login + "@" if login else "", address, parts.get("database", ""), socket)


class Connections:
    """The policy for one process: `load_on` is "play", "schema", "existing" or "nothing".

    `adopt(name)` gives a module of adopt/.
    `make_play(url, bind)` makes the play database beside `url` and gives its SQLAlchemy URL; with the first two it is
    called for what `redirect` does not know: at the first connection unless `play` was set before, and at the first one to each of
    the binds that `attached` knows.
    """

    def __init__(
        self,
        record: Record,
        load_on: str,
        make_play: Callable[[AnyURL, str | None], AnyURL],
        attached: KnownBinds,
        adopt: Adopt,
        redirect: KnownMoves,
        others: Iterable[str] = (),
    ) -> None:
        self._record, self._load_on, self._make_play, self._attached = record, load_on, make_play, attached
        self.adopt, self._redirect = adopt, redirect
        self.play: URL | None
        self.play, self._others = None, frozenset(others)
        self._first_url, self.has_asked = "", False
        self._of_binds: dict[str, URL] = {}
        self._throw_away: dict[str, str] = {}
        self._nowhere: str | None = None
        self._ours = threading.local()
        self._lock = threading.RLock()

    def require_own(self, statement: str | bytes | bytearray) -> None:
        """Make sure that a statement for a play database names no other database of its server.

        Raises:
            StatementRefused: it does, or could.
        """
        if self._others and not self.is_ours:
            if isinstance(statement, (bytes, bytearray)):
                statement = bytes(statement).decode("utf-8", "replace")
            name = named_beyond(statement, self._others)
            if name:
                raise StatementRefused(name, statement)

    @property
    def has_neighbours(self) -> bool:
        """Whether the login of the play database reaches other databases."""
        return bool(self._others)

    @property
    def has_play(self) -> bool:
        """Whether connections are made to play databases."""
        return self._load_on in ("play", "schema")

    @property
    def base_url(self) -> str:
        """What a scratch database can be made beside, with its password: where the app connects, binds aside; "" if nowhere."""
        if self._first_url or not self.has_asked:
            return self._first_url
        default = self._attached.default_url()
        return url_text(default) if default is not None else ""

    def _note(self, url: str) -> None:
        self.has_asked = True
        if not self._first_url and self._attached.bind_at(url) is None:
            self._first_url = url

    @contextmanager
    def permitted(self) -> Iterator[None]:
        """Connections of this thread go where they ask, and may write."""
        before = getattr(self._ours, "depth", 0)
        self._ours.depth = before + 1
        try:
            yield
        finally:
            self._ours.depth = before

    @property
    def is_ours(self) -> bool:
        """Whether this thread is inside `permitted()`."""
        return getattr(self._ours, "depth", 0) > 0

    def lead_nowhere(self, folder: str) -> None:
        """From now on no server is connected to, and an SQLite file is another one, below `folder`."""
        self._nowhere = folder

    def relocate(self, drivername: str, location: Location) -> Location | None:
        """Where a connection to `location` really goes: the play database's location, or None for "where it asks, read-only".

        Raises:
            ConnectionRefused: the play database is of another kind.
            OperationalError: the driver's own, where nothing may be connected to.
        """
        family, url = FAMILIES[drivername.split("+", maxsplit=1)[0]], location.url(drivername)
        if self._nowhere is not None:
            raise ConnectionRefused(family)
        self._note(url)
        if self._load_on == "nothing":
            raise no_answer(drivername)
        if self._load_on == "existing":
            return None
        play = self._play_for(url)
        play_family = FAMILIES.get(play.drivername.split("+")[0])
        if play_family != family:
            raise ConnectionRefused("%s (the play database is %s)" % (family, play_family))
        return Location.of(play)

    def sqlite_path(self, path: str) -> tuple[str, bool]:
        """(file, is read-only) for an SQLite file that the app asks for by its absolute path."""
        if self._nowhere is not None:
            return self._throw_away.setdefault(path, os.path.join(self._nowhere, "%d.db" % len(self._throw_away))), False
        self._note("sqlite:///" + path)
        if self._load_on in ("play", "schema"):
            play = self._play_for("sqlite:///" + path)
            if play.drivername.startswith("sqlite"):
                return play.database, False  # type: ignore[return-value]  # it is a file
            return self._instead_of(path), False
        if self._load_on == "existing" and os.path.exists(path):
            return path, True
        return self._instead_of(path), False

    def _play_for(self, url: AnyURL) -> URL:
        """The play database in the place of the one at `url`: a bind has its own, everything else goes to one."""
        with self._lock, self.permitted():
            from sqlalchemy.engine.url import make_url

            known = self._redirect.play_of(url)
            if known is not None:
                return make_url(known)
            bind = self._attached.bind_at(url)
            if bind is not None:
                name, bind_url = bind
                if name not in self._of_binds:
                    self._of_binds[name] = make_url(self._make_play(bind_url, name))
                return self._of_binds[name]
            if self.play is None:
                self.play = make_url(self._make_play(self.base_url, None))
            return self.play

    def _instead_of(self, path: str) -> str:
        """A temporary file that stands for a database that must not be created."""
        with self._lock:
            folder = tempfile.gettempdir()
            return self._throw_away.setdefault(path, os.path.join(folder, "instead-%d.db" % len(self._throw_away)))


def no_answer(drivername: str) -> Exception:
    """What the driver itself raises where no server answers."""
    driver = drivername.partition("+")[2]
    module = sys.modules.get(DRIVERS.get(driver, driver))
    return getattr(module, "OperationalError", ConnectionRefused)("no server answers while the configuration is looked at")
