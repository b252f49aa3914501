"""Look at one database without changing anything in it: is it there, is it stamped, what is its schema?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ..base.errors import ChangedWhileRead, DatabaseMissing, DatabaseUnreachable, first_line, is_permission_error
from ..base.urls import backend, redact, sqlite_path
from ..project import project
from ..schema import grants, snapshot
from ..server import catalogue, readonly, search_path
from ..server.connecting import query, sql
from ..server.server_of import kind
from . import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..history.loading import Database


ATTEMPTS = 3
IN_MEMORY = "a database in memory is another one for every connection; name one that lasts, in the environment or in .env"


@dataclass(frozen=True)
class Seen:
    """What was seen. One of `missing`, `unreachable` and `not_permitted` says why there is no `snapshot`, or none of them.

    `stamped` are the rows of `alembic_version`, `empty_version_table` says that the table is there without a row. `server` is what
    the database has in common with all that one chain can be compared with, `mark` stands for the snapshot (see catalogue.py), and
    `register` are the tables that project.ini leaves alone.
    """

    database: str
    bind: str = ""
    missing: bool = False
    unreachable: str = ""
    not_permitted: str = ""
    stamped: tuple[str, ...] = ()
    empty_version_table: bool = False
    server: tuple[Any, ...] = ()
    snapshot: Any = None
    mark: str | None = None
    register: frozenset[str] = frozenset()


def look(database: Database) -> Seen:
    """What one Database is now; every connection is read-only, and a SQLite file that is not there is not made."""
    facts: dict[str, Any] = {"database": redact(database.url), "bind": database.name}
    if backend(database.url) not in ("sqlite", "postgresql", "mysql"):
        return Seen(unreachable=f"a database of {backend(database.url)} cannot be opened read-only here", **facts)
    if backend(database.url) == "sqlite" and sqlite_path(database.url) is None:
        return Seen(unreachable=IN_MEMORY, **facts)
    try:
        return Seen(**at_rest(database), **facts)
    except DatabaseMissing:
        return Seen(missing=True, **facts)
    except (DatabaseUnreachable, ChangedWhileRead) as error:
        return Seen(unreachable=error.reason, **facts)
    except exc.DBAPIError as error:
        words = first_line(error)
        if is_permission_error(error):
            return Seen(not_permitted="the role may not read it: " + words, **facts)
        return Seen(unreachable=words, **facts)


def at_rest(database: Database) -> dict[str, Any]:
    """What is there when nobody changes it meanwhile."""
    for _ in range(ATTEMPTS):
        with suppress(ChangedWhileRead), readonly.of(database) as connection:
            return looked(connection, database)
    raise ChangedWhileRead(f"its schema was changed while it was read, {ATTEMPTS} times")


def looked(connection: Connection, database: Database) -> dict[str, Any]:
    """The facts that need a connection."""
    catalogue.at_one_moment(connection)
    if connection.dialect.name == "postgresql" and query(connection, "SELECT current_schema()")[0][0] is None:
        return {"not_permitted": search_path.why_none(connection)}
    if connection.dialect.name in ("mysql", "mariadb") and sees_part(connection):
        return {"not_permitted": "the role has privileges on single tables, and the server hides the others from it"}
    rows = stamp.version_table_of(connection, database.version_table, database.version_table_schema)[1]
    return {
        "register": frozenset(name for key in database.keys for name in project.unmanaged(key)),
        "stamped": rows or (),
        "empty_version_table": rows == (),
        "server": kind(connection),
        "mark": None if rows else catalogue.mark(connection),  # before the snapshot; what is stamped is seldom stamped again
        "snapshot": snapshot.of(database, connection),
    }


def sees_part(connection: Connection) -> bool:
    """Whether MySQL hides tables of this database from the role."""
    lines = [row[0] for row in connection.execute(sql("SHOW GRANTS")).fetchall()]
    return grants.sees_part(lines, connection.execute(sql("SELECT DATABASE()")).scalar())  # type: ignore[arg-type]  # there is one
