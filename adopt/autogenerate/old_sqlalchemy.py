"""Let SQLAlchemy before 1.2.17 reflect tables on PostgreSQL 12 and newer, which have no column `consrc` any more.

Every `flask db migrate` fails without it. The query is that of SQLAlchemy 1.2.17: https://github.com/sqlalchemy/sqlalchemy/issues/4463
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy

CHECKS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conrelid = :table_oid AND contype = 'c'"


def is_affected(version: str) -> bool:
    """Whether this version of SQLAlchemy asks for the column."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3]) < (1, 2, 17)


def get_check_constraints(
    self: Any, connection: Any, table_name: str, schema: str | None = None, **options: Any
) -> list[dict[str, Any]]:
    """The CHECK constraints of one table, as `PGDialect.get_check_constraints` gives them."""
    table_oid = self.get_table_oid(connection, table_name, schema, info_cache=options.get("info_cache"))
    found = connection.execute(sqlalchemy.text(CHECKS), table_oid=table_oid)
    return [{"name": name, "sqltext": without_word(definition)} for name, definition in found]


def without_word(definition: str) -> str:
    """ "CHECK ((price > 0)) NOT VALID" -> "price > 0"."""
    matched = re.match(r"CHECK *\((.+)\)(?: NOT VALID)?$", definition, re.DOTALL)
    text = matched.group(1) if matched else definition
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def mend() -> None:
    """Replace the query where this SQLAlchemy has the old one."""
    if is_affected(sqlalchemy.__version__):
        from sqlalchemy.dialects.postgresql.base import PGDialect

        PGDialect.get_check_constraints = get_check_constraints  # type: ignore[method-assign]  # of SQLAlchemy 1.2
