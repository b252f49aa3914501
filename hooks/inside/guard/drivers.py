"""Every way to a database that a Python driver has, behind the policy of `connections.py`.

The patches sit where all forms of a driver's `connect` end, its pools among them, are made when the app imports the driver, and
leave every argument but the location as it was. A driver of a database that cannot be made read-only is refused.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from . import sqlite_driver
from .connections import ConnectionRefused, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.engine.interfaces import DBAPIConnection

    from ..base.types import ConnectArgs, Module
    from .connections import Connections


MYSQL_READ_ONLY = "SET SESSION TRANSACTION READ ONLY"


def patches(policy: Connections) -> dict[str, Callable[[Module], None]]:
    """What to patch on import, for `PatchOnImport`."""

    def on(patch: Callable[..., None]) -> Callable[[Module], None]:
        return functools.partial(patch, policy=policy)

    found = {
        "sqlite3": on(sqlite_driver.patch),
        "psycopg2": on(patch_psycopg2),
        "psycopg": on(patch_psycopg),
        "pg8000.core": on(patch_pg8000_core),
        "pg8000": on(patch_pg8000),
        "pg8000.dbapi": on(patch_pg8000),
        "pg8000.legacy": on(patch_pg8000),
        "asyncpg.connection": on(patch_asyncpg),  # before the package and its pool take `connect` from there
        "pymysql.connections": on(patch_pymysql),
        "MySQLdb": on(patch_mysqldb),
        "MySQLdb.connections": on(patch_mysqldb_connections),
        "mysql.connector": on(patch_mysql_connector),
        "mysql.connector.connection": on(patch_mysql_connector_connections),
        "mysql.connector.connection_cext": on(patch_mysql_connector_connections),
        "mariadb": on(patch_mariadb),
        "aiomysql.connection": on(functools.partial(patch_mysql_for_asyncio, drivername="mysql+aiomysql")),
        "asyncmy.connection": on(functools.partial(patch_mysql_for_asyncio, drivername="mysql+asyncmy")),
        "mysql.connector.aio": on(functools.partial(patch_mysql_for_asyncio, drivername="mysql+mysqlconnector")),
    }
    for name in (
        "pyodbc",
        "pymssql",
        "cx_Oracle",
        "oracledb",
        "fdb",
        "ibm_db_dbi",
        "pysqlcipher3.dbapi2",
        "duckdb",
    ):
        found[name] = on(refuse)
    return found


def refuse(module: Module, policy: Connections) -> None:
    """No connection through this driver."""
    original = module.connect

    def connect(*args: Any, **kwargs: Any) -> Any:
        if policy.is_ours:
            return original(*args, **kwargs)
        raise ConnectionRefused(module.__name__)

    module.connect = connect


def read_only(connection: DBAPIConnection, family: str, policy: Connections) -> DBAPIConnection:
    """Make every later transaction of a DBAPI connection read-only, before the app has it."""
    if family == "postgresql":
        policy.adopt("readonly_postgresql").protect(connection)
    else:
        cursor = connection.cursor()
        cursor.execute(MYSQL_READ_ONLY)
        cursor.close()
        connection.commit()
    return connection


def without_writing(options: ConnectArgs, policy: Connections) -> Any:
    """What a driver is given, without a statement for the server that is no setting: it is sent before anything is read-only."""
    return policy.adopt("engines").without_writing(options)


def patch_psycopg2(module: Module, policy: Connections) -> None:
    """`_connect` is where `connect`, pools and `from psycopg2 import connect` end."""
    original = module._connect
    from psycopg2.extensions import make_dsn, parse_dsn  # type: ignore[import-untyped]

    def _connect(dsn: str, *args: Any, **kwargs: Any) -> Any:
        if policy.is_ours:
            return original(dsn, *args, **kwargs)
        asked = parse_dsn(dsn)
        moved = policy.relocate("postgresql+psycopg2", libpq_location(asked))
        if moved is not None:
            return original(make_dsn(**moved_libpq(asked, moved)), *args, **kwargs)
        kwargs = policy.adopt("readonly_postgresql").with_factory(kwargs)
        return read_only(original(dsn, *args, **kwargs), "postgresql", policy)

    module._connect = _connect


def libpq_location(asked: ConnectArgs) -> Location:
    """The `Location` in libpq's parameters."""
    return Location(
        host=asked.get("host") or asked.get("hostaddr"),
        port=asked.get("port"),
        user=asked.get("user"),
        password=asked.get("password"),
        database=asked.get("dbname"),
    )


