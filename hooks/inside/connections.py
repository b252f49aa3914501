"""Where a connection may go while the app loads: to the existing database read-only, or to the scratch database.

`drivers.py` asks here before every connection of every driver, so it does not matter how the app connects. Our own connections are
made inside `permitted()`, which holds for one thread only.
"""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import contextmanager
from urllib.parse import quote_plus

FAMILIES = {"sqlite": "sqlite", "postgresql": "postgresql", "cockroachdb": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
READ_ONLY = {"postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "mysql": "SET SESSION TRANSACTION READ ONLY"}


class ConnectionRefused(Exception):
    """The app connects to a kind of database that cannot be made read-only."""

    def __init__(self, family):
        super().__init__("connections to %s are refused while the app is being loaded" % family)
        self.family = family


class Location:
    """Which server and database: the five things that every driver takes, and nothing else."""

    NAMES = ("host", "port", "user", "password", "database")

    def __init__(self, **parts):
        self.parts = {name: parts[name] for name in self.NAMES if parts.get(name) not in (None, "")}

    @classmethod
    def of(cls, url):
        """Where an SQLAlchemy URL leads; a PostgreSQL socket may stand in its query."""
        query = dict(url.query or {})
        host = url.host or query.get("host") or query.get("unix_socket")
        return cls(host=host, port=url.port, user=url.username, password=url.password, database=url.database)

    def named(self, **names):
        """The parts under the names that one driver uses: `named(user="username")`."""
        return {names.get(name, name): value for name, value in self.parts.items()}

    def url(self, drivername):
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
    """The policy for one session: `load_on` is "existing" or "empty".

    `make_scratch(url)` makes the scratch database beside `url` and gives its SQLAlchemy URL; with `load_on` "empty" it is called
    at the first connection unless `scratch` was set before.
    """

    def __init__(self, record, load_on, make_scratch):
        self._record, self._load_on, self._make_scratch = record, load_on, make_scratch
        self.scratch = None
        self.first_url = ""  # what the app asked for first, password included: a scratch database can be made beside it
        self._throw_away = {}
        self._folder = None
        self._ours = threading.local()
        self._lock = threading.RLock()

    @contextmanager
    def permitted(self):
        """Connections of this thread go where they ask, and may write."""
        before = getattr(self._ours, "depth", 0)
        self._ours.depth = before + 1
        try:
            yield
        finally:
            self._ours.depth = before

    @property
    def is_ours(self):
        """Whether this thread is inside `permitted()`."""
        return getattr(self._ours, "depth", 0) > 0

    @property
    def is_empty(self):
        """Whether connections go to the scratch database."""
        return self._load_on == "empty"

    def relocate(self, drivername, location):
        """Where a connection to `location` really goes: the scratch location, or None for "where it asks, read-only"."""
        family = FAMILIES[drivername.split("+")[0]]
        self.first_url = self.first_url or location.url(drivername)
        if not self.is_empty:
            return None
        with self._lock:
            if self.scratch is None:
                with self.permitted():
                    self.scratch = self._make_scratch(self.first_url)
        scratch_family = FAMILIES.get(self.scratch.drivername.split("+")[0])
        if scratch_family != family:
            raise ConnectionRefused("%s (the scratch database is %s)" % (family, scratch_family))
        return Location.of(self.scratch)

    def sqlite_path(self, path):
        """(file, is read-only) for an SQLite file that the app asks for by its absolute path."""
        self.first_url = self.first_url or "sqlite:///" + path
        if self.is_empty:
            with self._lock:
                if self.scratch is None:
                    with self.permitted():
                        self.scratch = self._make_scratch(self.first_url)
            if self.scratch.drivername.startswith("sqlite"):
                return self.scratch.database, False
            return self._instead_of(path), False
        if os.path.exists(path):
            return path, True
        if path not in self._record.missing_databases:
            self._record.missing_databases.append(path)
        return self._instead_of(path), False

    def _instead_of(self, path):
        """A temporary file that stands for a database that must not be created."""
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.mkdtemp(prefix="retrofit-load-")
            return self._throw_away.setdefault(path, os.path.join(self._folder, "%d.db" % len(self._throw_away)))

    def close(self):
        """Delete the temporary files."""
        if self._folder is not None:
            for name in os.listdir(self._folder):
                os.unlink(os.path.join(self._folder, name))
            os.rmdir(self._folder)
            self._folder = None
