"""What is no difference between models and a database: what the server made, what nobody can read back, other words for one type.

SQLAlchemy before 2.0 takes SQLite's own tables for the project's, and `flask db migrate` would drop `sqlite_sequence`. An index on
an expression is not read back from SQLite, and old versions of Alembic would create it again in every revision. MySQL knows no
TEXT(100000): it makes a MEDIUMTEXT, a DOUBLE of FLOAT(53); Alembic would change that column back in every revision. And an index on
a descending column it would make anew there. A type that SQLite takes by the sound of its name, as BINARY(16) for NUMERIC, is
compared by its words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, text
from sqlalchemy.sql.elements import ColumnClause, UnaryExpression

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Column, Index
    from sqlalchemy.types import TypeEngine


def is_servers_own(table_name: str, dialect_name: str) -> bool:
    """Whether the server keeps this table for itself: the names that begin with "sqlite_" are SQLite's."""
    return dialect_name == "sqlite" and table_name.startswith("sqlite_")


def is_unreadable(index: Index, dialect_name: str) -> bool:
    """Whether this index of a model is none that can be found in a database."""
    return dialect_name == "sqlite" and any(map(is_expression, index.expressions))


def is_expression(part: Any) -> bool:
    """Whether a part of an index is more than a column, ascending or descending."""
    return column_name(part) is None


def column_name(part: Any) -> str | None:
    """The column that a part of an index is, ascending or descending; None for an expression."""
    while isinstance(part, UnaryExpression):
        part = part.element
    if isinstance(getattr(part, "element", None), str):  # desc("made")
        return part.element if part.element.isidentifier() else None
    return part.name if isinstance(part, ColumnClause) and not part.is_literal else None


def is_same_index(index: Index, found: Index, dialect_name: str) -> bool:
    """Whether MySQL has this index of a model: SQLAlchemy does not read there which of its columns are descending."""
    if dialect_name not in ("mysql", "mariadb") or not any(isinstance(part, UnaryExpression) for part in index.expressions):
        return False
    wanted = [column_name(part) for part in index.expressions]
    return (wanted, bool(index.unique)) == ([column.name for column in found.columns], bool(found.unique))


def compare_type(
    context: MigrationContext, found_column: Column[Any], column: Column[Any], found: TypeEngine[Any], stated: Any
) -> bool | None:
    """Alembic's `compare_type`: False where the types are the same, None to let Alembic compare them."""
    try:
        wanted, there = (str(one.compile(dialect=context.dialect)) for one in (stated, found))
    except exc.CompileError:  # a type that has no words there
        return None
    if context.dialect.name == "sqlite":
        return False if wanted == there or wanted.upper() == declared_in_sqlite(context, column).upper() else None
    sized = re.match(r"(TEXT|BLOB|FLOAT)\((\d+)\)$", wanted)
    if not sized:
        return None
    word = re.split(r"\W", there)[0]
    return False if word in made_of(sized.group(1), int(sized.group(2))) else None


def declared_in_sqlite(context: Any, column: Column[Any]) -> str:
    """The words of a column's type in SQLite, "" where it is not there: BINARY(16) is read back as NUMERIC, POINT as INTEGER."""
    table = context.dialect.identifier_preparer.quote(column.table.name)
    rows = context.connection.execute(text(f"PRAGMA table_info({table})"))
    return next((row[2] for row in rows if row[1] == column.name), "")


def made_of(word: str, size: int) -> set[str]:
    """The first words of the types that the server may make of TEXT(size), BLOB(size) or FLOAT(size)."""
    if word == "FLOAT":
        return {"DOUBLE"} if size > 24 else {"FLOAT", "REAL"}
    return smallest(word, size)


def smallest(word: str, length: int) -> set[str]:
    """The names of the smallest TEXT or BLOB with room for so many characters, of one to four bytes each."""
    sizes = (("TINY", 2**8), ("", 2**16), ("MEDIUM", 2**24))
    return {next((prefix for prefix, size in sizes if length * width < size), "LONG") + word for width in (1, 2, 3, 4)}
