"""The fingerprint of a MySQL or MariaDB database, from its information schema and checksums: 0.3 s for 1,000 tables.

InnoDB counts nothing that a login may ask for, so rows are told by contents (CHECKSUM TABLE) where they are few, and elsewhere by
the second of the last commit that changed them, and by the next number of AUTO_INCREMENT.

Seen        every table, column, key, constraint, view, routine, trigger and event, the rows of tables, and sequences; rights on the
            database and on its tables
Not seen    what was done and undone again; numbers of a sequence that the server had drawn before; in tables beyond 256 KiB, rows
            that were changed in the second of an earlier change, and of engines that do not tell when that was, all of them; the
            algorithm of a view; what a prepared transaction (XA) writes when it is committed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from . import readonly, sessions
from .connecting import command, escaped, query
from .servers.mysql import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import URL, Connection

    from ..base.types import Fingerprint


SMALL = 256 * 1024  # bytes of a table whose rows are read
ALTOGETHER = 32 * 1024 * 1024  # bytes of all that are

TABLES = (
    "SELECT table_name, table_type, CAST(CRC32(CONCAT_WS('|', table_type, engine, create_options, table_collation, table_comment,"
    " create_time)) AS CHAR), auto_increment, CAST(update_time AS CHAR), data_length, engine"
    " FROM information_schema.tables WHERE table_schema = DATABASE()"
)
SUMS = "SELECT {1}, CAST(SUM(CRC32(CONCAT_WS('|', {2}))) AS CHAR) FROM information_schema.{0} WHERE {3} = DATABASE() GROUP BY 1"
# what: (view, the column with the name, the columns that tell it, the column with the database where that is not table_schema)
KINDS = {
    "columns of": (
        "columns",
        "table_name",
        "column_name, ordinal_position, column_default, is_nullable, column_type, collation_name, extra, column_comment,"
        " generation_expression",
    ),
    "indexes of": ("statistics", "table_name", "index_name, non_unique, seq_in_index, column_name, sub_part, index_type"),
    "keys of": (
        "key_column_usage",
        "table_name",
        "constraint_name, column_name, ordinal_position, referenced_table_schema, referenced_table_name, referenced_column_name",
    ),
    "foreign keys of": (
        "referential_constraints",
        "table_name",
        "constraint_name, update_rule, delete_rule",
        "constraint_schema",
    ),
    "check constraint": ("check_constraints", "constraint_name", "check_clause", "constraint_schema"),
    "view": ("views", "table_name", "view_definition, check_option, definer, security_type"),
    "routine": (
        "routines",
        "routine_name",
        "routine_type, routine_definition, dtd_identifier, definer, security_type, created, last_altered",
        "routine_schema",
    ),
    "trigger": (
        "triggers",
        "trigger_name",
        "event_manipulation, event_object_table, action_statement, action_timing, definer, created",
        "trigger_schema",
    ),
    "event": ("events", "event_name", "event_definition, status, interval_value, execute_at, last_altered", "event_schema"),
    "right": ("schema_privileges", "grantee", "privilege_type, is_grantable", "REPLACE(table_schema, CHAR(92), '')"),
    "right on tables": ("table_privileges", "grantee", "table_name, privilege_type, is_grantable"),
}
OF_DATABASE = "SELECT * FROM information_schema.schemata WHERE schema_name = DATABASE()"
AT_WORK = (
    "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    " AND command IN ('Query', 'Execute') AND time >= 1 AND state <> 'User lock'"
    " AND LEFT(info, 12) NOT IN ('CREATE DATAB', 'DROP DATABAS')"
    " AND user = SUBSTRING_INDEX(USER(), '@', 1) AND (host = 'localhost' OR"
    " SUBSTRING_INDEX(host, ':', 1) = SUBSTRING_INDEX(USER(), '@', -1))"
)
SESSIONS = (
    "SELECT id, command, CAST(UNIX_TIMESTAMP() - time AS SIGNED), time FROM information_schema.processlist"
    " WHERE db = DATABASE() AND id <> CONNECTION_ID() AND user <> 'event_scheduler'"
    " AND command NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')"
)


def take(url: URL | str, connect_args: Mapping[str, Any] | None, since: Fingerprint) -> Fingerprint:
    with readonly.connect(url, connect_args) as connection:
        command(connection, "SET SESSION lock_wait_timeout = 2")
        # the server has said it
        if not connection.dialect.server_version_info < (8,) and "MariaDB" not in query(connection, "SELECT VERSION()")[0][0]:  # type: ignore[operator]
            command(connection, "SET SESSION information_schema_stats_expiry = 0")  # MySQL keeps them for a day otherwise
        settled = sessions.settled(lambda: sessions_of(connection), since)
        at_work = sessions.at_work(lambda: query(connection, AT_WORK), since)
        tables = query(connection, TABLES)
        rows, unseen = rows_of(connection, tables)
        schema, unknown = schema_of(connection, tables)
        schema[""] = {"settings of the database": " ".join(map(str, query(connection, OF_DATABASE)[0]))}
        return {
            "schema": schema,
            "at_work": at_work,
            "rows": rows,
            "unseen": unseen + unknown,
            "sessions": settled,
        }


def sessions_of(connection: Connection) -> dict[str, Any]:
    """The other sessions in this database, as far as the role sees them."""
    found: dict[str, Any] = {}
    for number, doing, since_when, idle_s in query(connection, SESSIONS):
        # a clock of whole seconds: within two of them a sleeping session is the same
        found[str(number)] = [int(since_when) // 2, int(idle_s)] if doing == "Sleep" else [None, 0]
    return found


def schema_of(connection: Connection, tables: Sequence[Any]) -> tuple[dict[str, Any], list[str]]:
    """(the marks by kind and name, the kinds that this server does not tell)."""
    unknown: list[str]
    found, unknown = {"table": {row[0]: row[2] for row in tables}}, []
    for label, kind in KINDS.items():
        try:
            found[label] = marks_by_name(connection, SUMS.format(*kind, "table_schema"))
        except exc.DBAPIError:  # a view or a column that an older server does not have
            unknown.append(label.split(" of")[0] + "s" * (not label.endswith(" of")))
    return found, unknown


def rows_of(connection: Connection, tables: Sequence[Any]) -> tuple[dict[str, Any], list[str]]:
    """(what tells that rows were written, what of it cannot be told)."""
    of_tables = {
        name: {"next": number, "committed": changed or "", "checksum": None}
        for name, kind, _, number, changed, *_ in tables
        if kind[-4:] != "VIEW"
    }
    room, small = ALTOGETHER, []
    for size, name in sorted((row[5] or 0, row[0]) for row in tables if row[0] in of_tables):
        room -= size
        if size <= SMALL and room >= 0:
            small.append(name)
    unseen = []
    for names in (small[first : first + 200] for first in range(0, len(small), 200)):
        try:
            for shown, checksum in query(connection, escaped(connection, "CHECKSUM TABLE " + ", ".join(map(quoted, names)))):
                of_tables[shown.partition(".")[2]]["checksum"] = checksum
        except exc.DBAPIError:  # somebody has locked one of them for longer than the timeout
            unseen = ["the rows of tables, of which one is locked,"]
    untimed = {row[0] for row in tables if row[4] is None and row[6] != "InnoDB"} & {*of_tables}
    if any(of_tables[name]["checksum"] is None for name in untimed):
        unseen += ["the rows of large tables that are not InnoDB's"]
    return {"rows of": of_tables}, unseen


def marks_by_name(connection: Connection, question: str) -> dict[str, Any]:
    return {str(name): mark for name, mark in query(connection, question)}
