"""The models' tables as the existing database has them: what the baseline of a database that differs has to build.

A column that is the same on both sides stays as the models say it, so that its type keeps its name; everything else in a table that
differs comes from the database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import conv

from ..baseline.server_objects import AFTER, BEFORE, named_enum, unwrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Dialect

    from adopt.base.types import Snapshot, TableFacts

    from ..base.types import AnyColumn, Module
    from .types import Differences, Names


SHOWN_BY_TABLES = frozenset(
    {"table", "column", "primary key", "foreign key", "unique", "index", "check", "options", "partitioning", "comment", "enum"}
    | {"constraint comment", "sequence"}
)
ANYWHERE = "flask db check"  # what only Alembic sees, as the names of constraints: every table may be concerned


class NotExpressible(Exception):
    """Something in the database cannot be written as a revision; says what."""


def as_it_is(
    tables: Sequence[Table],
    naming_convention: Any,
    differences: Differences,
    snapshot: Snapshot,
    connection: Connection,
    alter_words: Module,
) -> MetaData:
    """New tables, in a new metadata, for those of `tables` that the database of `connection` has; it is only read.

    `differences` are what distinguishes it from `tables`, `snapshot` is its schema; `alter_words` is the module of that name.

    Raises:
        NotExpressible: a difference is one that tables do not show.
    """
    unknown = [item for item in differences if item["what"] not in SHOWN_BY_TABLES | {ANYWHERE}]
    if unknown:
        raise NotExpressible("%s %s" % (unknown[0]["what"], unknown[0]["name"]))
    everywhere = any(item["what"] == ANYWHERE for item in differences)
    differing = {item["table"] for item in differences}
    result = MetaData(naming_convention=naming_convention)
    for table in tables:
        if table.fullname not in snapshot["tables"]:
            continue
        if everywhere or table.fullname in differing:
            own = [(item["what"], item["name"]) for item in differences if item["table"] == table.fullname]
            changed, there = {name for what, name in own if what == "column"}, snapshot["tables"][table.fullname]
            Mixed(table, changed, ("primary key", "") in own, there, connection, alter_words).add_to(result)
        else:
            copy = table.to_metadata if hasattr(table, "to_metadata") else table.tometadata  # SQLAlchemy before 1.4
            copy(result)
    take_labels(result, snapshot, connection.dialect)
    require_targets(result)
    return result


def require_targets(metadata: MetaData) -> None:
    """Raises NotExpressible where a foreign key leads to a table that is made by no model."""
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            target = key.target_fullname.rpartition(".")[0]
            if target not in metadata.tables:
                words = "the foreign key %s.%s to %s, a table without a model: give it one, or drop the foreign key"
                raise NotExpressible(words % (table.fullname, key.parent.name, target))


def take_labels(metadata: MetaData, snapshot: Snapshot, dialect: Dialect) -> None:
    """Give the enum types of PostgreSQL the labels that they have in the database."""
    for table in metadata.tables.values():
        for column in table.columns:
            enum: Any = named_enum(column.type, dialect)
            labels = snapshot["enums"].get(".".join(filter(None, (enum.schema, enum.name)))) if enum is not None else None
            if labels and labels != list(enum.enums):
                is_array = any(hasattr(one, "item_type") for one in unwrapped(column.type, dialect))
                there = postgresql.ENUM(*labels, name=enum.name, schema=enum.schema)
                column.type = postgresql.ARRAY(there) if is_array else there


class Mixed:
    """One table that differs: its unchanged columns from the model, all else as the database has it."""

    def __init__(
        self,
        table: Table,
        changed: set[str],
        has_other_key: bool,
        snapshot: TableFacts,
        connection: Connection,
        alter_words: Module,
    ) -> None:
        self._alter_words = alter_words
        self._table, self._changed, self._has_other_key, self._snapshot = table, changed, has_other_key, snapshot
        self._dialect, self._preparer = connection.dialect.name, connection.dialect.identifier_preparer
        self._sequences: list[tuple[str, str]] = []  # (name as SQL, the column that counts by it)
        reflected = MetaData()
        reflected.reflect(connection, schema=table.schema, only=[table.name])
        self._theirs = reflected.tables[table.fullname]

    def add_to(self, metadata: MetaData) -> None:
        """Make the table in `metadata`."""
        columns = [self._column(column) for column in self._theirs.columns]
        made = Table(self._table.name, metadata, *columns, schema=self._table.schema, **self._options())
        key: Any = self._theirs.primary_key
        name: Any
        name = conv(key.name) if self._has_other_key and key.name else made.primary_key.name
        if len(key.columns) > 1:  # in the order that it has there
            made.append_constraint(PrimaryKeyConstraint(*[column.name for column in key.columns], name=name))
        made.primary_key.name = name
        for constraint in sorted(self._theirs.constraints, key=lambda one: (type(one).__name__, str(one.name))):
            add_constraint(constraint, made)
        for sequence, column in self._sequences:
            self._later(made, "CREATE SEQUENCE " + sequence, BEFORE)
            owner = "%s.%s" % (self._preparer.format_table(made), self._preparer.quote(column))
            self._later(made, "ALTER SEQUENCE %s OWNED BY %s" % (sequence, owner))
        reflected = {str(index.name): index for index in self._theirs.indexes}
        for name, facts in sorted(self._snapshot["indexes"].items()):
            self._add_index(name, facts, reflected.get(name), made)
        for words in self._alter_words.options_postgresql("", self._snapshot.get("options", "")) * (self._dialect == "postgresql"):
            self._later(made, "ALTER TABLE %s %s" % (self._preparer.format_table(made), words))
        for condition in self._snapshot["checks"]:
            if condition.startswith("EXCLUDE "):
                self._later(made, "ALTER TABLE %s ADD %s" % (self._preparer.format_table(made), condition))
        for name, comment in sorted(self._snapshot.get("constraint_comments", {}).items()):
            words = self._preparer.quote(name), self._preparer.format_table(made), comment.replace("'", "''")
            self._later(made, "COMMENT ON CONSTRAINT %s ON %s IS '%s'" % words)

    @staticmethod
    def _later(made: Table, statement: str, when: str = AFTER) -> None:
        """Have a statement run before or after the table is made."""
        made.info.setdefault(when, []).append(statement)

    def _options(self) -> dict[str, Any]:
        of_database = re.compile(OPTIONS[self._dialect] + "|sqlite_autoincrement$|postgresql_partition_by$")
        options = {name: value for name, value in self._table.dialect_kwargs.items() if not of_database.match(name.lower())}
        options.update(options_of(self._dialect, self._snapshot.get("options", "")))
        if self._snapshot.get("partition_by"):
            options["postgresql_partition_by"] = self._snapshot["partition_by"]
        if self._dialect == "sqlite" and any(column.get("autoincrement") for column in self._snapshot["columns"].values()):
            options["sqlite_autoincrement"] = True
        if self._snapshot.get("comment"):
            options["comment"] = self._snapshot["comment"]
        return options

    def _column(self, column: AnyColumn) -> AnyColumn:
        own: Any = {one.name: one for one in self._table.columns}.get(column.name)
        is_same = own is not None and column.name not in self._changed
        copy = copied(own if is_same else column)
        copy.primary_key = column.primary_key
        if is_same and column.primary_key and not own.primary_key:
            copy.autoincrement = column.autoincrement
        sequence = SEQUENCE.search(str(getattr(getattr(copy.server_default, "arg", None), "text", "")))
        if not is_same and sequence:
            if column.primary_key:
                copy.server_default = None  # as SERIAL has it
            else:
                self._sequences.append((sequence.group(1), column.name))
        return copy

    def _add_index(self, name: str, facts: Mapping[str, Any], index: Index | None, made: Table) -> None:
        if index is not None and (self._dialect in ("mysql", "mariadb") or is_plain(facts["definition"], made.columns)):
            names = [column.name for column in index.columns]
            Index(index.name, *[made.columns[one] for one in names], unique=index.unique, **dict(index.dialect_kwargs))
            return
        if self._dialect not in ("postgresql", "sqlite"):
            raise NotExpressible("the index %s on an expression" % name)
        using = "" if self._dialect == "sqlite" else " USING" if not facts["definition"].startswith("(") else " USING btree"
        words = ("UNIQUE " if facts["unique"] else "", self._preparer.quote(name), self._preparer.format_table(made), using)
        self._later(made, "CREATE %sINDEX %s ON %s%s %s" % (*words, facts["definition"]))


# A pattern for the options of a table that a snapshot has, as SQLAlchemy calls them.
OPTIONS = {
    "mysql": r"mysql_(?!partition|auto_increment)",
    "mariadb": r"(mysql|mariadb)_(?!partition|auto_increment)",
    "sqlite": "sqlite_(strict|with_rowid)$",
    "postgresql": "postgresql_with$",
}


def options_of(dialect: str, words: str) -> dict[str, Any]:
    """The arguments of a Table for options as a snapshot has them: "ENGINE=InnoDB CHARSET=latin1", "STRICT, WITHOUT ROWID"."""
    if dialect in ("mysql", "mariadb"):
        names = {"CHARSET": "default_charset"}
        return {"mysql_" + names.get(name, name.lower()): value for name, value in re.findall(r"(\w+)=(\S+)", words)}
    if dialect == "sqlite":
        return {
            **({"sqlite_strict": True} if "STRICT" in words else {}),
            **({"sqlite_with_rowid": False} if "WITHOUT" in words else {}),
        }
    return {}


SEQUENCE = re.compile(r"^nextval\('(.*)'::regclass\)$")


def is_plain(definition: str, columns: Names) -> bool:
    """Whether an index is on columns as they are: no expression, no order, no operator class."""
    matched = re.match(r"(?:\w+ )?\(([^()]*)\)(?: INCLUDE | WHERE |$)", definition)
    return matched is not None and all(name.strip('"') in columns for name in matched.group(1).split(", "))


def copied(column: AnyColumn) -> AnyColumn:
    """A copy without what becomes a constraint or an index of its own."""
    copy = column._copy() if hasattr(column, "_copy") else column.copy()
    copy.index = copy.unique = None
    return copy


def add_constraint(constraint: Any, table: Table) -> None:
    """The same constraint on another table of the same columns; the primary key is said by the columns."""
    name = conv(constraint.name) if constraint.name else None
    if isinstance(constraint, UniqueConstraint):
        table.append_constraint(UniqueConstraint(*[column.name for column in constraint.columns], name=name))
    elif isinstance(constraint, ForeignKeyConstraint):
        rules = {rule: getattr(constraint, rule) for rule in ("ondelete", "onupdate", "deferrable", "initially")}
        targets = [element.target_fullname for element in constraint.elements]
        names = [element.parent.name for element in constraint.elements]
        table.append_constraint(ForeignKeyConstraint(names, targets, name=name, **rules))
    elif isinstance(constraint, CheckConstraint):
        table.append_constraint(CheckConstraint(str(constraint.sqltext), name=name))
