"""Write the baseline: the revision that builds the schema of the models from nothing, in each database for its dialect.

The operations come from the models themselves, so no database has to be compared for it; Alembic renders them and `script.py.mako`
holds them. Tables stand in the order of their foreign keys. `downgrade()` drops them only where no table holds rows.
"""

from __future__ import annotations

import datetime
import itertools
import os
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import ForeignKeyConstraint, schema
from sqlalchemy.sql.ddl import sort_tables_and_constraints

from ..base.adopted import adopted
from . import revision_file
from .server_objects import AFTER, BEFORE, ServerObjects, has_own_sequence, named_enum, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Enum, Table
    from sqlalchemy.engine import Dialect

    from ..base.types import AnyColumn
    from ..load.extensions import Extensions
    from ..load.types import Sequences
    from .prove import Workshop
    from .revision_file import Body
    from .types import RenderItem


DIALECT_NAMES = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "mssql": "SQL Server",
    "oracle": "Oracle",
}
CAN_LIMIT = ("postgresql", "mysql", "mariadb", "sqlite")

REFUSE_TO_DROP_ROWS = '''

def refuse_to_drop_rows(*tables):
    """Raise where one of the tables holds rows, before the first of them is dropped."""
    if op.get_context().as_sql:
        return
    for table in tables:
        if op.get_bind().execute(sa.text(%(query)s)).%(fetch)s():
            raise RuntimeError(f"{table} holds rows; nothing was dropped")
'''


def server_name(dialect: Dialect) -> str:
    """ "PostgreSQL 15.3"; only the name of a dialect that has not connected yet."""
    is_mariadb = getattr(dialect, "is_mariadb", False) is True or getattr(dialect, "_is_mariadb", False) is True
    name = "mariadb" if is_mariadb else dialect.name
    version = getattr(dialect, "server_version_info", None)
    if is_mariadb:  # SQLAlchemy 1.3 has (5, 5, 5, 10, 11, 6) there
        version = getattr(dialect, "_mariadb_normalized_version_info", None) or version
    if dialect.name == "sqlite":
        version = dialect.dbapi.sqlite_version_info  # type: ignore[union-attr]  # it is loaded
    numbers = itertools.takewhile(lambda part: isinstance(part, int), version or ())
    return " ".join([DIALECT_NAMES.get(name, name), ".".join(str(part) for part in list(numbers)[:3])]).strip()


THE_MODELS, THE_DATABASE = "the models", "the existing database"


def constraint_comments(table: Table, dialect: Dialect) -> Iterator[str]:
    """The statements that Alembic does not render; SQLAlchemy before 2.0 knows no such comments."""
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        if constraint.name and getattr(constraint, "comment", None):
            yield one_line(schema.SetConstraintComment(constraint).compile(dialect=dialect))


