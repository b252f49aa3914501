"""The fingerprint of a PostgreSQL database, from its catalogue and statistics: 0.1 s for 1,000 tables, however large they are, and
twice that for a superuser.

The catalogue's rows carry the number of the transaction that wrote them. What the server does for itself (vacuum, analyze) changes
none of what is asked here. The statistics count rows that were written, those of rolled back transactions too; a session hands its
counts on when it ends, which `since` waits for. Before PostgreSQL 15 they take half a second more. A superuser may write uncounted
(track_counts), so for his login rows are told by the numbers of their transactions as well, as far as they are few.

Seen        every table, column, constraint, function, type and other object, rows that were written, sequences that were advanced:
            all of the catalogue but what the server writes by itself, and what the role may not read
Not seen    what was done and undone again in the schema; rows beyond 128 MiB that were written uncounted; rows of temporary tables;
            what a prepared transaction writes when it is committed; before PostgreSQL 10, sequences
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from . import readonly, sessions
from .connecting import command, escaped, query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.engine import URL, Connection

    from ..base.types import Fingerprint


OWN = 16384  # FirstNormalObjectId: https://github.com/postgres/postgres/blob/master/src/include/access/transam.h
STATISTICS_S = 0.6  # until the collector of PostgreSQL 14 and before has written them
READ = 128 << 20  # bytes of the tables whose rows are read where they may be written uncounted
AT_ONCE = 200  # relations

MARK = "concat_ws(' ', count(*), sum(xmin::text::bigint))"  # of rows: one that is written has the number of a later transaction
CHECKSUM = "SELECT {}, " + MARK + " FROM {}"
HIDDEN = "SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_(temp|toast)'"
TEMPORARY = f"SELECT oid FROM pg_class WHERE relpersistence = 't' OR relnamespace IN ({HIDDEN})"

CLASSES = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
BY_SERVER = "pages tuples allvisible allfrozen frozenxid minmxid filenode hasindex hasrules hastriggers hassubclass checks"
RELATIONS = (
    "SELECT n.nspname || '.' || c.relname, c.relkind::text, concat_ws(' ', c.oid, a.mark,"
    " hashtext((to_jsonb(c) - {by_server})::text)) {classes}"
    " LEFT JOIN (SELECT attrelid, sum(xmin::text::bigint) AS mark"
    " FROM pg_attribute WHERE attrelid >= {own} GROUP BY attrelid) a ON a.attrelid = c.oid"
    " WHERE c.oid >= {own} AND c.oid NOT IN ({temporary})"
).format(own=OWN, classes=CLASSES, temporary=TEMPORARY, by_server=" - ".join(f"'rel{name}'" for name in BY_SERVER.split()))
WORDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table", "S": "sequence"}
WORDS.update({"i": "index", "I": "index", "c": "type", "t": "table"})

# label: (catalogue, which of its rows)
KINDS = {
    "defaults of columns": ("pg_attrdef", "adrelid NOT IN ({temporary})"),
    "constraints": ("pg_constraint", "conrelid NOT IN ({temporary})"),
    "indexes": ("pg_index", "indexrelid NOT IN ({temporary})"),
    "triggers": ("pg_trigger", "tgrelid NOT IN ({temporary})"),
    "views and rules": ("pg_rewrite", "ev_class NOT IN ({temporary})"),
    "parents of tables": ("pg_inherits", "inhrelid NOT IN ({temporary})"),
    "functions": ("pg_proc", "pronamespace NOT IN ({hidden})"),
    "types": ("pg_type", "typnamespace NOT IN ({hidden})"),
    "schemas": ("pg_namespace", "oid NOT IN ({hidden})"),
    "comments": ("pg_description", "true"),
    "definitions of sequences": ("pg_sequence", "seqrelid NOT IN ({temporary})"),
    "extensions": ("pg_depend", "deptype IN ('e', 'x')"),
    "values of enums": ("pg_enum", "true"),
    "large objects": ("pg_largeobject_metadata", "true"),
}
# (name, whether pg_describe_object knows its rows) of all others, but those that the server writes, or temporary tables
OTHERS = (
    "SELECT relname::text, EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'oid') FROM pg_class c"
    " WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared AND has_table_privilege(oid, 'SELECT')"
    " AND relname NOT IN ('pg_class', 'pg_attribute', 'pg_largeobject', 'pg_statistic', 'pg_statistic_ext_data',"
    " 'pg_subscription_rel', {}) ORDER BY 1"
).format(", ".join(f"'{catalogue}'" for catalogue, _ in KINDS.values()))
DATABASE = "settings of the database"
SUBSCRIPTIONS = "(SELECT string_agg(concat(oid, subenabled), '') FROM pg_subscription WHERE subdbid = d.oid)"
OF_DATABASE = (
    "(SELECT concat_ws(' ', xmin, hashtext(shobj_description(oid, 'pg_database')), (SELECT hashtext(string_agg(s::text, ' '"
    " ORDER BY setrole)) FROM pg_db_role_setting s WHERE setdatabase = d.oid), {})"
    " FROM pg_database d WHERE datname = current_database())"
)
# what a row of a catalogue stands for; "" where a relation is named for it
NAMES = {
    "comments": "pg_describe_object(classoid, objoid, objsubid)",
    "extensions": "pg_describe_object(classid, objid, objsubid)",
    "values of enums": "enumtypid::regtype::text || ' ' || enumlabel",
    "large objects": "oid::text",
    "types": "CASE WHEN typrelid = 0 AND typcategory <> 'A' THEN typname::text END",
}
NAMES.update(dict.fromkeys(("indexes", "views and rules", "parents of tables", "definitions of sequences"), ""))
DESCRIBED = "pg_describe_object(tableoid, oid, 0)"
MOST = 5  # names in a sentence
TABLES = (
    f"SELECT n.nspname || '.' || c.relname, {{}} {CLASSES}"
    f" WHERE c.relkind IN ('r', 'm') AND (c.oid >= {OWN} OR c.relname = 'pg_largeobject') AND c.oid NOT IN ({TEMPORARY}) ORDER BY 3"
)
COUNTS = ", ".join(f"pg_stat_get_tuples_{what}(c.oid)" for what in ("inserted", "updated", "deleted"))
ROWS = TABLES.format("c.relfilenode, " + COUNTS)
SIZES = TABLES.format(
    "c.oid::regclass::text, CASE WHEN has_table_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid)"
    " THEN pg_relation_size(c.oid) END"
)
MAY_SWITCH = "SELECT bool_or({} AND pg_has_role(oid, 'MEMBER')) FROM pg_roles"
SEQUENCES = (
    "SELECT n.nspname || '.' || c.relname, c.oid::regclass::text, has_table_privilege(c.oid, 'SELECT'),"
    " has_table_privilege(c.oid, 'UPDATE'),"
    " CASE WHEN has_sequence_privilege(c.oid, 'SELECT,USAGE') THEN pg_sequence_last_value(c.oid) END"
    f" {CLASSES} WHERE c.relkind = 'S'"
    " AND (c.relpersistence = 'p' OR c.relpersistence = 'u' AND NOT pg_is_in_recovery())"
)
FIRST = "SELECT {}, last_value FROM {}"
RESET = "SELECT stats_reset::text FROM pg_stat_database WHERE datname = current_database()"
SESSIONS = (
    "SELECT pid, extract(epoch FROM state_change)::text, extract(epoch FROM now() - state_change)::float FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND left(application_name, 8) <> 'scratch_'"
    " AND coalesce(query, '') !~ '^autovacuum:'"
)
AT_WORK = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = session_user AND state = 'active'"
    " AND (client_addr IS NULL OR client_addr = inet_client_addr()) AND clock_timestamp() - query_start > interval '1 s'"
    " AND pid <> pg_backend_pid() AND wait_event IS DISTINCT FROM 'advisory' AND query !~ '^(CREATE|DROP) DATABASE '"
)


def take(url: URL | str, connect_args: Mapping[str, Any] | None, since: Fingerprint) -> Fingerprint:
    with readonly.connect(url, connect_args) as connection:
        version = int(query(connection, "SHOW server_version_num")[0][0])
        if version >= 150000:  # a pooler lends a session that may still have to count what another client wrote in it
            command(connection, "SELECT pg_stat_force_next_flush()")
            readonly.end(connection)
        command(connection, "SET LOCAL lock_timeout = '1s'")
        settled = sessions.settled(
            lambda: {str(pid): [changed, idle] for pid, changed, idle in afresh(connection, SESSIONS)}, since
        )
        if version < 150000:
            time.sleep(STATISTICS_S)
        at_work = sessions.at_work(lambda: afresh(connection, AT_WORK), since)
        rows, unseen, uncounted = rows_of(connection, version)
        schema, unread, named = schema_of(connection, version, since)
        return {
            "schema": schema,
            "named": named,
            "at_work": at_work,
            "moment": query(connection, "SELECT txid_snapshot_xmax(txid_current_snapshot())")[0][0] & 0xFFFFFFFF,
            "rows": rows,
            "unseen": unseen + unread,
            "uncounted": uncounted,
            "sessions": settled,
            "counted_since": query(connection, RESET)[0][0],
        }


def afresh(connection: Connection, statement: str) -> Any:
    """The rows of a question about sessions, or what they have counted, which within a transaction are one moment's otherwise."""
    command(connection, "SELECT pg_stat_clear_snapshot()")
    return query(connection, statement)


