"""What a new revision would do to the rows that this database holds, as comments above its operations and lines in the log.

    # orders.state: 3 rows would have no value. Give it a server_default, or add it nullable, fill it, then alter it.
    op.add_column('orders', sa.Column('state', sa.String(), nullable=False))

    # users.name and users.full_name: if that is one column renamed, 41 rows lose their values. Write instead:
    #     op.alter_column('users', 'name', new_column_name='full_name')

Rows are counted up to a limit, and where that takes too long they are "some rows" (counting.py). What may be a rename is said on an
empty database, too: nobody would notice before production.
"""

import logging

from alembic.operations import ops

from ..rows.counting import Rows, shown, verb
from ..rows.renames import pairs
from .extra_operations import CommentOp, qualified

log = logging.getLogger("alembic.env")


def remark(context, upgrade_ops):
    """Put comments where rows are at stake; the operations stay as they are."""
    stakes = Stakes(context)
    result = tables_renamed(stakes, upgrade_ops.ops)
    for operation in upgrade_ops.ops:
        if isinstance(operation, ops.ModifyTableOps):
            operation.ops[:] = stakes.remarked(operation)
        result.append(operation)
    upgrade_ops.ops[:] = result


class Stakes:
    """Asks the database of `context`, and says what it found."""

    def __init__(self, context):
        self._dialect = context.dialect
        self._is_batch = bool(context.opts.get("render_as_batch"))
        self._rows = Rows(context.connection)

    def remarked(self, modified):
        """The operations on one table, each after its comments."""
        table = qualified(modified)
        result = list(self._renamed(table, modified))
        new = {one.column.name for one in modified.ops if isinstance(one, ops.AddColumnOp)}
        for one in modified.ops:
            words = self._of(table, one, new)
            if words:
                result.append(self._comment(words))
            result.append(one)
        return result

    def _comment(self, first, *others):
        log.warning(first)
        return CommentOp(first, *others)

    def _of(self, table, one, new):
        if isinstance(one, ops.AddColumnOp):
            column = one.column
            if column.nullable or column.server_default is not None or column.primary_key:
                return ""
            rows = self._rows.all(table)
            advice = "Give it a server_default, or add it nullable, fill it, then alter it."
            return rows != 0 and "{}.{}: {} would have no value. {}".format(table, column.name, shown(rows).lower(), advice)
        if isinstance(one, ops.AlterColumnOp) and one.modify_nullable is False and one.column_name not in new:
            rows = self._rows.without_value(table, [one.column_name])
            return rows != 0 and "{}.{}: {} without a value. Fill it first.".format(table, one.column_name, shown(rows).lower())
        if isinstance(one, ops.DropColumnOp) and one.column_name not in new:
            rows = self._rows.with_value(table, one.column_name)
            return rows != 0 and "{}.{}: {} with a value in it.".format(table, one.column_name, shown(rows).lower())
        names = unique_columns(one)
        if names and not new & set(names):
            rows = self._rows.repeated(table, names)
            words = "{} ({}): {} in several rows. Make them differ first."
            return rows != 0 and words.format(table, ", ".join(names), shown(rows, "value").lower())
        return ""

    def _renamed(self, table, modified):
        added = {one.column.name: self._type(one.column) for one in modified.ops if isinstance(one, ops.AddColumnOp)}
        gone = {one.column_name: self._type(one.to_column()) for one in modified.ops if isinstance(one, ops.DropColumnOp)}
        for new, old in pairs(added, {name: type_ for name, type_ in gone.items() if name not in added}):
            rows = self._rows.with_value(table, old)
            call = "batch_op.alter_column({0!r}, new_column_name={1!r})"
            if not self._is_batch:
                call = "op.alter_column({2!r}, {0!r}, new_column_name={1!r})"
            yield self._comment(
                "{0}.{1} and {0}.{2}: if that is one column renamed, {3} {4} {5}. Write instead:".format(
                    table, old, new, here_or_elsewhere(rows), *verb(rows, "loses/lose", "its value/their values")
                ),
                "    " + call.format(old, new, modified.table_name),
            )

    def _type(self, column):
        return str(column.type.compile(dialect=self._dialect))

    def table_renamed(self, old, new):
        """The comment on a table that goes and one that comes with the same columns."""
        rows = self._rows.all(qualified(old))
        return self._comment(
            "{} and {}: if that is one table renamed, {} {} lost. Write instead:".format(
                qualified(old), qualified(new), here_or_elsewhere(rows), *verb(rows, "is/are")
            ),
            "    op.rename_table({!r}, {!r})".format(old.table_name, new.table_name),
        )

    def table_dropped(self, dropped):
        rows = self._rows.all(qualified(dropped))
        return None if rows == 0 else self._comment("{}: {} in it.".format(qualified(dropped), shown(rows).lower()))


def here_or_elsewhere(rows):
    return shown(rows).lower() if rows != 0 else "rows of other databases"


def tables_renamed(stakes, operations):
    """The comments on whole tables."""
    created = [one for one in operations if isinstance(one, ops.CreateTableOp)]
    result = []
    for dropped in [one for one in operations if isinstance(one, ops.DropTableOp)]:
        columns = {column.name for column in dropped.to_table().columns}
        alike = [one for one in created if len(columns) > 1 and {column.name for column in columns_of(one)} == columns]
        comment = stakes.table_renamed(dropped, alike[0]) if alike else stakes.table_dropped(dropped)
        result += [comment] if comment else []
    return result


def columns_of(created):
    return [one for one in created.columns if hasattr(one, "type")]


def unique_columns(operation):
    """The columns that must differ in each row from now on; [] where that is not so, or an expression is among them."""
    if isinstance(operation, ops.CreateUniqueConstraintOp):
        names = list(operation.columns)
    elif isinstance(operation, ops.CreateIndexOp) and operation.unique:
        names = [getattr(one, "name", one) for one in operation.columns]
    else:
        return []
    return names if all(isinstance(name, str) for name in names) else []