def moved_libpq(asked: ConnectArgs, moved: Location) -> dict[str, Any]:
    """libpq's parameters with another location; what else was asked (sslmode, application_name) stays."""
    gone = ("host", "hostaddr", "port", "user", "password", "dbname", "service", "passfile")
    return dict({name: value for name, value in asked.items() if name not in gone}, **moved.named(database="dbname"))


def patch_psycopg(module: Module, policy: Connections) -> None:
    """psycopg 3: the class method of both connection classes; the pools use it too."""
    from psycopg.conninfo import conninfo_to_dict

    libpq = {"host", "hostaddr", "port", "user", "password", "dbname", "service", "passfile"}

    def arguments(conninfo: str, kwargs: dict[str, Any]) -> tuple[str, dict[str, Any], bool]:
        """(conninfo, kwargs, is read-only)"""
        asked = conninfo_to_dict(conninfo, **{name: value for name, value in kwargs.items() if name in libpq})
        moved = policy.relocate("postgresql+psycopg", libpq_location(asked))
        if moved is None:
            return conninfo, kwargs, True
        kept = {name: value for name, value in kwargs.items() if name not in libpq}
        return "", dict(moved_libpq(asked, moved), **kept), False

    original = module.Connection.connect.__func__
    original_async = module.AsyncConnection.connect.__func__

    def connect(cls: type[Any], conninfo: str = "", **kwargs: Any) -> Any:
        if policy.is_ours:
            return original(cls, conninfo, **kwargs)
        conninfo, kwargs, is_read_only = arguments(conninfo, kwargs)
        connection = original(cls, conninfo, **kwargs)
        return read_only(connection, "postgresql", policy) if is_read_only else connection

    async def connect_async(cls: type[Any], conninfo: str = "", **kwargs: Any) -> Any:
        if policy.is_ours:
            return await original_async(cls, conninfo, **kwargs)
        conninfo, kwargs, is_read_only = arguments(conninfo, kwargs)
        connection = await original_async(cls, conninfo, **kwargs)
        if is_read_only:
            await policy.adopt("readonly_postgresql").protect_async(connection)
        return connection

    module.Connection.connect = classmethod(connect)  # type: ignore[arg-type]  # as psycopg has it
    module.AsyncConnection.connect = classmethod(connect_async)  # type: ignore[arg-type]
    module.connect = module.Connection.connect


def by_keywords(
    policy: Connections,
    drivername: str,
    original: Callable[..., DBAPIConnection],
    names: Mapping[str, Sequence[str]],
    positions: Sequence[str] = (),
) -> Callable[..., Any]:
    """A `connect` that takes its location as keywords; `names` are this driver's own for the parts of a `Location`."""
    family = drivername.split("+", maxsplit=1)[0]
    reverse = {own: part for part, owns in names.items() for own in owns}
    sockets = ("unix_socket", "unix_sock", "sock", "host", "read_default_file", "option_files", "dsn")

    @functools.wraps(original)
    def connect(*args: Any, **kwargs: Any) -> Any:
        if policy.is_ours:
            return original(*args, **kwargs)
        given = dict(zip(positions, args))  # noqa: B905 - the rest of the arguments is not the location
        given.update(kwargs)
        asked = Location(**{part: given[own] for own, part in reverse.items() if given.get(own)})
        moved = policy.relocate(drivername, asked)
        if moved is None:
            return read_only(original(*args, **without_writing(kwargs, policy)), family, policy)
        kept = {name: value for name, value in given.items() if name not in reverse and name not in sockets}
        return original(**dict(kept, **moved_keywords(moved, names)))

    return connect


