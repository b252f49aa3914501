"""Revisions that import no application code: column types are written as the types that they store.

Before:  sa.Column('token', shop.types.Encrypted(length=64), nullable=True)      NameError: name 'shop' is not defined
After:   sa.Column('token', sa.LargeBinary(length=64), nullable=True)

A type that SQLAlchemy has no name for (GeoAlchemy2, pgvector) stays as it is and gets its import.
Hook: https://alembic.sqlalchemy.org/en/latest/autogenerate.html#affecting-the-rendering-of-types-themselves
"""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy
from alembic.autogenerate import render
from sqlalchemy import exc, types
from sqlalchemy.util import generic_repr

from .exclusions import render_exclusion
from .inline_checks import render_column
from .primary_keys import render_primary_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.autogenerate.api import AutogenContext
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import MetaData


TYPES_APART = "enum_types_apart"  # in the options of a context: CREATE TYPE is an operation of its own there (enums.py)
STRING = "'(?:[^']|'')*'"
ANY = re.compile(
    r"""\(?("[^"]+"|\b\w+)\)?::text (= ANY|<> ALL) \(\(?ARRAY\[({0}(?:, {0})*)\]\)?::text\[\]\)""".format(
        STRING + "::character varying"
    )
)
BASES = (types.TypeDecorator, types.UserDefinedType, types.TypeEngine)


def render_item(type_: Any, obj: Any, autogen_context: AutogenContext) -> Any:
    """Alembic's `render_item`: the text for this object, or False for "as usual"."""
    keep_characters(autogen_context.migration_context)
    autogen_context.dialect = autogen_context.migration_context.dialect
    if type_ != "type":
        return RENDERERS[type_](obj, autogen_context) if type_ in RENDERERS else False
    if autogen_context.opts.get(TYPES_APART) and is_named_enum(obj, autogen_context.dialect):
        return enum_without_type(obj, autogen_context)
    if type(obj).__name__ == "DOMAIN" and hasattr(obj, "data_type"):
        return domain_without_type(obj, autogen_context)
    if is_of_another_server(obj, autogen_context.dialect):
        return text_of_another_server(obj, autogen_context)
    if type(obj) is types.Interval:  # of which SQLAlchemy writes no arguments
        return autogen_context.opts["sqlalchemy_module_prefix"] + generic_repr(obj) + variants(obj, autogen_context)
    if type(obj) is types.PickleType and repr(obj.impl) != "LargeBinary()":
        return render._repr_type(obj.impl, autogen_context)  # type: ignore[arg-type]  # an instance
    if type(obj).__module__.startswith("sqlalchemy."):
        return False
    stored = stored_type(obj, autogen_context.dialect)
    if stored is not obj:
        return render._repr_type(stored, autogen_context)
    autogen_context.imports.add("import " + type(obj).__module__)
    return False


def keep_characters(migration_context: MigrationContext) -> None:
    """Let a % and a : of SQL be rendered so that the revision says what the models say; once for each context.

    Of `email LIKE '%@%'` in a CHECK Alembic would write '%%@%%', and the database would get that. A colon in `sa.text("...")`
    begins a parameter: `'{"k":true}'` would become `'{"k"NULL}'`. The context has no statement to run any more, and what renders
    from here on are copies: the dialect that statements run through stays as it is.
    """
    if hasattr(migration_context.impl, "keeps_characters"):
        return
    impl: Any
    impl = migration_context.impl = copy.copy(migration_context.impl)
    impl.keeps_characters = True
    impl.render_ddl_sql_expr = functools.partial(sql_text, impl.render_ddl_sql_expr)
    migration_context.dialect = impl.dialect = plain_dialect(migration_context.dialect)


def sql_text(render_expression: Callable[..., str], expression: Any, **options: Any) -> str:
    """What Alembic's `render_ddl_sql_expr` says, for `sa.text`."""
    text = with_lists(render_expression(expression, **options))
    return text if options.get("is_index") and is_literal_in_indexes() else with_colons(text)


@functools.lru_cache(maxsize=None)
def is_literal_in_indexes() -> bool:
    """Whether this Alembic renders an expression of an index as a `literal_column`, in which a colon is a colon."""
    return "literal_column" in inspect.getsource(render._render_potential_expr)


def with_colons(text: str) -> str:
    """Text for `sa.text`, which would take a colon for the start of a parameter."""
    return re.sub(r"(?<!:):(?!:)", r"\\:", text)


def with_lists(text: str) -> str:
    """With `state IN ('a', 'b')` for what PostgreSQL makes of that: it would print its own words in yet another way."""
    return ANY.sub(in_list, text)


def in_list(match: re.Match[str]) -> str:
    name, word, listed = match.groups()
    return "{} {} ({})".format(name, "IN" if word == "= ANY" else "NOT IN", ", ".join(re.findall(STRING, listed)))


def plain_dialect(dialect: Any) -> Any:
    """The same dialect, whose compiled text has each % once."""
    if not getattr(dialect.identifier_preparer, "_double_percents", False):
        return dialect
    plain = copy.copy(dialect)
    plain.__dict__.pop("_type_memos", None)  # where it keeps how it doubles them in literals
    plain.identifier_preparer = plain.preparer(plain)
    plain.identifier_preparer._double_percents = False
    return plain


def is_of_another_server(type_: Any, dialect: Any) -> bool:
    """Whether this is a type of PostgreSQL's in a revision that is written on another server, and holds another type."""
    module = type(type_).__module__
    return dialect.name != "postgresql" and module.startswith("sqlalchemy.dialects.postgresql") and any(parts(type_))


