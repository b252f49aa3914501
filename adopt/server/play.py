"""An empty database that an application gets in the place of the existing one, with a login that has rights on it alone.

    SQLite            a file in a temporary folder of its own; there are no logins
    PostgreSQL        a scratch database that belongs to a role of its own, which owns and is a member of nothing else
    MySQL, MariaDB    a scratch database, and a user with all rights on it and none elsewhere: a login of the team reaches every
                      database of the server

Where the login may not make another one, or that one may not connect, the play database has the same login and `user` is None.
On PostgreSQL every role may do in other databases what PUBLIC may: connect, and before PostgreSQL 15 make tables in `public`.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, text

from ..base.errors import NotPermitted
from ..base.urls import backend, make_url, replace
from . import engines, scratch
from .connecting import literal, open_connection, permitted, quoted, sql
from .server_of import server_of
from .servers.mysql import quoted as quoted_mysql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.engine import URL, Connection

    from .scratch import Scratch


NOT_USABLE = (exc.SQLAlchemyError, RuntimeError, ImportError, OSError)  # also a driver that cannot do what the server asks


class Play(scratch.Scratch):
    """A play database; `user` is its own login, None where it has that of `url`."""

    def __init__(
        self,
        url: URL,
        connect_args: Mapping[str, Any] | None,
        dispose_of: Callable[..., Any],
        missing_extensions: Sequence[Any],
        user: str | None,
    ) -> None:
        super().__init__(url, connect_args, dispose_of, missing_extensions)
        self.user = user


def create(
    url: URL,
    *,
    purpose: str,
    connect_args: Mapping[str, Any] | None = None,
    configured_urls: Sequence[URL] = (),
    empty_database_url: URL | str | None = None,
) -> Play:
    """Make one beside the database at `url`, which need not exist; takes and raises what `create_scratch` does.

    What EMPTY_DATABASE_URL names is used as it is, with the login that it names.
    """
    made = scratch.create_scratch(
        url, purpose=purpose, configured_urls=configured_urls, connect_args=connect_args, empty_database_url=empty_database_url
    )
    logins = None if empty_database_url else _logins(url, connect_args)
    if logins is None:
        return Play(made.url, connect_args, made.drop, made.missing_extensions, None)
    name: Any = made.url.database
    try:
        own = _own_login(logins, made.url, name, connect_args)
    except BaseException:
        _drop(logins, made, name)
        raise
    return Play(own or made.url, connect_args, lambda: _drop(logins, made, name), made.missing_extensions, name if own else None)


def drop_leftovers(url: URL, *, purpose: str, connect_args: Mapping[str, Any] | None = None) -> list[Any]:
    """Drop what killed runs of this project left beside `url`, databases and logins, and return their names.

    Raises:
        NotPermitted: one of them belongs to another role.
        DatabaseUnreachable: nothing answers there.
    """
    dropped = scratch.drop_leftovers(url, purpose=purpose, connect_args=connect_args)
    logins = _logins(url, connect_args)
    if logins is None:
        return dropped
    names = dropped + [name for name in logins.unused(scratch.prefix(purpose)) if name not in dropped]
    for name in names:
        logins.drop(name)
    return names


def _own_login(logins: Roles | Users, url: URL, name: str, connect_args: Mapping[str, Any] | None) -> URL | None:
    """The URL with a login of its own that was made and tried; None where that cannot be."""
    password = "Aa1-" + secrets.token_urlsafe(24)  # what rules for passwords ask for
    try:
        logins.create(name, password, url)
    except (NotPermitted, exc.DBAPIError):
        logins.take_back(name, url)
        return None
    own = replace(url, username=name, password=password)
    try:
        with engines.engine(own, connect_args).connect() as connection:
            if connection.execute(text(logins.WHO)).scalar().partition("@")[0] == name:  # type: ignore[union-attr]  # one row
                return own
    except NOT_USABLE:
        pass  # the server lets in the logins that it knows by name, or asks in a way that the driver does not know
    logins.take_back(name, url)
    return None


def _drop(logins: Roles | Users, made: Scratch, name: str) -> None:
    made.drop()
    logins.drop(name)


def _logins(url: URL | str, connect_args: Mapping[str, Any] | None) -> Roles | Users | None:
    kind: Any = {"postgresql": Roles, "mysql": Users}.get(backend(url))
    return kind(make_url(url), connect_args) if kind else None


class Logins:
    """What may connect to a server."""

    def __init__(self, url: URL, connect_args: Mapping[str, Any] | None) -> None:
        self._url, self._connect_args = url, connect_args

    def _server(self) -> Any:  # a Connection
        return server_of(self._url, self._connect_args).server()


class Roles(Logins):
    """The roles of a PostgreSQL server."""

    WHO = "SELECT current_user"

    def create(self, name: str, password: str, url: URL) -> None:
        role = quoted(name)
        with self._server() as connection, permitted(url, "create roles"):
            connection.execute(sql(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {literal(password)}"))
            connection.execute(sql(f"GRANT {role} TO CURRENT_USER"))  # who gives a database away is a member
            connection.execute(sql(f"ALTER DATABASE {quoted(url.database)} OWNER TO {role}"))  # type: ignore[arg-type]  # it has a name
        with open_connection(url, self._connect_args) as connection:
            schemas = connection.execute(
                sql(
                    "SELECT nspname::text, pg_get_userbyid(nspowner) = CURRENT_USER FROM pg_namespace"
                    " WHERE nspname !~ '^(pg_|information_schema)'"
                )
            ).fetchall()
            for schema, is_own in schemas:
                schema = quoted(schema)
                if is_own:
                    connection.execute(sql(f"ALTER SCHEMA {schema} OWNER TO {role}"))
                for kind in ("TABLES", "SEQUENCES"):  # those of extensions
                    connection.execute(sql(f"GRANT ALL ON ALL {kind} IN SCHEMA {schema} TO {role}"))

    def drop(self, name: str) -> None:
        """End its sessions and drop it, where it is there."""
        with self._server() as connection:
            if not _is_role(connection, name):
                return
            with permitted(self._url, "drop roles"):
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :name"), {"name": name}
                ).fetchall()
                connection.execute(sql("DROP ROLE IF EXISTS " + quoted(name)))

    def take_back(self, name: str, url: URL) -> None:
        """Drop it, and leave what it was given to who gave it."""
        role = quoted(name)
        with open_connection(url, self._connect_args) as connection:
            if _is_role(connection, name):
                connection.execute(sql(f"REASSIGN OWNED BY {role} TO CURRENT_USER"))
                connection.execute(sql("DROP OWNED BY " + role))
        self.drop(name)

    def unused(self, prefix: str) -> list[str]:
        """Those whose database is gone, and that no run holds."""
        with self._server() as connection:
            found = connection.execute(
                text(
                    "SELECT rolname::text FROM pg_roles WHERE left(rolname, :length) = :prefix AND rolname NOT IN"
                    " (SELECT datname FROM pg_database) AND CAST(rolname AS text) NOT IN"
                    " (SELECT application_name FROM pg_stat_activity WHERE application_name IS NOT NULL) ORDER BY 1"
                ),
                {"length": len(prefix), "prefix": prefix},
            ).fetchall()
        return [name for (name,) in found]


class Users(Logins):
    """The users of a MySQL or MariaDB server."""

    WHO = "SELECT CURRENT_USER()"

    def create(self, name: str, password: str, url: URL) -> None:
        with self._server() as connection, permitted(url, "create users"):
            database = quoted_mysql(url.database.replace("_", "\\_"))  # type: ignore[union-attr]  # otherwise it stands for any character there
            for account in self._accounts(connection, name):
                connection.execute(sql(f"CREATE USER {account} IDENTIFIED BY {literal(password)}"))
                connection.execute(sql(f"GRANT ALL PRIVILEGES ON {database}.* TO {account}"))

    def drop(self, name: str) -> None:
        """End its sessions and drop it, where it is there."""
        with self._server() as connection:
            numbers = connection.execute(
                text("SELECT id FROM information_schema.processlist WHERE user = :n"), {"n": name}
            ).fetchall()
            for statement in [f"KILL {int(number)}" for (number,) in numbers]:
                with contextlib.suppress(exc.DBAPIError):  # gone already
                    connection.execute(sql(statement))
            with contextlib.suppress(exc.DBAPIError):  # who may not drop one has made none
                connection.execute(sql("DROP USER IF EXISTS " + ", ".join(self._accounts(connection, name))))

    def take_back(self, name: str, url: URL) -> None:
        """Drop it; what it was given belongs to nobody there."""
        self.drop(name)

    def unused(self, prefix: str) -> list[str]:
        """Those whose database is gone, and that no run holds; none where the login may not read the table of users."""
        question = (
            "SELECT DISTINCT user FROM mysql.user WHERE LEFT(user, :length) = :prefix AND IS_FREE_LOCK(user)"
            " AND user NOT IN (SELECT schema_name FROM information_schema.schemata) ORDER BY user"
        )
        with self._server() as connection:
            try:
                found = connection.execute(text(question), {"length": len(prefix), "prefix": prefix}).fetchall()
            except exc.DBAPIError:
                return []
        return [name for (name,) in found]

    def _accounts(self, connection: Connection, name: str) -> list[str]:
        """A user from anywhere, and one from here: an anonymous user of the server from here would come before the first."""
        here: Any = connection.execute(text("SELECT SUBSTRING_INDEX(USER(), '@', -1)")).scalar()
        return [f"{quoted_mysql(name)}@{quoted_mysql(host)}" for host in sorted({"%", here})]


def _is_role(connection: Connection, name: str) -> bool:
    return connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first() is not None
