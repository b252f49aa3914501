"""A name for each unique constraint and foreign key of a revision that the models leave without one.

Before:  batch_op.create_foreign_key(None, 'users', ['user_id'], ['id'])      SQLite: Constraint must have a name
         batch_op.drop_constraint(None, type_='foreignkey')                   anywhere: there is no way back
After:   batch_op.create_foreign_key(batch_op.f('orders_user_id_fkey'), 'users', ['user_id'], ['id'])
         batch_op.drop_constraint(batch_op.f('orders_user_id_fkey'), type_='foreignkey')

PostgreSQL and MySQL get the name that they would give by themselves, as in a database that create_all() has made. SQLite gives
none and needs one in batch mode: that of PostgreSQL, where the revision then does the same. A constraint of SQLite that has none
is found by it (see sqlite_rebuild). Nor does Alembic see such a unique constraint: it is dropped where
the models have it no more, before its column where that goes too, so that the way back makes it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import Column, MetaData, Table, UniqueConstraint, inspect
from sqlalchemy.sql.elements import conv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from ..base.types import ConnectedContext


CREATED = (ops.CreateForeignKeyOp, ops.CreateUniqueConstraintOp)
KINDS = ("foreignkey", "unique")


def complete(context: ConnectedContext, upgrade_ops: Any, downgrade_ops: Any) -> None:
    """Name what has no name in one comparison, and write the way back anew."""
    if context.as_sql:
        return
    if context.dialect.name == "sqlite" and context.opts.get("render_as_batch"):
        drop_once(context, upgrade_ops)
    if any(is_unnamed(one) for _, one in each(upgrade_ops)):
        named(Names(context.connection), upgrade_ops)
        upgrade_ops.reverse_into(downgrade_ops)
        named(Names(context.connection), downgrade_ops)  # what old versions of Alembic make of the tables that they have read


def drop_once(context: ConnectedContext, container: Any) -> None:
    """Drop each unnamed unique constraint that the models have no more, before the first of its columns that goes."""
    inspector, found = inspect(context.connection), context.opts["target_metadata"]
    changed = {table.table_name: table for table in container.ops if isinstance(table, ops.ModifyTableOps)}
    there, is_included = set(inspector.get_table_names()), context.opts.get("include_object")
    for table in [table for one in (found if isinstance(found, (list, tuple)) else [found]) for table in one.tables.values()]:
        if table.schema or table.name not in there or is_included and not is_included(table, table.name, "table", False, None):
            continue
        wanted = [sorted(column.name for column in one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
        for one in getattr(changed.get(table.name), "ops", ()):  # a name for it is a constraint of its own
            if isinstance(one, ops.CreateUniqueConstraintOp) and sorted(columns_of(one)) in wanted:
                wanted.remove(sorted(columns_of(one)))
        unnamed = [one["column_names"] for one in inspector.get_unique_constraints(table.name) if one["name"] is None]
        for names in unnamed:
            if sorted(names) not in wanted and unnamed.count(names) == 1:
                if table.name not in changed:
                    changed[table.name] = ops.ModifyTableOps(table.name, [])
                    container.ops.append(changed[table.name])
                made, every = UniqueConstraint(*names), changed[table.name].ops
                Table(table.name, MetaData(), *(Column(name) for name in names), made)
                # before one on the same columns comes, too: SQLAlchemy sees one of two that are alike
                said = [getattr(one, "column_name", getattr(one, "columns", ())) for one in every]
                places = [at for at, one in enumerate(said) if one in (*names, names)]
                every.insert(places[0] if places else len(every), ops.DropConstraintOp.from_constraint(made))


def each(container: Any) -> list[tuple[Any, Any]]:
    """(the changes of a table, one of them)."""
    return [(table, one) for table in container.ops if isinstance(table, ops.ModifyTableOps) for one in table.ops]


def is_dropped(one: Any) -> bool:
    return isinstance(one, ops.DropConstraintOp) and one.constraint_type in KINDS


def is_unnamed(one: Any) -> bool:
    return (isinstance(one, CREATED) or is_dropped(one)) and one.constraint_name is None


def named(names: Names, container: Any) -> None:
    for table, one in each(container):
        if is_dropped(one):
            names.taken(table.table_name, table.schema).discard(one.constraint_name)
        if is_unnamed(one):
            created = one.reverse() if is_dropped(one) else one
            one.constraint_name = conv(names.of(created, table.table_name, table.schema))
            if created is one and getattr(one, "_orig_constraint", None) is not None:
                one._orig_constraint = None  # the models', which Alembic before 1.5 writes instead


class Names:
    """The names in a database, and those that are given here."""

    def __init__(self, connection: Connection) -> None:
        self._dialect, self._inspector = connection.dialect, inspect(connection)
        self._taken: dict[tuple[str | None, str], set[Any]] = {}

    def of(self, created: Any, table: str, schema: str | None) -> str:
        """The name for what an operation creates; another one each time."""
        taken = self.taken(table, schema)
        name = next(one for one in self._candidates(created, table) if one not in taken)
        if self._dialect.name != "sqlite":  # a name need not differ there, and is the same for a constraint that has it already
            taken.add(name)
        return name

    def taken(self, table: str, schema: str | None) -> set[Any]:
        """The names that are not free in a table."""
        if (schema, table) not in self._taken:
            asked = (self._inspector.get_indexes, self._inspector.get_unique_constraints, self._inspector.get_foreign_keys)
            is_there = self._dialect.name != "sqlite" and table in self._inspector.get_table_names(schema)
            self._taken[schema, table] = {one["name"] for ask in asked for one in ask(table, schema)} if is_there else set()
        return self._taken[schema, table]

    def _candidates(self, created: Any, table: str) -> Iterator[str]:
        number = 0
        while True:
            if self._dialect.name not in ("mysql", "mariadb"):
                longest = 63 if self._dialect.name == "postgresql" else self._dialect.max_identifier_length
                yield usual_name(created, table, longest, str(number or ""))
            elif isinstance(created, ops.CreateForeignKeyOp):
                yield f"{table[:55]}_ibfk_{number + 1}"
            else:
                yield columns_of(created)[0][:60] + (f"_{number + 1}" if number else "")
            number += 1


def columns_of(created: Any) -> list[str]:
    """The names of the columns that a constraint is about."""
    columns = created.local_cols if isinstance(created, ops.CreateForeignKeyOp) else created.columns
    return [str(getattr(one, "name", one)) for one in columns]


def usual_name(created: Any, table: str, longest: int = 9999, number: str = "") -> str:
    """The name that PostgreSQL would give it."""
    label = "fkey" if isinstance(created, ops.CreateForeignKeyOp) else "key"
    return shortened(table, "_".join(columns_of(created)), label + number, longest)


def shortened(table: str, columns: str, label: str, longest: int) -> str:
    """As PostgreSQL does it: of two names that are too long together, the longer one loses its end."""
    while len("_".join((table, columns, label)).encode()) > longest:
        if len(table.encode()) > len(columns.encode()):
            table = table[:-1]
        else:
            columns = columns[:-1]
    return "_".join((table, columns, label))
