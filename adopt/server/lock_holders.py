"""Who holds a lock, as the server tells it: for a message that names the session which has to end, or to be ended.

A role sees less of the sessions of other roles (PostgreSQL: pg_read_all_stats, MySQL: PROCESS); what it does not see is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..base import redaction
from . import readonly_postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import DBAPICursor


LONGEST_QUERY = 100
OWN = "migrations, "  # what the application_name of a session begins with that holds the lock of an upgrade

SESSION = "a.pid, a.application_name, a.usename, a.state, CAST(EXTRACT(EPOCH FROM now() - a.xact_start) AS integer), a.query"
HERE = "l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
ADVISORY = f"""
SELECT {SESSION}
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND {HERE} AND l.objsubid = 1
AND CAST(l.classid AS bigint) = {{high}} AND CAST(l.objid AS bigint) = {{low}}
"""
TABLES = f"""
SELECT DISTINCT ON (a.pid, c.relname) {SESSION}, c.relname
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation
WHERE l.locktype = 'relation' AND {HERE}
AND c.relkind IN ('r', 'p', 'm', 'v') AND c.relnamespace <> CAST('pg_catalog' AS regnamespace)
ORDER BY a.pid, c.relname
"""
BLOCKING = f"""
SELECT {SESSION},
(SELECT h.mode || ' on ' || CAST(w.relation AS regclass) FROM pg_locks w JOIN pg_locks h ON h.relation = w.relation
AND h.database = w.database AND h.granted AND h.pid = a.pid WHERE w.pid = {{number}} AND NOT w.granted LIMIT 1)
FROM pg_stat_activity a WHERE a.pid = ANY(pg_blocking_pids({{number}}))
ORDER BY a.pid
"""
THREADS = "SELECT id, user, command, time, info FROM information_schema.processlist WHERE "
NAMED = THREADS + "id = IS_USED_LOCK({name})"
TRANSACTIONS = """
SELECT p.id, p.user, p.command, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.info
FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
WHERE (p.db = DATABASE() OR p.db IS NULL) ORDER BY t.trx_started
"""
EVERY = THREADS + "id <> CONNECTION_ID() AND db = DATABASE() ORDER BY id"


def of_advisory_lock(dbapi_connection: Any, number: int) -> Callable[[], list[str]]:
    """A function that names who holds this advisory lock of PostgreSQL, each as one line."""
    query = ADVISORY.format(high=number >> 32, low=number & 0xFFFFFFFF)
    return lambda: [_postgresql(*row) for row in _rows(dbapi_connection.cursor(), query)]


def of_named_lock(cursor: DBAPICursor, name: str) -> Callable[[], list[str]]:
    """A function that names who holds the lock of this name, an SQL expression, on MySQL."""
    return lambda: [_mysql(*row) for row in _rows(cursor, NAMED.format(name=name))]


def of_tables(dbapi_connection: Any, dialect_name: str, statement: str, own_numbers: Collection[int]) -> list[str]:
    """Who holds a lock on a table that `statement` names, each as one line; on MySQL, whoever is in a transaction.

    `own_numbers` are the sessions of this process.
    """
    cursor = dbapi_connection.cursor()
    if dialect_name == "postgresql":
        rows = [row for row in _rows(cursor, TABLES) if row[0] not in own_numbers]
        named = [row for row in rows if re.search(rf"(?<!\w){re.escape(row[6])}(?!\w)", statement)]
        return [f"{_postgresql(*row[:6])}, has {row[6]}" for row in named]
    return _transactions(cursor, own_numbers)


def own_number(connection: Connection) -> Any:
    """By what number the server knows a connection of SQLAlchemy's; 0 where the driver does not tell."""
    own = getattr(connection.connection, "dbapi_connection", None) or connection.connection.connection
    if connection.dialect.name == "postgresql":
        return readonly_postgresql.process_number(own)
    number = getattr(own, "thread_id", None) or getattr(own, "connection_id", 0)
    return number() if callable(number) else number


def in_the_way(cursor: DBAPICursor, dialect_name: str, number: int) -> list[str]:
    """Who keeps the statement of session `number` waiting, each as one line, with what is locked; [] where nobody does."""
    if dialect_name == "postgresql":
        rows = _rows(cursor, BLOCKING.format(number=int(number)))
        lines: dict[int, tuple[str, list[str | None]]] = {}
        for row in rows:
            lines.setdefault(row[0], (_postgresql(*row[:6]), []))[1].append(row[6])
        return [line + (", has " + ", ".join(sorted(set(filter(None, has)))) if any(has) else "") for line, has in lines.values()]
    if dialect_name not in ("mysql", "mariadb"):
        return []
    state = _rows(cursor, f"SELECT state FROM information_schema.processlist WHERE id = {int(number)}")
    if not state or "lock" not in (state[0][0] or "").lower():
        return []
    own = {int(number), _rows(cursor, "SELECT CONNECTION_ID()")[0][0]}
    return _transactions(cursor, own) or [_mysql(*row) for row in _rows(cursor, EVERY) if row[0] not in own] or ["another session"]


def end_statement(cursor: DBAPICursor, dialect_name: str, number: int) -> None:
    """End what session `number` runs now; the session stays."""
    cursor.execute(("SELECT pg_cancel_backend({})" if dialect_name == "postgresql" else "KILL QUERY {}").format(int(number)))


def _transactions(cursor: DBAPICursor, own_numbers: Collection[int]) -> list[str]:
    try:
        rows = _rows(cursor, TRANSACTIONS)
    except Exception:  # noqa: BLE001 -- without the privilege PROCESS; every driver has a class of its own for it
        rows = _rows(cursor, EVERY)
    return [_mysql(*row) for row in rows if row[0] not in own_numbers]


def _postgresql(
    pid: int, application: str | None, role: str | None, state: str | None, age_s: int | None, query: str | None
) -> str:
    """ "server process 8812 (migrations, process 7 on web-3), idle in transaction for 42 s: SELECT 1"."""
    if (application or "").startswith(OWN):
        state = query = None  # it only holds the lock
    name = application or ("role " + role if role else "")
    return "server process {}{}{}{}{}".format(
        pid,
        f" ({name})" if name else "",
        ", " + state if state else "",
        f" for {age_s} s" if age_s is not None else "",
        _query(query),
    )


def _mysql(number: int, user: str, command: str, age_s: int, query: str | None) -> str:
    """ "connection 17 of root, Sleep for 42 s"."""
    return f"connection {number} of {user}, {command} for {age_s} s{_query(query)}"


def _query(query: str | None) -> str:
    line = redaction.shortened(query or "", LONGEST_QUERY)
    return ": " + line if line else ""


def _rows(cursor: DBAPICursor, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return [tuple(row) for row in cursor.fetchall()]
