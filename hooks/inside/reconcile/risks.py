"""Which operations of a revision would lose what a database holds, or fail on it; asked of its rows, read-only.

drop a column                      loses its values, where a row has one
change a type                      may cut values, unless every value fits (adopt/rows/fitting.py)
NOT NULL, a new NOT NULL column    fails where a row has no value
unique                             fails where rows repeat
a foreign key                      fails where a row refers to nothing
drop anything else                 somebody made it for this database, and nothing else remembers it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alembic.operations.ops import MigrateOperation
    from sqlalchemy.engine import Connection

    from ..base.types import Adopt


class Risks:
    """What stands against an operation on the database of `connection`; `adopt` gives the modules of migrations/adopt/."""

    def __init__(self, connection: Connection, adopt: Adopt) -> None:
        self._counting, self._rows = adopt("counting"), adopt("counting").Rows(connection)
        self._unfit, self._type_text = adopt("fitting").unfit, adopt("snapshot_reflected").type_text
        self._dialect = connection.dialect
        self.dialect_name = connection.dialect.name
        self.quote = connection.dialect.identifier_preparer.quote
        self._connection, self._pairs = connection, adopt("renames").pairs

    def of(self, operation: MigrateOperation, others: Sequence[MigrateOperation]) -> str:
        """The reason why `operation` is not to run unseen, or "". `others` are those on the same table."""
        if isinstance(operation, ops.DropTableOp):
            return self._said(self._rows.all(name_of(operation)), "%s in the table")
        if isinstance(operation, ops.DropColumnOp):
            rows = self._rows.with_value(name_of(operation), operation.column_name)
            new_name = self.new_name(operation, others)
            may_be = "; renamed to %s?" % new_name if new_name else ""
            return (self._said(rows, "%s with a value in it") or "only in the database") + may_be
        if isinstance(operation, ops.AddColumnOp):
            column = operation.column
            if column.nullable or column.server_default is not None or column.primary_key:
                return ""
            return self._said(self._rows.all(name_of(operation)), "%s would have no value: give it a server_default")
        if isinstance(operation, ops.AlterColumnOp):
            return self._altered(operation, others)
        if isinstance(operation, ops.CreateForeignKeyOp):
            return self._on_held_columns(operation, others) or self._lost(operation, others)
        if isinstance(operation, (ops.CreateUniqueConstraintOp, ops.CreateIndexOp)):
            return self._on_held_columns(operation, others) or self._repeated(operation, others)
        if isinstance(operation, (ops.DropConstraintOp, ops.DropIndexOp)):
            if any(made_again(operation, other) for other in others):
                return ""
            return "the index of that foreign key" if getattr(operation, "goes_with_key", False) else "only in the database"
        if isinstance(operation, ops.DropTableCommentOp):
            return "its comment is only in the database"
        return ""

    def new_name(self, operation: MigrateOperation, others: Sequence[MigrateOperation]) -> str:
        """The new column of the same type that one which is dropped may have become, "" where there is none."""
        if not isinstance(operation, ops.DropColumnOp):
            return ""
        gone = [one.to_column() for one in others if isinstance(one, ops.DropColumnOp)]
        extra, missing = (
            {one.name: self._type_text(one.type, self._dialect) for one in columns}
            for columns in (gone, [other.column for other in added(others)])
        )
        found = {old: new for new, old in self._pairs(missing, extra)}
        return found.get(operation.column_name, "")  # type: ignore[no-any-return]  # names

    def _altered(self, operation: ops.AlterColumnOp, others: Sequence[MigrateOperation]) -> str:
        table, column = name_of(operation), operation.column_name
        if operation.modify_type is not None and any(column in kept_columns(other, others) for other in others):
            return "its foreign key, which is only in the database, has to go first"
        if getattr(operation, "has_default_in_its_way", False):
            return "its default, which is only in the database, has to go first"
        if operation.modify_type is not None:
            types = [self._type_text(type_, self._dialect) for type_ in (operation.existing_type, operation.modify_type)]
            question = self._unfit(column, *types, self._dialect.name)
            words = "%s with a value " + ("of the old type" if question and question[0] == "with_value" else "that does not fit")
            found = self._said(self._rows.asked(table, question), words) if question else ""
            if found:
                return found
        if operation.modify_nullable is False:
            found = self._said(self._rows.without_value(table, [column]), "%s without a value")
            if found:
                return found
        if operation.modify_server_default is None and operation.existing_server_default not in (None, False):
            return "its default is only in the database"
        return "its comment is only in the database" if operation.modify_comment is None else ""

    def _on_held_columns(self, operation: MigrateOperation, others: Sequence[MigrateOperation]) -> str:
        """Why it has to wait for a column that is held back: a new one, or one that gets the type which a key or MySQL wants."""
        held: dict[str, MigrateOperation] = {other.column.name: other for other in added(others)}
        if isinstance(operation, ops.CreateForeignKeyOp) or self.dialect_name in ("mysql", "mariadb"):
            retyped = [one for one in others if isinstance(one, ops.AlterColumnOp) and one.modify_type is not None]
            held.update({one.column_name: one for one in retyped})
        for column, other in held.items():
            if column in names_in(operation) and self.of(other, others):
                return f"needs {column}, which is commented out as well"
        return ""

    def _lost(self, operation: ops.CreateForeignKeyOp, others: Sequence[MigrateOperation]) -> str:
        names, new = names_in(operation), {other.column.name for other in added(others)}
        if new & set(names):
            return ""  # no row has a value there
        referred = ".".join(filter(None, (operation.kw.get("referent_schema"), operation.referent_table)))
        if not self._is_there(operation):
            return self._said(self._rows.with_value(name_of(operation), names[0]), "%s with a value, and the table is new")
        found = self._rows.orphans(name_of(operation), names, referred, list(operation.remote_cols))
        return self._said(found, "%s to what is not there")

    def _is_there(self, operation: ops.CreateForeignKeyOp) -> bool:
        return operation.referent_table in inspect(self._connection).get_table_names(schema=operation.kw.get("referent_schema"))

    def _repeated(self, operation: ops.CreateUniqueConstraintOp | ops.CreateIndexOp, others: Sequence[MigrateOperation]) -> str:
        if not isinstance(operation, ops.CreateUniqueConstraintOp) and not getattr(operation, "unique", False):
            return ""
        if any(is_same_rule(operation, other) for other in others):
            return ""  # it is unique already
        names = names_in(operation)
        if not all(isinstance(name, str) for name in names):
            return "unique, on an expression"
        new = {other.column.name: other.column for other in added(others)}
        if any(new[name].server_default is None for name in names if name in new):
            return ""  # every row has NULL there
        names = [name for name in names if name not in new]
        if not names:
            return "every row would have the same value" if self._rows.all(name_of(operation)) not in (0, 1) else ""
        count = self._rows.repeated(name_of(operation), names)
        if count == 0:
            return ""
        stand = self._counting.verb(count, "stands/stand")[0]
        return "%s %s in several rows" % (self._counting.shown(count, "value").lower(), stand)

    def _said(self, rows: int | None, words: str) -> str:
        """What is said of so many rows; None is a number that nobody knows, and no reason to go on."""
        return "" if rows == 0 else words % self._counting.shown(rows).lower()


def name_of(operation: Any) -> str:
    """The table as a snapshot names it."""
    schema: str | None = getattr(operation, "schema", None) or getattr(operation, "kw", {}).get("source_schema")
    table: str = getattr(operation, "table_name", None) or operation.source_table
    return schema + "." + table if schema else table


def added(operations: Iterable[MigrateOperation]) -> list[ops.AddColumnOp]:
    """The operations that add a column."""
    return [one for one in operations if isinstance(one, ops.AddColumnOp)]


def names_in(operation: Any) -> list[str]:
    """The columns that a constraint or an index is on; an expression stands for itself."""
    columns = operation.local_cols if isinstance(operation, ops.CreateForeignKeyOp) else operation.columns
    return [str(getattr(one, "name", one)) if isinstance(one, str) or hasattr(one, "name") else one for one in columns]


def kept_columns(operation: MigrateOperation, others: Sequence[MigrateOperation]) -> list[str]:
    """The columns of a foreign key that is only in the database, and so is not dropped unseen."""
    reference = dropped_reference(operation)
    if reference is None or any(made_again(operation, other) for other in others):
        return []
    return [element.parent.name for element in reference.elements]


def dropped_reference(operation: MigrateOperation) -> ForeignKeyConstraint | None:
    """The foreign key that an operation drops, None where it does something else."""
    if not isinstance(operation, ops.DropConstraintOp):
        return None
    constraint = operation.to_constraint()
    return constraint if isinstance(constraint, ForeignKeyConstraint) else None


def made_again(dropped: MigrateOperation, operation: MigrateOperation) -> bool:
    """Whether `operation` puts something of the same name, or the same rule, in the place of what is dropped."""
    name = getattr(dropped, "constraint_name", None) or getattr(dropped, "index_name", None)
    if not isinstance(operation, (ops.AddConstraintOp, ops.CreateIndexOp)):
        return False
    names = (getattr(operation, "constraint_name", None), getattr(operation, "index_name", None))
    return (name is not None and name in names) or is_same_rule(operation, dropped)


def is_same_rule(made: MigrateOperation, dropped: MigrateOperation) -> bool:
    """Whether an index or unique constraint that is made says what one says that is dropped, in another form or by another name."""
    if not isinstance(dropped, (ops.DropIndexOp, ops.DropConstraintOp)):
        return False
    rules = [rule_of(operation) for operation in (made, dropped)]
    return rules[0] is not None and rules[0] == rules[1]


def rule_of(operation: MigrateOperation) -> tuple[bool, tuple[str, ...]] | None:
    """(is it unique, its columns in their order) of an operation on an index or unique constraint; None for every other one.

    Of a unique constraint the order says nothing.
    """
    if isinstance(operation, (ops.DropIndexOp, ops.CreateIndexOp)):
        index = operation.to_index()
        options = {name: value for name, value in index.dialect_kwargs.items() if value and not name.endswith("_using")}
        names: list[Any] = [getattr(one, "name", None) for one in index.expressions]
        if options or None in names:
            return None
        return bool(index.unique), tuple(sorted(names) if index.unique else names)
    if isinstance(operation, ops.CreateUniqueConstraintOp):
        return True, tuple(sorted(map(str, names_in(operation))))
    constraint = operation.to_constraint() if isinstance(operation, ops.DropConstraintOp) else None
    return (True, tuple(sorted(constraint.columns.keys()))) if isinstance(constraint, UniqueConstraint) else None
