"""Routines, triggers, events, views and sequences of MySQL and MariaDB; a role is shown those only that it has a privilege on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..server.servers.mysql import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection


QUERIES = (
    (
        "function",
        "SELECT LOWER(routine_type), routine_name, NULL FROM information_schema.routines"
        " WHERE routine_schema = DATABASE() ORDER BY routine_type, routine_name",
    ),
    (
        "trigger",
        "SELECT 'trigger', trigger_name, event_object_table FROM information_schema.triggers"
        " WHERE trigger_schema = DATABASE() ORDER BY event_object_table, trigger_name",
    ),
    (
        "event",
        "SELECT 'event', event_name, NULL FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY event_name",
    ),
    (
        "partition",
        "SELECT 'partition', partition_name, table_name FROM information_schema.partitions"
        " WHERE table_schema = DATABASE() AND partition_name > '' ORDER BY table_name, partition_ordinal_position",
    ),
    (
        "view",
        "SELECT LOWER(table_type), table_name, NULL FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_type IN ('VIEW', 'SEQUENCE') ORDER BY table_type, table_name",
    ),
)


def queries(connection: Connection, schemas: Sequence[Any]) -> Sequence[tuple[str, str]]:
    """(kind, query for rows of kind, name, table); of several kinds in one query, the first."""
    return QUERIES


def definition(kind: str, name: str, table: str) -> str:
    return "SHOW CREATE {} {}".format(*("TABLE", quoted(table)) if kind == "partition" else (kind.upper(), quoted(name)))
