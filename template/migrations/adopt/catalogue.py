"""Whether anything in PostgreSQL's catalogue is another than it was, told by one short text.

Every CREATE, ALTER and DROP writes rows of the catalogue anew, and a row carries the number of the transaction that wrote it. The
text is made of these numbers, so it costs a fraction of a snapshot, for which the server prints every default, constraint and
index. It is of use in one database only: the numbers are not those of another one with the same schema.
"""

from .servers.connecting import command, query

FIRST_OID = 16384  # smaller ones are those of the server's own objects: FirstNormalObjectId in access/transam.h
KEYS = {
    **dict.fromkeys(("pg_class", "pg_attrdef", "pg_constraint", "pg_type", "pg_enum"), "oid"),
    **{"pg_attribute": "attrelid", "pg_index": "indexrelid", "pg_description": "objoid"},
}
ROWS = ["{} WHERE {} >= {}".format(name, key, FIRST_OID) for name, key in KEYS.items()] + ["pg_namespace"]
PARTS = ["(SELECT string_agg(xmin::text || ctid::text, ' ') FROM {})".format(rows) for rows in ROWS]
MARK = "SELECT md5(concat_ws('/', {}))".format(", ".join("coalesce({}, '')".format(part) for part in PARTS))


def mark(connection):
    """The text, None for other servers: two that are equal say that no schema of this database was changed in between.

    It stands for a snapshot that was taken after it, in one transaction that sees one moment (see `at_one_moment`): an index that
    was made and dropped between the two would be in the snapshot otherwise, and leaves no trace. Two that differ say nothing.
    """
    return query(connection, MARK)[0][0] if connection.dialect.name == "postgresql" else None


def at_one_moment(connection):
    """Let PostgreSQL show this transaction, which has not asked anything yet, what there was when it first does."""
    if connection.dialect.name == "postgresql":
        command(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
