"""Where a large revision commits: PostgreSQL keeps a lock on everything new until then, and has room for some thousand.

The room is max_locks_per_transaction times the number of connections and workers that the server may have; with its defaults, 64
times 122. A smaller revision stays one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from .extra_operations import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WHOLE = 5000  # locks that one transaction may take
PART = 2500  # locks from one commit to the next
OF_TABLE = 7  # the table, its row type and array type, its TOAST table and the index of that, its sequence, its key
COMMIT = outside("pass  # commits: PostgreSQL has no room for the locks of all tables at once")


def of_table(table: Any) -> int:
    """About as many locks as making or dropping it takes."""
    columns = sum(1 for column in table.columns if hasattr(column.type, "enums") or column.unique)
    return OF_TABLE + columns + len(table.indexes) + len(table.constraints)


def of_operation(operation: Any) -> int:
    """About as many locks as it takes."""
    if isinstance(operation, (ops.CreateTableOp, ops.DropTableOp)):
        return of_table(operation.to_table())
    return sum(map(of_operation, getattr(operation, "ops", ()))) or 2


def divided(operations: Sequence[Any], count: Callable[[Any], int], dialect: Any) -> Iterator[Any]:
    """The operations, with None between them where they take too many locks; `count` says how many one takes."""
    is_large = dialect.name == "postgresql" and sum(map(count, operations)) > WHOLE
    taken = 0
    for operation in operations:
        more = count(operation) if is_large else 0
        taken += more
        if taken > PART:
            yield None
            taken = more
        yield operation


def put(operations: list[Any], dialect: Any) -> None:
    """Commit between the operations of a revision where they take too many."""
    operations[:] = [one or COMMIT for one in divided(operations, of_operation, dialect)]