def parts(type_: Any) -> list[Any]:
    """The types inside a type of PostgreSQL's: of an array's items, of what is taken out of JSON."""
    return [getattr(type_, name) for name in ("item_type", "astext_type", "text_type") if getattr(type_, name, None) is not None]


def text_of_another_server(type_: Any, autogen_context: AutogenContext) -> str:
    """`postgresql.JSONB(astext_type=sa.Text())`; only on PostgreSQL does Alembic put the "sa." there."""
    autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
    text = "postgresql." + repr(type_)
    for part in parts(type_):
        text = text.replace(repr(part), render._repr_type(part, autogen_context))
    return text + variants(type_, autogen_context)


def variants(type_: Any, autogen_context: AutogenContext) -> str:
    """What comes after the text of a type that is another one on some servers."""
    found = sorted(getattr(type_, "_variant_mapping", {}).items())
    return "".join(f".with_variant({render._repr_type(one, autogen_context)}, {name!r})" for name, one in found)


def render_default(default: Any, autogen_context: AutogenContext) -> Any:
    """A string as it is, of which Alembic would take quotes at its ends for those of SQL; False for "as usual"."""
    text = getattr(default, "arg", None)
    return repr(str(text)) if isinstance(text, str) else False


RENDERERS = {
    "column": render_column,
    "exclude": render_exclusion,
    "primary_key": render_primary_key,
    "server_default": render_default,
}


def is_named_enum(type_: Any, dialect: Any) -> bool:
    """Whether this is a type of its own in PostgreSQL."""
    return dialect.name == "postgresql" and isinstance(type_, types.Enum) and type_.native_enum and bool(type_.name)


def enum_without_type(enum: Any, autogen_context: AutogenContext) -> str:
    """The text of an enum whose CREATE TYPE stands in a line of its own."""
    autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
    arguments = [repr(str(label)) for label in enum.enums] + [f"name={str(enum.name)!r}"]
    if enum.schema:
        arguments.append(f"schema={str(enum.schema)!r}")
    return "postgresql.ENUM({}, create_type=False)".format(", ".join(arguments))


def domain_without_type(domain: Any, autogen_context: AutogenContext) -> str:
    """The text of a domain whose CREATE DOMAIN stands in a line of its own; SQLAlchemy would create it for every table."""
    autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
    schema = f", schema={str(domain.schema)!r}" if domain.schema else ""
    base = render._repr_type(domain.data_type, autogen_context)
    return f"postgresql.DOMAIN({str(domain.name)!r}, {base}{schema}, create_type=False)"


def stored_type(type_: Any, dialect: Any) -> Any:
    """What a column of this type is in the database of this dialect, in SQLAlchemy's own words where it has some."""
    type_ = getattr(type_, "_variant_mapping", {}).get(dialect.name, type_)  # SQLAlchemy 2: String().with_variant(...)
    while isinstance(type_, types.TypeDecorator) and not type(type_).__module__.startswith("sqlalchemy."):
        type_ = type_.load_dialect_impl(dialect)
    if isinstance(type_, types.SchemaType) or isinstance(type_, types.TypeDecorator):
        return type_
    return plainest(type_, dialect)


def plainest(type_: Any, dialect: Any) -> Any:
    """The most general type of SQLAlchemy's that makes the same column; drivers have private ones that nobody can import."""
    wanted = ddl(type_, dialect)
    package = importlib.import_module(type(dialect).__module__.rpartition(".")[0])  # sqlalchemy.dialects.postgresql
    for cls in reversed(type(type_).__mro__):
        is_public = getattr(sqlalchemy, cls.__name__, None) is cls or getattr(package, cls.__name__, None) is cls
        is_type = issubclass(cls, types.TypeEngine) and hasattr(cls, "_compiler_dispatch")  # AbstractRange has none
        if is_public and is_type and cls not in BASES:
            candidate = type_ if cls is type(type_) else type_.adapt(cls)
            if wanted and ddl(candidate, dialect) == wanted:
                return candidate
    return type_


def ddl(type_: Any, dialect: Any) -> Any:
    """What CREATE TABLE says for this type; "" where the dialect has no such type, or wants a length that is not given."""
    try:
        return type_.compile(dialect=dialect)
    except exc.CompileError:
        return ""


def plain_values(metadata: MetaData) -> None:
    """Make flags True or False, as they are in DDL: for `nullable=0` Alembic would propose the same change over and over.

    So are the labels of `Enum(*Color)`, which are members of a StrEnum and no texts in a revision.
    """
    for table in metadata.tables.values():
        for column in table.columns:
            plain_labels(column.type)
            if type(column.nullable) is not bool:
                column.nullable = column._user_defined_nullable = bool(column.nullable)  # SQLAlchemy 1.4 copies the second
        for index in table.indexes:
            if type(index.unique) is not bool:
                index.unique = bool(index.unique)


def plain_labels(type_: Any) -> None:
    """Make the labels of an enum, or of one inside this type, the texts that the database stores."""
    if isinstance(type_, types.Enum) and not all(type(label) is str for label in type_.enums):
        type_.enums = [str.__str__(label) for label in type_.enums]
    inside = [getattr(type_, name, None) for name in ("impl", "item_type")]
    for one in (*inside, *getattr(type_, "_variant_mapping", {}).values()):
        if isinstance(one, types.TypeEngine) and one is not type_:
            plain_labels(one)
