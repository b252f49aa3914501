"""Where a large baseline commits: PostgreSQL keeps a lock on everything new until then, and has room for some thousand.

The room is max_locks_per_transaction times the number of connections and workers that the server may have; with its defaults, 64
times 122. A smaller baseline stays one transaction.
"""

from __future__ import annotations

from typing import Any

WHOLE = 5000  # locks that one transaction may take
PART = 2500  # locks from one commit to the next
OF_TABLE = 7  # the table, its row type and array type, its TOAST table and the index of that, its sequence, its key
LINES = """\
with op.get_context().autocommit_block():
    pass  # commits: PostgreSQL has no room for the locks of all tables at once"""


def locks(table: Any) -> int:
    """About as many as making this table takes."""
    columns = sum(1 for column in table.columns if hasattr(column.type, "enums") or column.unique)
    return OF_TABLE + columns + len(table.indexes) + len(table.constraints)


def after(tables: Any, dialect: Any) -> Any:
    """The tables, of those that are made or dropped in this order, after which to commit."""
    if dialect.name != "postgresql" or sum(map(locks, tables)) <= WHOLE:
        return set()
    found, taken = set(), 0
    for table in tables[:-1]:
        taken += locks(table)
        if taken > PART:
            found.add(table)
            taken = 0
    return found