def schema_of(connection: Connection, version: int, since: Fingerprint) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """(the marks by kind and name, the kinds that the role may not read, names of what was written in those that changed)."""
    found: dict[str, dict[str, Any]] = {}
    for name, kind, mark in query(connection, RELATIONS):
        found.setdefault(WORDS.get(kind, "relation"), {})[name] = mark
    known = [label for label in KINDS if version >= 100000 or label != "definitions of sequences"]
    asked = ", ".join(f"has_table_privilege('pg_catalog.{KINDS[label][0]}', 'SELECT')" for label in known)
    may_be_read = query(connection, "SELECT " + asked)[0]
    kinds = {label: KINDS[label] + (NAMES.get(label, DESCRIBED),) for place, label in enumerate(known) if may_be_read[place]}
    kinds.update((name, (name, "true", DESCRIBED if is_known else "")) for name, is_known in query(connection, OTHERS))
    questions = [
        f"(SELECT {MARK} FROM {catalogue} WHERE {where.format(hidden=HIDDEN, temporary=TEMPORARY)})"
        for catalogue, where, _ in kinds.values()
    ]
    of_database = OF_DATABASE.format(SUBSCRIPTIONS if version >= 100000 else "''")
    marks = query(connection, "SELECT " + ", ".join(questions + [of_database]))[0]
    found[""] = {label: marks[place] for place, label in enumerate([*kinds, DATABASE])}
    return found, [label for label in known if label not in kinds], names_of(connection, kinds, found[""], since)


