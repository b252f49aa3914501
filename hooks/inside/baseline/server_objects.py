"""What a schema needs beside its tables: PostgreSQL enum types, extensions, schemas, sequences.

Before:  sa.Column('state', sa.Enum('new', 'paid', name='state'))    CREATE TYPE for every table that has it; DROP TYPE for none
After:   op.execute("CREATE TYPE state AS ENUM ('new', 'paid')")     once, before the tables, and dropped after them
         sa.Column('state', postgresql.ENUM('new', 'paid', name='state', create_type=False))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum, Sequence, types
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import CreateSequence, DropSequence

from ..load.extensions import Unasked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Table
    from sqlalchemy.dialects.postgresql import DOMAIN
    from sqlalchemy.engine import Dialect

    from ..base.types import AnyColumn, AnyType
    from ..load.extensions import Extensions
    from ..load.types import Sequences


try:
    from sqlalchemy.dialects.postgresql.named_types import CreateDomainType
except ImportError:  # SQLAlchemy before 2.0 has no domains
    CreateDomainType = None  # type: ignore[assignment, misc]


def named_enum(type_: AnyType, dialect: Dialect) -> Enum | None:
    """The native PostgreSQL enum that a column of this type has (also inside a decorator, a variant or an array), or None."""
    if dialect.name != "postgresql":
        return None
    for one in unwrapped(type_, dialect):
        if isinstance(one, Enum) and one.native_enum and one.name:
            return one
    return None


def enum_names(tables: Iterable[Table], dialect: Dialect) -> set[str]:
    """The names of the enum types of these tables, "schema.name" where they name a schema."""
    enums = [named_enum(column.type, dialect) for table in tables for column in table.columns]
    return {(enum.schema + "." if enum.schema else "") + enum.name for enum in enums if enum is not None}  # type: ignore[operator]  # named


def unwrapped(type_: AnyType | None, dialect: Dialect) -> Iterator[AnyType]:
    """`type_` and the types inside it, outermost first."""
    while type_ is not None:
        yield type_
        variants: Any = getattr(type_, "_variant_mapping", None) or getattr(type_, "mapping", None)
        if isinstance(variants, dict) or hasattr(variants, "get"):
            variant = variants.get(dialect.name)
            if variant is not None:
                type_ = variant
                continue
        if isinstance(type_, types.TypeDecorator):
            type_ = type_.load_dialect_impl(dialect)
        else:
            type_ = getattr(type_, "item_type", None)


BEFORE, AFTER = "statements before this table", "statements after this table"  # in the info of a table, as SQL


class ServerObjects:
    """What these tables need on this dialect; each list holds SQL text in the order in which it has to run."""

    def __init__(
        self, tables: Iterable[Table], sequences: Sequences, dialect: Dialect, extensions: Extensions | None = None
    ) -> None:
        self._dialect = dialect
        self._preparer: Any = dialect.identifier_preparer
        self._tables = tables
        self.enums = self._find_enums()
        self.domains = self._find_domains()
        self.sequences = self._find_sequences(sequences)
        self.schemas = sorted({table.schema for table in tables if table.schema and table.schema != dialect.default_schema_name})
        self.extensions = self._find_extensions(extensions) if dialect.name == "postgresql" else {}

    def create(self) -> list[str]:
        """The statements before the first table."""
        statements = []
        for name, schema in self.extensions.items():
            place = " SCHEMA " + self._preparer.quote(schema) if schema else ""
            statements += ["CREATE SCHEMA IF NOT EXISTS %s" % self._preparer.quote(schema)] if schema else []
            statements.append("CREATE EXTENSION IF NOT EXISTS %s%s" % (self._preparer.quote(name), place))
        if self._dialect.name == "postgresql":
            statements += ["CREATE SCHEMA IF NOT EXISTS %s" % self._preparer.quote(name) for name in self.schemas]
        statements += [self._create_enum(enum) for enum in self.enums]
        statements += [one_line(CreateDomainType(domain).compile(dialect=self._dialect)) for domain in self.domains]
        return statements + [one_line(CreateSequence(sequence).compile(dialect=self._dialect)) for sequence in self.sequences]

    def drop(self) -> list[str]:
        """The statements after the last table; schemas and extensions may serve others and stay."""
        statements = [one_line(DropSequence(sequence).compile(dialect=self._dialect)) for sequence in reversed(self.sequences)]
        statements += ["DROP DOMAIN %s" % self._preparer.format_type(domain) for domain in reversed(self.domains)]
        return statements + ["DROP TYPE %s" % self._preparer.format_type(enum) for enum in reversed(self.enums)]

    def _create_enum(self, enum: Enum) -> str:
        labels = ", ".join("'%s'" % label.replace("'", "''") for label in enum.enums)
        return "CREATE TYPE %s AS ENUM (%s)" % (self._preparer.format_type(enum), labels)

    def _find_enums(self) -> list[Enum]:
        found: dict[tuple[str | None, str | None], Enum] = {}
        for table in self._tables:
            for column in table.columns:
                enum = named_enum(column.type, self._dialect)
                if enum is not None:
                    found.setdefault((enum.schema, enum.name), enum)
        return list(found.values())

    def _find_domains(self) -> list[DOMAIN]:
        if self._dialect.name != "postgresql" or CreateDomainType is None:
            return []
        types_: list[Any] = [
            one for table in self._tables for column in table.columns for one in unwrapped(column.type, self._dialect)
        ]
        return list({(one.schema, one.name): one for one in types_ if type(one).__name__ == "DOMAIN"}.values())

    def _find_sequences(self, named: Sequences) -> list[Sequence]:
        if not self._dialect.supports_sequences:
            return []
        found: dict[tuple[str | None, str], Sequence] = dict(named)
        for table in self._tables:
            for column in table.columns:
                if isinstance(column.default, Sequence):
                    found.setdefault((column.default.schema, column.default.name), column.default)
        return [one for _, one in sorted(found.items(), key=lambda item: str(item[0])) if not one.optional]

    def _find_extensions(self, extensions: Extensions | None) -> dict[str, str | None]:
        """Those that are needed, as the existing database says; `extensions` is None where there is none."""
        types, texts = [], []
        for table in self._tables:
            for column in table.columns:
                types.append(spelled(column.type, self._dialect))
                default = getattr(column.server_default, "arg", "")
                texts += [getattr(default, "text", None) or default, getattr(getattr(column, "computed", None), "sqltext", "")]
            for constraint in table.constraints:
                texts.append(getattr(constraint, "sqltext", ""))
            for index in table.indexes:
                texts += [*index.expressions, *index.dialect_kwargs.values()]
        asked = extensions or Unasked(getattr(self._dialect, "server_version_info", None))
        names = {table.fullname for table in self._tables}
        return {name: asked.schemas.get(name) for name in asked.needed(names, " ".join(types), " ".join(map(str, texts)))}


def spelled(type_: AnyType, dialect: Dialect) -> str:
    """A type as CREATE TABLE spells it; the names of its classes where it has no words there."""
    try:
        return type_.compile(dialect=dialect)
    except (CompileError, NotImplementedError, AttributeError):
        return " ".join(type(one).__name__ for one in unwrapped(type_, dialect))


def one_line(sql: object) -> str:
    """Compiled SQL without line breaks."""
    return " ".join(str(sql).split())


def has_own_sequence(column: AnyColumn, dialect: Dialect) -> bool:
    """Whether the column takes its numbers from a sequence that it names, so that it is no SERIAL or AUTO_INCREMENT."""
    return dialect.supports_sequences and isinstance(column.default, Sequence) and not column.default.optional
