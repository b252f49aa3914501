"""Whether anything in PostgreSQL's catalogue is another than it was, told by one text.

Every CREATE and ALTER writes rows of the catalogue anew, a row carries the number of the transaction that wrote it, and a DROP
leaves fewer of them. The text is these numbers, so it costs a fraction of a snapshot, for which the server prints every default,
constraint and index. It is of use in one database only: the numbers are not those of another one with the same schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .connecting import command, query

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


FIRST_OID = 16384  # smaller ones are those of the server's own objects: FirstNormalObjectId in access/transam.h
OWN = f"{{}} >= {FIRST_OID}"
KEYS = {
    **dict.fromkeys(("pg_class", "pg_attrdef", "pg_constraint", "pg_type", "pg_enum"), OWN.format("oid")),
    "pg_attribute": OWN.format("attrelid") + " AND attnum > 0",
    "pg_index": OWN.format("indexrelid"),
    "pg_description": OWN.format("objoid"),
    "pg_namespace": "true",
}
MARK = "SELECT " + ", ".join("ARRAY(SELECT xmin FROM {} WHERE {})::text".format(*item) for item in KEYS.items())


def mark(connection: Connection) -> str | None:
    """The numbers, None for other servers: two that are equal say that no schema of this database was changed in between.

    It stands for a snapshot that was taken after it, in one transaction that sees one moment (see `at_one_moment`): an index that
    was made and dropped between the two would be in the snapshot otherwise, and leaves no trace. Two that differ say nothing.
    """
    return " ".join(query(connection, MARK)[0]) if connection.dialect.name == "postgresql" else None


def at_one_moment(connection: Connection) -> None:
    """Let PostgreSQL show this transaction, which has not asked anything yet, what there was when it first does."""
    if connection.dialect.name == "postgresql":
        command(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
