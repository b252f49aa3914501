"""CHECK constraints in revisions: how they are called, and the lines that create and drop one.

PostgreSQL, MySQL   op.create_check_constraint(op.f('ck_age'), 'users', 'age > 0')
SQLite              the same inside of a batch, which builds the table anew; one without a name cannot be dropped there
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint

from ..schema import snapshot_postgresql
from ..schema.normal import check_text
from ..schema.sqlite_statement import Statement
from ..server.connecting import query
from .extra_operations import LinesOp
from .rendering import with_colons, with_lists

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection


STATEMENTS = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"


def names_of(connection: Connection, tables: Collection[str], constraints: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """{(table, condition as a snapshot has it): [(the name, None where it has none; the condition as it is)]} of these tables."""
    result: dict[tuple[str, str], Any] = {}
    if connection.dialect.name == "sqlite":
        for table, sql in statements(connection).items():
            for name, text in Statement(sql).checks() if table in tables and "check" in sql.lower() else ():
                result.setdefault((table, check_text(text)), []).append((name, text))
    is_postgresql = connection.dialect.name == "postgresql"
    for table, found in constraints.items():
        for name, (said, _) in found.items():
            if said.startswith(("CHECK", "EXCLUDE")):
                text = snapshot_postgresql.condition(said) if is_postgresql else said[6:]
                result.setdefault((table, text if is_postgresql else check_text(text)), []).append((name, text))
    return result


def statements(connection: Connection) -> dict[str, str]:
    """{table: the statement that made it}, which only SQLite keeps."""
    return dict(map(tuple, query(connection, STATEMENTS))) if connection.dialect.name == "sqlite" else {}


def condition_of(table: Table, name: str, dialect: Any) -> str:
    """What the model says under this name, "" where it is not the model that named it."""
    every = [*table.constraints, *(one for column in table.columns for one in column.constraints)]
    for one in every:
        if isinstance(one, CheckConstraint) and str(one.name) == name and not getattr(one, "_type_bound", False):
            return str(one.sqltext.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return ""


def create(table: str, name: str, condition: str, dialect: Any) -> LinesOp:
    """The operation that creates one."""
    text = with_colons(with_lists(condition)).replace("{", "{{").replace("}", "}}")
    calls = "create_check_constraint(op.f(%r), {}%r{})" % (name, text), "drop_constraint(op.f(%r), {}type_='check'{})" % name
    return LinesOp(*[line(table, call, dialect) for call in calls])


def line(table: str, call: str, dialect: Any) -> list[str]:
    """A call with the table's name and schema in the places of its two brackets."""
    schema, _, bare = table.rpartition(".")
    if dialect.name == "sqlite":
        head = "with op.batch_alter_table(%r, recreate='always') as batch_op:" % table
        return [head, "    batch_op." + call.format("", "").replace("op.f(", "batch_op.f(")]
    return ["op." + call.format("%r, " % bare, ", schema=%r" % schema if schema else "")]
