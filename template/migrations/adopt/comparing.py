"""What is no difference between models and a database: what the server made, what nobody can read back, other words for one type.

SQLAlchemy before 2.0 takes SQLite's own tables for the project's, and `flask db migrate` would drop `sqlite_sequence`. An index on
an expression is not read back from SQLite, and old versions of Alembic would create it again in every revision. MySQL knows no
TEXT(100000): it makes a MEDIUMTEXT, and Alembic would change that column back in every revision.
"""

import re

from sqlalchemy import exc
from sqlalchemy.sql.elements import ColumnClause, UnaryExpression


def is_servers_own(table_name, dialect_name):
    """Whether the server keeps this table for itself: the names that begin with "sqlite_" are SQLite's."""
    return dialect_name == "sqlite" and table_name.startswith("sqlite_")


def is_unreadable(index, dialect_name):
    """Whether this index of a model is none that can be found in a database."""
    return dialect_name == "sqlite" and any(map(is_expression, index.expressions))


def is_expression(part):
    """Whether a part of an index is more than a column, ascending or descending."""
    while isinstance(part, UnaryExpression):
        part = part.element
    return not isinstance(part, ColumnClause) or part.is_literal


def compare_type(context, found_column, column, found, stated):
    """Alembic's `compare_type`: False where the types are the same, None to let Alembic compare them."""
    if context.dialect.name not in ("mysql", "mariadb"):
        return None
    try:
        sized = re.match(r"(TEXT|BLOB)\((\d+)\)", stated.compile(dialect=context.dialect))
    except exc.CompileError:  # a type that has no words there
        return None
    same = sized and re.split(r"\W", found.compile(dialect=context.dialect))[0] in smallest(sized.group(1), int(sized.group(2)))
    return False if same else None


def smallest(word, length):
    """The names of the smallest TEXT or BLOB with room for so many characters, of one to four bytes each."""
    sizes = (("TINY", 2**8), ("", 2**16), ("MEDIUM", 2**24))
    return {next((prefix for prefix, size in sizes if length * width < size), "LONG") + word for width in (1, 2, 3, 4)}