def names_of(
    connection: Connection, kinds: Mapping[str, tuple[str, str, str]], marks: Mapping[str, str], since: Fingerprint
) -> dict[str, Any]:
    """What has been written in each catalogue whose mark is another one; what is gone has no name there."""
    found = {}
    for label, (catalogue, where, shown) in kinds.items():
        if shown and since.get("schema", {}).get("", {}).get(label, marks[label]) != marks[label]:
            where = where.format(hidden=HIDDEN, temporary=TEMPORARY)
            question = "SELECT {} FROM {} WHERE {} AND xmin::text::bigint >= {} ORDER BY 1 LIMIT {}"
            rows = query(connection, question.format(shown, catalogue, where, since["moment"], MOST))
            found[label] = ", ".join(name for (name,) in rows if name)
    return found


def rows_of(connection: Connection, version: int) -> tuple[dict[str, Any], list[str], list[str]]:
    """(what tells that rows were written, what of it cannot be told, what of it may have been written uncounted)."""
    is_counted = query(connection, "SELECT current_setting('track_counts')")[0][0] == "on"
    tables = {}
    for name, file, inserted, updated, deleted in afresh(connection, ROWS):
        counts = {"inserted": inserted, "updated": updated, "deleted": deleted} if is_counted else {}
        tables[name] = dict(counts, file=file)
    found = {"rows of": tables}
    unseen, uncounted = [], []
    is_permitted = "has_parameter_privilege(oid, 'track_counts', 'SET')" if version >= 150000 else "rolsuper"
    may_be_off = not is_counted or query(connection, MAY_SWITCH.format(is_permitted))[0][0]
    if may_be_off and not are_read(connection, tables):
        uncounted = ["rows of large tables, as this login can switch track_counts off,"] * is_counted
        unseen = ["rows of large tables, as track_counts is off,"] * (not is_counted)
    if version >= 100000:
        try:
            with connection.begin_nested():
                found["next number of"], is_told = next_numbers(connection)
                uncounted += ["sequences that this login may not read"] * (not is_told)
        except exc.DBAPIError:  # somebody alters one of them for longer than the timeout
            unseen.append("sequences, of which one is locked,")
    return found, unseen, uncounted


def next_numbers(connection: Connection) -> tuple[dict[str, Any], bool]:
    """(the last number of each sequence, or the one to begin with; whether all are told that this login may set)."""
    sequences = query(connection, SEQUENCES)
    unused = [(name, shown) for name, shown, may_be_read, _, number in sequences if number is None and may_be_read]
    found = {name: number for name, *_, number in sequences}
    found.update((name, f"from {number}") for name, number in read(connection, FIRST, unused))
    return found, not any(may_be_set and found[name] is None for name, _, _, may_be_set, _ in sequences)


def are_read(connection: Connection, tables: dict[str, dict[str, Any]]) -> bool:
    """Put a checksum of its rows into the mark of each table, as far as they are few; whether each has one."""
    try:
        with connection.begin_nested():
            small, room = [], READ
            for name, shown, size in query(connection, SIZES):
                room -= READ + 1 if size is None else size
                small += [(name, shown)] * (room >= 0)
            for name, checksum in read(connection, CHECKSUM, small):
                tables[name]["checksum"] = checksum
    except exc.DBAPIError:  # somebody has locked one of them for longer than the timeout
        return False
    return room >= 0


def read(connection: Connection, question: str, relations: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    """(name, answer) for each of the relations, (name, as it is written in a statement)."""
    for first in range(0, len(relations), AT_ONCE):
        some = enumerate(relations[first : first + AT_ONCE], first)
        asked = [question.format(place, escaped(connection, shown)) for place, (_, shown) in some]
        for place, answer in query(connection, " UNION ALL ".join(asked)):
            yield relations[place][0], answer
