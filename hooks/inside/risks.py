"""Which operations of a revision would lose what a database holds, or fail on it; asked of its rows, read-only.

drop a column                      loses its values, where a row has one
change a type                      may cut values, unless a text only gets longer
NOT NULL, a new NOT NULL column    fails where a row has no value
unique                             fails where rows repeat
drop an index or a constraint      somebody made it for this database, and nothing else remembers it
"""

from __future__ import annotations

from alembic.operations import ops
from sqlalchemy import Enum, ForeignKeyConstraint, String, text

MOST = 10000  # rows that are counted: a large table of a busy server is not read to its end


class Risks:
    """What stands against an operation on the database of `connection`."""

    def __init__(self, connection):
        self._connection = connection
        self._quote = connection.dialect.identifier_preparer.quote

    def of(self, operation, others):
        """The reason why `operation` is not to run unseen, or "". `others` are those on the same table."""
        if isinstance(operation, ops.DropTableOp):
            return self._rows(operation, "1 = 1", "%s in the table")
        if isinstance(operation, ops.DropColumnOp):
            column = self._quote(operation.column_name)
            return self._rows(operation, column + " IS NOT NULL", "%s with a value in it") or "only in the database"
        if isinstance(operation, ops.AddColumnOp):
            column = operation.column
            if column.nullable or column.server_default is not None or column.primary_key:
                return ""
            return self._rows(operation, "1 = 1", "%s would have no value: give it a server_default")
        if isinstance(operation, ops.AlterColumnOp):
            return self._altered(operation, others)
        if isinstance(operation, (ops.CreateUniqueConstraintOp, ops.CreateIndexOp, ops.CreateForeignKeyOp)):
            return self._on_new_columns(operation, others) or self._repeated(operation, others)
        if isinstance(operation, (ops.DropConstraintOp, ops.DropIndexOp)):
            return "" if any(made_again(operation, other) for other in others) else "only in the database"
        return ""

    def _altered(self, operation, others):
        column = self._quote(operation.column_name)
        if operation.modify_type is not None and any(operation.column_name in kept_columns(other, others) for other in others):
            return "its foreign key, which is only in the database, has to go first"
        if operation.modify_type is not None and not only_longer(operation.existing_type, operation.modify_type):
            found = self._rows(operation, column + " IS NOT NULL", "%s with a value of the old type")
            if found:
                return found
        if operation.modify_nullable is False:
            return self._rows(operation, column + " IS NULL", "%s without a value")
        return ""

    def _on_new_columns(self, operation, others):
        for other in added(others):
            if other.column.name in names_in(operation) and self.of(other, others):
                return "needs %s, which is commented out as well" % other.column.name
        return ""

    def _repeated(self, operation, others):
        if not isinstance(operation, ops.CreateUniqueConstraintOp) and not getattr(operation, "unique", False):
            return ""
        names = names_in(operation)
        if not all(isinstance(name, str) for name in names):
            return "unique, on an expression"
        new = {other.column.name: other.column for other in added(others)}
        if any(new[name].server_default is None for name in names if name in new):
            return ""  # every row has NULL there
        names = [name for name in names if name not in new]
        if not names:
            count = self._count("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT 2) AS two" % self._table(operation))
            return "every row would have the same value" if count > 1 else ""
        columns = ", ".join(self._quote(name) for name in names)
        present = " AND ".join(self._quote(name) + " IS NOT NULL" for name in names)
        query = "SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s GROUP BY %s HAVING COUNT(*) > 1) AS repeated"
        count = self._count(query % (self._table(operation), present, columns))
        return "%s in several rows" % ("1 value stands" if count == 1 else "%d values stand" % count) if count else ""

    def _rows(self, operation, condition, words):
        some = "SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) AS some_rows"
        count = self._count(some % (self._table(operation), condition, MOST + 1))
        shown = "1 row" if count == 1 else "%d rows" % count if count <= MOST else "more than %d rows" % MOST
        return words % shown if count else ""

    def _count(self, query):
        return self._connection.execute(text(query.replace(":", "\\:"))).scalar()

    def _table(self, operation):
        schema = self._quote(operation.schema) + "." if operation.schema else ""
        return schema + self._quote(operation.table_name)


def added(operations):
    """The operations that add a column."""
    return [one for one in operations if isinstance(one, ops.AddColumnOp)]


def names_in(operation):
    """The columns that a constraint or an index is on; an expression stands for itself."""
    columns = operation.local_cols if isinstance(operation, ops.CreateForeignKeyOp) else operation.columns
    return [str(getattr(one, "name", one)) if isinstance(one, str) or hasattr(one, "name") else one for one in columns]


def only_longer(old, new):
    """Whether every value of the type `old` is one of `new` as well: text that may be longer from now on."""
    if not (isinstance(old, String) and isinstance(new, String)) or isinstance(new, Enum):
        return False
    return new.length is None or (old.length is not None and new.length >= old.length)


def kept_columns(operation, others):
    """The columns of a foreign key that is only in the database, and so is not dropped unseen."""
    reference = dropped_reference(operation)
    if reference is None or any(made_again(operation, other) for other in others):
        return []
    return [element.parent.name for element in reference.elements]


def dropped_reference(operation):
    """The foreign key that an operation drops, None where it does something else."""
    if not isinstance(operation, ops.DropConstraintOp):
        return None
    constraint = operation.to_constraint()
    return constraint if isinstance(constraint, ForeignKeyConstraint) else None


def made_again(dropped, operation):
    """Whether `operation` puts something of the same name in the place of what is dropped."""
    name = getattr(dropped, "constraint_name", None) or getattr(dropped, "index_name", None)
    if not isinstance(operation, (ops.AddConstraintOp, ops.CreateIndexOp)):
        return False
    return name in (getattr(operation, "constraint_name", None), getattr(operation, "index_name", None))