def moved_keywords(moved: Location, names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The parts of a `Location` as one driver's keywords; a socket's path is not a host there."""
    parts = {names[part][0]: value for part, value in moved.parts.items() if part in names}
    if str(moved.parts.get("host", "")).startswith("/"):
        del parts[names["host"][0]]
        parts["unix_sock" if "unix_sock" in names.get("socket", ()) else "unix_socket"] = moved.parts["host"]
    return parts


def patch_pg8000(module: Module, policy: Connections) -> None:
    """pg8000 and its `dbapi` and `legacy` modules."""
    if hasattr(module, "connect"):
        module.connect = by_keywords(policy, "postgresql+pg8000", module.connect, *PG8000)


PG8000: tuple[dict[str, list[str]], tuple[str, ...]] = (
    {**{part: [part] for part in Location.NAMES}, "socket": ["unix_sock"]},
    ("user", "host", "database", "port", "password"),
)


def patch_pg8000_core(module: Any, policy: Connections) -> None:
    """What all connections of pg8000 begin with; those of `native` have no `connect`, and nothing makes them read-only."""
    if not hasattr(module, "CoreConnection"):
        return
    original = module.CoreConnection.__init__

    def begin(self: Any, *args: Any, **kwargs: Any) -> None:
        connect: Callable[..., Any] = functools.partial(original, self)
        if not policy.is_ours and not hasattr(self, "cursor"):  # those that have one were led by `connect`
            if not policy.has_play:
                raise ConnectionRefused("pg8000.native")
            connect = by_keywords(policy, "postgresql+pg8000", connect, *PG8000)
        connect(*args, **kwargs)

    module.CoreConnection.__init__ = begin


def patch_asyncpg(module: Module, policy: Connections) -> None:
    """asyncpg takes the read-only default as a setting of the session."""
    original = module.connect

    async def connect(dsn: str | None = None, **kwargs: Any) -> Any:
        if policy.is_ours:
            return await original(dsn, **kwargs)
        location = Location(**{name: kwargs.get(name) for name in Location.NAMES})
        moved = policy.relocate("postgresql+asyncpg", location)
        if moved is not None:
            return await original(**dict({k: v for k, v in kwargs.items() if k not in Location.NAMES}, **moved.parts))
        settings = dict(kwargs.pop("server_settings", None) or {}, default_transaction_read_only="on")
        return await original(dsn, server_settings=settings, **kwargs)

    module.connect = connect


MYSQL = {"host": ["host"], "port": ["port"], "user": ["user"], "password": ["password", "passwd"], "database": ["database", "db"]}


def patch_pymysql(module: Module, policy: Connections) -> None:
    """PyMySQL connects in a method of its connection, also when it reconnects."""
    original = module.Connection.connect

    def connect(self: Any, sock: Any = None) -> Any:
        if policy.is_ours:
            return original(self, sock)
        asked = Location(
            host=self.unix_socket or self.host,
            port=self.port,
            user=text(self.user),
            password=text(self.password),
            database=text(self.db),
        )
        moved = policy.relocate("mysql+pymysql", asked)
        if moved is None:
            self.init_command = without_writing({"init_command": self.init_command}, policy).get("init_command")
            original(self, sock)
            return self.query(MYSQL_READ_ONLY)
        host = str(moved.parts.get("host", "localhost"))
        self.unix_socket = host if host.startswith("/") else None
        self.host = "localhost" if self.unix_socket else host
        self.port = int(moved.parts.get("port", 3306))
        self.user, self.db = moved.parts.get("user", ""), moved.parts["database"]
        self.password = moved.parts.get("password", "").encode("latin1")
        self.client_flag |= module.CLIENT.CONNECT_WITH_DB  # which one that asked for no database does not say
        return original(self, None)

    def text(value: Any) -> Any:
        return value.decode("utf8", "replace") if isinstance(value, (bytes, bytearray)) else value

    module.Connection.connect = connect
    execute = module.Connection._execute_command  # all that is sent goes through it, once there is a connection

    def _execute_command(self: Any, command: Any, sql: Any) -> Any:
        if command == module.COMMAND.COM_INIT_DB:
            policy.require_own("USE `%s`" % text(sql))
        elif command in (module.COMMAND.COM_QUERY, module.COMMAND.COM_STMT_PREPARE):
            policy.require_own(sql)
        return execute(self, command, sql)

    module.Connection._execute_command = _execute_command


def keep_apart(owner: type[Any], names: Iterable[str], policy: Connections) -> None:
    """Ask the policy before methods of a connection's class whose first argument is a statement, or the name of a database."""
    for name in names:
        if hasattr(owner, name):
            setattr(owner, name, asked_before(getattr(owner, name), name, policy))


def asked_before(original: Callable[..., Any], name: str, policy: Connections) -> Callable[..., Any]:
    """One such method."""

    @functools.wraps(original)
    def method(self: Any, asked: Any = "", *args: Any, **kwargs: Any) -> Any:
        if "user" in name:
            policy.require_own("SET ROLE")
        elif "db" in name:
            policy.require_own("USE `%s`" % asked)
        else:
            policy.require_own(asked)
        return original(self, asked, *args, **kwargs)

    return method


def patch_mysqldb_connections(module: Module, policy: Connections) -> None:
    """mysqlclient's connections, in Python around those in C."""
    keep_apart(module.Connection, ("query", "select_db", "change_user"), policy)


def patch_mysql_connector_connections(module: Module, policy: Connections) -> None:
    """MySQL Connector/Python's, with and without C."""
    for owner in (getattr(module, "MySQLConnection", None), getattr(module, "CMySQLConnection", None)):
        if owner is not None:
            names = ("cmd_query", "cmd_query_iter", "cmd_stmt_prepare", "cmd_init_db", "cmd_change_user")
            keep_apart(owner, names, policy)


def patch_mysqldb(module: Module, policy: Connections) -> None:
    """mysqlclient: `connect`, `Connect` and `Connection` are one function."""
    names = dict(MYSQL, password=["passwd", "password"], database=["db", "database"])
    connect = by_keywords(policy, "mysql+mysqldb", module.Connect, names, ("host", "user", "password", "database", "port"))
    module.connect = module.Connect = module.Connection = connect


def patch_mysql_connector(module: Module, policy: Connections) -> None:
    """MySQL Connector/Python: `connect` makes pooled and single connections."""
    module.connect = module.Connect = by_keywords(policy, "mysql+mysqlconnector", module.connect, MYSQL)


def patch_mariadb(module: Module, policy: Connections) -> None:
    """MariaDB Connector/Python, whose cursors are in C: what they send cannot be read before."""
    if policy.has_neighbours:
        refuse(module, policy)
        return
    module.connect = by_keywords(policy, "mysql+mariadbconnector", module.connect, MYSQL)


def patch_mysql_for_asyncio(module: Any, policy: Connections, drivername: str) -> None:
    """What they send cannot be read before, and nothing makes their connections read-only."""
    connect = by_keywords(policy, drivername, module.connect, dict(MYSQL, database=["db", "database"]))

    @functools.wraps(connect)
    def connect_to_play(*args: Any, **kwargs: Any) -> Any:
        if not policy.is_ours and (policy.has_neighbours or not policy.has_play):
            raise ConnectionRefused(module.__name__)
        return connect(*args, **kwargs)

    module.connect = connect_to_play
