"""Which operations of a revision keep others from a table for as long as it is large; told, never refused.

PostgreSQL      an index that is not made CONCURRENTLY, a constraint that is checked at once, NOT NULL, a column that is filled or
                converted while the table is rewritten
MariaDB, MySQL  what only ALGORITHM=COPY can do: another type, a foreign key

https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
https://dev.mysql.com/doc/refman/8.0/en/innodb-online-ddl-operations.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .risks import Column, family, unparsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .operations import Operation


VOLATILE = re.compile(r"(?i)random|uuid_generate|clock_timestamp|timeofday|nextval")
WAITS = "{} on {} wait while {}"
LATER = "add it with postgresql_not_valid=True, and VALIDATE CONSTRAINT in a later revision"


def of(made: Sequence[Operation], dialect: str) -> Iterator[tuple[int, str]]:
    """(line, words) for each of the operations of a revision on a table that it does not make itself."""
    new = {one.table for one in made if one.name == "create_table"}
    judge = {"postgresql": postgresql, "mysql": mysql, "mariadb": mysql}.get(dialect)
    for one in made:
        found = judge and one.table not in new and judge(one)
        if found:
            who, why, advice = found
            yield one.line, WAITS.format(who, one.table, why) + (": " + advice if advice else "")


def postgresql(one: Any) -> tuple[str, str, str] | None:
    if one.name == "create_index" and not one.says("postgresql_concurrently", True):
        advice = "postgresql_concurrently=True in `with op.get_context().autocommit_block():`"
        return "writes", "the index is built", advice
    if one.name in ("create_check_constraint", "create_foreign_key") and not one.says("postgresql_not_valid", True):
        who = "writes" if one.name == "create_foreign_key" else "reads and writes"
        return who, "each row is checked", LATER
    if one.name == "create_unique_constraint":
        return "reads and writes", "its index is built", "create a unique index concurrently, then ADD CONSTRAINT ... USING INDEX"
    if one.name == "alter_column" and is_converted(one):
        return "reads and writes", "the table is rewritten", ""
    if one.name == "alter_column" and one.says("nullable", False):
        return "reads and writes", "each row is checked", ""
    call = one.given.get("column")
    if one.name == "add_column" and Column(call).name:
        said = {word.arg: word.value for word in call.keywords}
        more = [part for part in map(unparsed, call.args[2:]) if part.startswith(("Identity", "Computed"))]
        if more or VOLATILE.search(unparsed(said.get("server_default"))):
            return "reads and writes", "the table is rewritten to fill " + Column(call).name, ""  # type: ignore[operator]  # it has a name
    return None


def mysql(one: Any) -> tuple[str, str, str] | None:
    is_copied = one.name == "create_foreign_key" or one.name == "alter_column" and is_converted(one)
    return ("writes", "the table is copied", "") if is_copied else None


def is_converted(one: Any) -> bool:
    """Whether each value is stored in another way: not for a longer text, which is the one change that is seen here as free."""
    if "type_" not in one.given or "existing_type" not in one.given:
        return False
    old, new = (unparsed(one.given[name]) for name in ("existing_type", "type_"))
    both = family(old), family(new)
    return both[0] != both[1] or both == ("number", "number") and old != new
