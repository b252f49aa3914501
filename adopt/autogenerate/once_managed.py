"""The tables that revisions have made: only those can have lost a model, every other table without one is somebody else's.

Read from the text of the revision files, since what a revision does need not be seen in a database: calls of `op`, SQL, and
`Table(...)` with a `create()`. A name that is put together while a revision runs is not seen; its table is left alone then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rows import operations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..rows.operations import Operation


def once_managed(paths: Iterable[str], name: str = "") -> set[str]:
    """The tables that the revisions in these files, the oldest first, have made and not dropped again.

    `name` is that of the database in functions such as `upgrade_users()`, "" for the default one.
    """
    tables: set[str] = set()
    for path in paths:
        try:
            made = operations.read(path, ["upgrade_" + name])[0] or operations.read(path, ["upgrade"] * (not name))[0]
        except SyntaxError:  # for another Python; Alembic says more about it
            continue
        creates = any({"create", "create_all"} & code.words for one in made[-1:] for code in one.before)
        for one in made:
            if one.name == "create_table" or one.name == "Table" and creates:
                tables |= spelled(one)
            elif one.name == "drop_table":
                tables -= spelled(one)
            elif one.name == "rename_table" and (tables & spelled(one) or "" in one.given):
                tables -= spelled(one)
                tables |= spelled(one, "new_table_name")
    return tables


def spelled(one: Operation, argument: str = "") -> set[str]:
    """What a table may be called in the database: PostgreSQL writes what is not quoted in SQL in small letters."""
    said = one.text(argument or "table_name") or ""
    plain = operations.bare(said) if argument else one.table
    return {plain} if "" in one.given or plain != said else {plain, plain.lower()}
