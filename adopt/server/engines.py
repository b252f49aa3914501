"""Engines of our own: no connection is kept, and nobody waits for ever for a server that does not answer.

What the application or the URL says about waiting wins. What it listens for on all engines, pools and connections hears nothing of
ours; where its revisions are run, all that is about connections and statements does, as in `flask db upgrade`.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import NullPool, Pool
from sqlalchemy.util import memoized_property

from ..base import redaction
from ..base.log import log
from ..base.urls import make_url, replace
from . import lock_watch
from .lock_watch import DEFAULT_WAIT_S, wait_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

    from sqlalchemy.engine import URL


CONNECT_S = 10  # until a server answers
READ_S = 90  # until it answers a question, where nothing but looking is done
DEAD_AFTER = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}  # libpq: the machine went away meanwhile
LIBPQ = ("psycopg", "psycopg2", "psycopg2cffi")
CONNECTING = dict(
    {driver: dict(DEAD_AFTER, connect_timeout=CONNECT_S) for driver in LIBPQ},
    pymysql={"connect_timeout": CONNECT_S},
    mysqldb={"connect_timeout": CONNECT_S},
    mysqlconnector={"connection_timeout": CONNECT_S},
)
READING = {"pymysql": {"read_timeout": READ_S}, "mysqldb": {"read_timeout": READ_S}}  # PyMySQL waits for a greeting this long
SHAPES_ROWS = re.compile(r"_factory$|^factory$|cursor|^conv$|^dictionary$|^named_tuple$|^raw$|^buffered$|^detect_types$")
FIRST = "init_command"
SETS = re.compile(r"\s*SET\b(?![^;]*\b(?:GLOBAL|PERSIST\w*|PASSWORD|STATEMENT)\b)[^;]*;?\s*$", re.IGNORECASE)
TLS = ("ssl", "read_default_file", "read_default_group")

_lock = threading.Lock()
_sharing: dict[ModuleType, Any] = {}
# SQLAlchemy looks for the listeners of an object by its class: of each of these nobody listens to
NOBODY: dict[Any, Any] = {kind: type("Nobody", (), {}) for kind in (Engine, Connection, DefaultDialect, Pool)}


def unheard(kind: Any) -> Any:
    """The `dispatch` of an object of that kind whose own listeners alone hear of it."""
    return kind.dispatch._for_class(NOBODY[kind])


class OwnPool(NullPool):
    """One that who listens to all pools does not hear of, nor of those that are made in its place."""

    @memoized_property
    def dispatch(self) -> Any:
        return unheard(Pool)


class OwnConnection(Connection):
    """One that who listens to all connections does not hear of."""

    @memoized_property
    def dispatch(self) -> Any:
        return unheard(Connection)


def engine(
    url: URL | str,
    connect_args: Mapping[str, Any] | None = None,
    *,
    own_args: Mapping[str, Any] | None = None,
    is_looking: bool = False,
    has_values: bool = True,
    runs_revisions: bool = False,
    **options: Any,
) -> Engine:
    """An engine with the application's arguments for the driver, as far as they are needed to connect, and our own.

    `is_looking` says that no statement of it may take long.
    `has_values=False` says that no value of the application's tables is read: then nobody asks each database for its hstore.
    `runs_revisions` says that what the application listens for on all engines hears of this one; not of how it connects.
    """
    url = make_url(url)
    redaction.learn_url(url)
    redaction.learn_mapping(connect_args or {})
    if not is_setting((url.query or {}).get(FIRST)):  # type: ignore[call-overload]  # SQLAlchemy before 1.4 has None there
        url = replace(url, query={name: value for name, value in url.query.items() if name != FIRST})
    arguments = dict(waiting(url, is_looking), **dict(to_connect(connect_args), **(own_args or {})))
    if not has_values and url.get_driver_name() in LIBPQ:
        options["use_native_hstore"] = False
    made = create_engine(url, poolclass=NullPool if runs_revisions else OwnPool, connect_args=arguments, **options)
    made.dialect.dispatch = unheard(DefaultDialect)  # or its connections would be led elsewhere, see redirecting.py
    if not runs_revisions:
        made.dispatch, made._connection_cls = unheard(Engine), OwnConnection
    if url.get_backend_name() != "sqlite":
        lock_watch.watch(made, own_connection, wait_s)
    if url.get_driver_name() == "pymysql":
        event.listen(made, "do_connect", connect_pymysql)
    return made


def to_connect(connect_args: Mapping[str, Any] | None) -> dict[str, Any]:
    """What of the application's arguments is needed to connect.

    What makes other rows, cursors or values of its own is left out, and what MySQL is sent first, unless that is a setting.
    """
    return {name: value for name, value in without_writing(connect_args or {}).items() if not SHAPES_ROWS.search(name)}


def without_writing(options: Mapping[str, Any]) -> dict[str, Any]:
    """What a driver is given, without what MySQL is sent first, unless that is a setting."""
    return {name: value for name, value in options.items() if name != FIRST or is_setting(value)}


def is_setting(statement: object) -> bool:
    """Whether a statement sets variables of the session, and does nothing else; True for none."""
    return statement is None or bool(SETS.match(str(statement)))


def of_driver(pooled: Any) -> Any:
    """The driver's own connection, which a pooled one stands for."""
    return getattr(pooled, "dbapi_connection", None) or pooled.connection  # SQLAlchemy before 1.4.24


