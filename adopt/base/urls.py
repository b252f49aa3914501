"""Database URLs, the same way on SQLAlchemy 1.2 to 2.1: parse, change, show without password, tell whether two are one."""

from __future__ import annotations

import copy
import functools
import os
import re
import socket
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.url import make_url as _make_url

from . import redaction

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sqlalchemy.engine import URL


DEFAULT_PORTS = {"postgresql": 5432, "mysql": 3306}
SECRET = re.compile(r"passw|pwd|secret|token|odbc_connect", re.I)


def make_url(url: URL | str) -> URL:
    """Parse a string or pass a URL object through; the old scheme `postgres://` is read as `postgresql://`."""
    url = _make_url(url)
    if url.drivername.split("+")[0] == "postgres":
        return replace(url, drivername="postgresql" + url.drivername[len("postgres") :])
    return url


def replace(url: URL | str, **changes: Any) -> URL:
    """A copy of `url` with other parts, such as `database="other"`; the given one stays as it is."""
    url = _make_url(url)
    if hasattr(url, "set"):
        return url.set(**changes)
    url = copy.copy(url)
    for name, value in changes.items():
        setattr(url, name, value)
    return url


def backend(url: URL | str) -> str:
    """ "postgresql", "mysql" (MariaDB too) or "sqlite", whatever the driver."""
    name = make_url(url).get_backend_name()
    return "mysql" if name == "mariadb" else name


def redact(url: URL | str) -> str:
    """The URL as text that may be shown: no password, neither as such nor among the options after "?". It is known from then on."""
    url = make_url(url)
    redaction.learn_url(url)
    query = {name: "***" if SECRET.search(name) else value for name, value in (url.query or {}).items()}
    return redaction.masked(repr(replace(url, query=query)).replace("%2A%2A%2A", "***").replace("%3Amemory%3A", ":memory:"))


def url_text(url: URL) -> str:
    """The URL as text with its password, on every SQLAlchemy."""
    return url.render_as_string(hide_password=False) if hasattr(url, "render_as_string") else str(url)


def sqlite_path(url: URL | str) -> str | None:
    """The file behind a SQLite URL, absolute and without symbolic links; None for a database in memory."""
    name = make_url(url).database or ""
    if name.startswith("file:"):
        name, _, query = name[len("file:") :].partition("?")
        if "mode=memory" in query:
            return None
        name = re.sub(r"^//[^/]*", "", name)
    return os.path.realpath(name) if name and name != ":memory:" else None


def same_database(a: URL | str, b: URL | str) -> bool:
    """True when both URLs lead to one database, as far as can be told without connecting; when in doubt True."""
    return bool(identities(a) & identities(b))


def identities(url: URL | str) -> set[Hashable]:
    """What a database can be told by, hashable: two URLs that have one of these in common lead to the same database."""
    url = make_url(url)
    kind = backend(url)
    if kind != "sqlite":
        return {without_host(url) + (address,) for address in _addresses(host(url))}
    path = sqlite_path(url)
    if path is None:
        return {object()}  # in memory: every one is another
    if not os.path.exists(path):
        return {(kind, os.path.normcase(path))}
    found = os.stat(path)
    return {(kind, os.path.normcase(path)), (kind, found.st_dev, found.st_ino)}


def without_host(url: URL | str) -> tuple[str, str, int]:
    """(kind, name, port) of a database; on servers with one host name these tell whether two are the same."""
    url = make_url(url)
    return (backend(url), _database(url), _port(url))


def _option(url: URL, name: str) -> str | None:
    value = (url.query or {}).get(name)  # type: ignore[call-overload]  # SQLAlchemy before 1.4 has None there
    return value[0] if isinstance(value, (tuple, list)) else value


def _database(url: URL) -> str:
    name = url.database or _option(url, "dbname") or (url.username if backend(url) == "postgresql" else None) or ""
    return name.lower() if backend(url) == "mysql" else name  # there, names are case-sensitive on some systems only


def _port(url: URL) -> int:
    return int(url.port or _option(url, "port") or DEFAULT_PORTS.get(backend(url), 0))


def host(url: URL) -> str:
    """The host name of a server; "" for this machine."""
    name = url.host or _option(url, "host") or ""
    return "" if name.startswith("/") or _option(url, "unix_socket") else name.lower()


@functools.lru_cache(maxsize=4096)
def _addresses(host: str) -> set[str]:
    """What a host name stands for; this machine, by whatever name or socket, is "local"."""
    if host in ("", "localhost", "127.0.0.1", "::1", socket.gethostname().lower()):
        return {"local"}
    try:
        found: set[Any] = {item[4][0] for item in socket.getaddrinfo(host, None)}
    except OSError:
        return {host}
    return {"local" if item.startswith("127.") or item == "::1" else item for item in found} | {host}
