"""SQLite's indexes on expressions go when Alembic builds their table anew, for SQLAlchemy cannot read them: they are made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .as_is import is_plain
from .enum_steps import TextBlock, execute

if TYPE_CHECKING:
    from alembic.operations.ops import UpgradeOps
    from sqlalchemy.engine import Dialect

    from adopt.base.types import Snapshot

    from .types import Blocks, Lines


def blocks(changes: UpgradeOps, base: Snapshot, dialect: Dialect) -> Blocks:
    """(blocks that stand before all others, those that stand after them) for the tables that `changes` are about."""
    first: list[Lines]
    last: list[Lines]
    first, last = [], []
    quote = dialect.identifier_preparer.quote
    for name in sorted({getattr(one, "table_name", "") for one in changes.ops} & set(base["tables"])):
        table = base["tables"][name]
        for index, facts in sorted(table["indexes"].items()) if dialect.name == "sqlite" else ():
            if not is_plain(facts["definition"], table["columns"]):
                unique = "UNIQUE " if facts["unique"] else ""
                words = (unique, quote(index), quote(name), facts["definition"])
                line = execute("CREATE %sINDEX IF NOT EXISTS %s ON %s %s" % words)
                first.append(TextBlock([], [line]))
                last.append(TextBlock([line], []))
    return first, last