class Part:
    """What the baseline says of one bind. `render_item` is the hook of `migrations/adopt/rendering.py`, `of` says whose schema
    it is.
    """

    def __init__(
        self,
        name: str,
        tables: Sequence[Table],
        sequences: Sequences,
        dialect: Dialect,
        render_item: RenderItem,
        extensions: Extensions | None = None,
        of: str = THE_MODELS,
    ) -> None:
        self.name, self.of = name, of
        self.server = server_name(dialect)
        self.can_limit = dialect.name in CAN_LIMIT
        self._dialect = dialect
        self._render_item = render_item
        self._tables, self._late_keys = in_order(tables, dialect)
        self._others = ServerObjects(self._tables, sequences, dialect, extensions)
        self._has_schemas = bool(self._others.schemas)
        opts = {
            "sqlalchemy_module_prefix": "sa.",
            "alembic_module_prefix": "op.",
            "user_module_prefix": None,
            "render_as_batch": False,
            "render_item": self._render,
            "target_metadata": list({id(table.metadata): table.metadata for table in tables}.values()),
        }
        self._context = AutogenContext(MigrationContext.configure(dialect=dialect), opts=opts)
        self._context.imports = set()
        self._copying = False

    @property
    def has_tables(self) -> bool:
        """Whether there is anything to build."""
        return bool(self._tables)

    @property
    def imports(self) -> set[str]:
        """The import lines that the body needs, once it is made."""
        return self._context.imports

    def body(self) -> Body:
        """The operations, as a revision file has them."""
        upgrades, downgrades = self._upgrades(), self._downgrades()
        return revision_file.Body(self.name, render._indent(upgrades), render._indent(downgrades))

    def _upgrades(self) -> str:
        lines = [execute(statement) for statement in self._others.create()]
        tables, commit = self._divided(self._tables)
        for table in tables:
            if table is None:
                lines.append(commit)
                continue
            lines += [execute(statement) for statement in table.info.get(BEFORE, ())]
            lines.append(self._rendered(ops.CreateTableOp.from_table(table)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                lines.append(self._rendered(ops.CreateIndexOp.from_index(index)))
            lines += [execute(statement) for statement in table.info.get(AFTER, ())]
        lines += [self._rendered(named_key(key, self._late_name(key))) for key in self._late_keys]
        if self._dialect.name == "postgresql":
            lines += [execute(one) for table in self._tables for one in constraint_comments(table, self._dialect)]
        return "\n".join(lines) or "pass"

    def _downgrades(self) -> str:
        if not self._tables:
            return "pass"
        quote = self._dialect.identifier_preparer.quote
        names = [quote(table.schema) + "." + quote(table.name) if table.schema else quote(table.name) for table in self._tables]
        arguments = ", ".join(repr(name.replace(":", "\\:")) for name in names)
        if len(arguments) > 88:
            arguments = "\n    " + ",\n    ".join(repr(name.replace(":", "\\:")) for name in names) + ",\n"
        lines = ["refuse_to_drop_rows(%s)" % arguments]
        for key in reversed(self._late_keys):
            schema = ", schema=%r" % str(key.parent.schema) if key.parent.schema else ""
            lines.append("op.drop_constraint(%r, %r%s, type_='foreignkey')" % (self._late_name(key), str(key.parent.name), schema))
        tables, commit = self._divided(self._tables[::-1])
        for table in tables:
            lines.append(commit if table is None else self._rendered(ops.DropTableOp(table.name, schema=table.schema)))
        lines += [execute(statement) for statement in self._others.drop()]
        return "\n".join(lines)

    def _divided(self, tables: Sequence[Table]) -> tuple[list[Table | None], str]:
        """(the tables, with None where to commit between them; the lines that do)."""
        points = adopted("commit_points")
        return points.divided(tables, points.of_table, self._dialect), "\n    ".join(points.COMMIT.done)

    def _late_name(self, key: ForeignKeyConstraint) -> str:
        """The name of a key that is added after its table: its own, else the one that the server would give it."""
        if key.name:
            return str(key.name)
        if self._dialect.name == "postgresql":
            return "%s_%s_fkey" % (key.parent.name, "_".join(key.column_keys))
        keys = [one for one in key.parent.constraints if isinstance(one, ForeignKeyConstraint)]
        late = [one for one in self._late_keys if one.parent is key.parent]
        return "%s_ibfk_%d" % (key.parent.name, len(keys) - len(late) + late.index(key) + 1)

    def _rendered(self, operation: ops.MigrateOperation) -> str:
        return render.render_op_text(self._context, operation)

    def _render(self, type_: str, obj: Any, context: AutogenContext) -> str | bool | None:
        """Alembic's `render_item`: what is particular to a baseline, then the project's own hook."""
        if type_ == "foreign_key" and signature(obj) in {signature(key) for key in self._late_keys}:
            return None  # added after both tables exist
        if type_ == "type":
            enum = named_enum(obj, self._dialect)
            if enum is not None and not hasattr(obj, "item_type"):
                return self._enum(enum)
        if type_ == "column" and not self._copying and has_own_sequence(obj, self._dialect):
            return self._without_serial(obj)
        return self._render_item(type_, obj, context)

    def _enum(self, enum: Enum) -> str:
        self._context.imports.add("from sqlalchemy.dialects import postgresql")
        arguments = [repr(label) for label in enum.enums] + ["name=%r" % str(enum.name)]
        if enum.schema:
            arguments.append("schema=%r" % str(enum.schema))
        elif self._has_schemas:
            arguments.append("inherit_schema=False")
        return "postgresql.ENUM(%s, create_type=False)" % ", ".join(arguments)

    def _without_serial(self, column: AnyColumn) -> str:
        copy = column._copy() if hasattr(column, "_copy") else column.copy()
        copy.autoincrement = False
        copy.nullable = column.nullable
        self._copying = True
        try:
            return render._render_column(copy, self._context)
        finally:
            self._copying = False


def write(
    workshop: Workshop, parts: Sequence[Part], revision: str, message: str, create_date: datetime.datetime | None = None
) -> tuple[str, str]:
    """(file name, text) of the baseline; the file is in the workshop's versions folder too, which was empty before."""
    bodies = [part.body() for part in parts]
    imports = {line for part in parts for line in part.imports}
    path = revision_file.generate(workshop, bodies, revision, message, "base", imports, create_date)
    return os.path.basename(path), revision_file.explain(path, message, about(parts), ending=helper(parts))


def about(parts: Sequence[Part]) -> str:
    """What the baseline builds, and on which servers, for its docstring."""
    if revision_file.is_plain(part.name for part in parts):
        return "Builds the schema of %s from nothing, on %s." % (parts[0].of, parts[0].server)
    rows = [("    " + (part.name or "the default database"), "of %s, on %s" % (part.of, part.server)) for part in parts]
    width = max(len(name) for name, _ in rows)
    return "Builds these schemas from nothing:\n" + "\n".join("%s   %s" % (name.ljust(width), words) for name, words in rows)


def helper(parts: Sequence[Part]) -> str:
    """The function that `downgrade()` asks before it drops a table."""
    if not any(part.has_tables for part in parts):
        return ""
    limited = all(part.can_limit for part in parts)
    query = 'f"SELECT 1 FROM {table} LIMIT 1"' if limited else 'f"SELECT COUNT(*) FROM {table}"'
    return REFUSE_TO_DROP_ROWS % {"query": query, "fetch": "first" if limited else "scalar"}


def in_order(tables: Sequence[Table], dialect: Dialect) -> tuple[list[Table], list[ForeignKeyConstraint]]:
    """(tables, keys to add when all tables exist); SQLite takes a key to a table that does not exist yet."""
    ordered, late = [], []
    # SQLAlchemy's has no types
    for table, keys in sort_tables_and_constraints(sorted(tables, key=lambda table: table.fullname)):  # type: ignore[no-untyped-call]
        if table is not None:
            ordered.append(table)
        else:
            late = sorted(keys, key=lambda key: (key.parent.fullname, list(key.column_keys)))
    return ordered, late if dialect.supports_alter else []


def signature(key: ForeignKeyConstraint) -> tuple[str | None, str, tuple[str, ...], tuple[str, ...]]:
    """What tells one foreign key from another, also in a copy of its table."""
    targets = [element.target_fullname for element in key.elements]
    return (key.parent.schema, key.parent.name, tuple(key.column_keys), tuple(targets))


def named_key(key: ForeignKeyConstraint, name: str) -> ops.CreateForeignKeyOp:
    """The operation that adds a foreign key under `name`."""
    operation = ops.CreateForeignKeyOp.from_constraint(key)
    operation.constraint_name = name
    return operation


def execute(statement: str) -> str:
    """The line that runs a statement; `sa.text` would take a colon for the start of a parameter."""
    return "op.execute(%r)" % statement.replace(":", "\\:")


def parsed_date(text: str | None) -> datetime.datetime | None:
    """A datetime out of an ISO text, or None for now."""
    return datetime.datetime.fromisoformat(text) if text else None
