"""Foreign keys that are in the way of a change go before it and come back after it.

MySQL changes no type of a column, and drops no primary key, that a foreign key needs. PostgreSQL refuses a foreign key between two
types that are not alike, as they are while one table is changed and the other is not yet.
"""

from alembic.operations import ops
from sqlalchemy import inspect

from . import check_constraints
from .extra_operations import LinesOp


def keys_apart(connection, tables, columns, operations):
    """The operations that drop the foreign keys of `columns`, {(table, column)}; their reverse comes after everything else.

    `tables` are the names of all; left alone is what `operations`, Alembic's, drop.
    """
    inspector, result = inspect(connection), []
    dropped = {getattr(part, "constraint_name", None) for one in operations for part in getattr(one, "ops", ())}
    gone = {one.table_name for one in operations if isinstance(one, ops.DropTableOp)}
    for table in sorted(tables):
        schema, _, bare = table.rpartition(".")
        for key in inspector.get_foreign_keys(bare, schema=schema or None):
            other = ".".join(filter(None, (key["referred_schema"], key["referred_table"])))
            both = {(table, one) for one in key["constrained_columns"]} | {(other, one) for one in key["referred_columns"]}
            if not both.isdisjoint(columns) and key["name"] not in dropped and bare not in gone:
                made = "op.create_foreign_key(op.f({!r}), {!r}, {!r}, {!r}, {!r}{})".format(
                    key["name"],
                    bare,
                    key["referred_table"],
                    key["constrained_columns"],
                    key["referred_columns"],
                    words(key, schema),
                )
                result.append(LinesOp(check_constraints.drop(table, key["name"], connection.dialect, "foreignkey"), [made]))
    return result


def words(key, schema):
    """The rest of the arguments."""
    given = dict(key.get("options") or {}, source_schema=schema, referent_schema=key["referred_schema"])
    return "".join(", {}={!r}".format(name, value) for name, value in sorted(given.items()) if value)