@contextlib.contextmanager
def own_connection(connection: Connection) -> Iterator[Any]:
    """Another connection of the driver to the same database, opened as the engine opens its own, with no transaction begun."""
    pooled = connection.engine.pool.recreate().connect()  # of another pool: the engine's own may be at its limit
    pooled.detach()
    own = of_driver(pooled)
    own.rollback()  # what the application sends to each new connection
    if connection.dialect.name == "postgresql":
        own.autocommit = True
    try:
        yield own
    finally:
        try:
            own.close()  # ends the transaction, and the lock with it
        except Exception as error:  # noqa: BLE001 -- whatever the driver has for a connection that is gone
            log.warning("The connection that held the lock was lost while the migrations ran: %s", str(error).partition("\n")[0])


def waiting(url: URL, is_looking: bool = False) -> dict[str, Any]:
    """The arguments for the driver of `url` that say how long to wait."""
    driver = url.get_driver_name()
    result: dict[str, Any] = dict(CONNECTING.get(driver, {}))
    if is_looking:  # who waits for a lock is told so first
        more_s = max(0, wait_s() - DEFAULT_WAIT_S)
        result.update((name, limit + more_s) for name, limit in READING.get(driver, {}).items())
    if driver in LIBPQ and os.environ.get("PGCONNECT_TIMEOUT"):
        del result["connect_timeout"]
    return {name: value for name, value in result.items() if name not in (url.query or {})}


def connect_pymysql(dialect: Any, record: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Connect with TLS settings that are read once: reading the certificates of the system takes longer than all the rest."""
    made = getattr(dialect, "dbapi", None) or dialect.import_dbapi()
    if any(name.startswith(TLS) for name in options) or not hasattr(made.connections.Connection, "_create_ssl_ctx"):
        return None
    with _lock:
        if made not in _sharing:
            _sharing[made] = sharing(made.connections.Connection)
    return _sharing[made](*arguments, **options)


def sharing(connection_class: Any) -> Any:
    """PyMySQL's class for connections, with one TLS context for all that say nothing about TLS."""

    class Connection(connection_class):  # type: ignore[misc]  # PyMySQL's has no types
        _shared = None

        def _create_ssl_ctx(self, sslp: Any) -> Any:
            if sslp:
                return super()._create_ssl_ctx(sslp)
            if Connection._shared is None:
                Connection._shared = super()._create_ssl_ctx(sslp)
            return Connection._shared

    return Connection
