"""What a comparison of models with a database leaves out, because the server made it or nobody can read it back.

SQLAlchemy before 2.0 takes SQLite's own tables for the project's, and `flask db migrate` would drop `sqlite_sequence`. An index on
an expression is not read back from SQLite, and old versions of Alembic would create it again in every revision.
Loaded by its path from env.py, so it imports nothing of this package.
"""

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
