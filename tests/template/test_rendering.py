"""Types in revisions: what they store, not the application's own names."""

from __future__ import annotations

import enum

import pytest
import sqlalchemy as sa
from alembic.autogenerate import api, render
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg2

from adopt.autogenerate.rendering import plain_values, render_item, stored_type

DIALECTS = {"postgresql": psycopg2.dialect, "mysql": mysql.dialect, "sqlite": sqlite.dialect}

OPTIONS = {
    "render_item": render_item,
    "sqlalchemy_module_prefix": "sa.",
    "alembic_module_prefix": "op.",
    "user_module_prefix": None,
}


class Secret(types.TypeDecorator):
    impl = sa.LargeBinary
    cache_ok = True


class Money(types.TypeDecorator):
    impl = sa.Numeric(9, 2)
    cache_ok = True


class Document(types.TypeDecorator):
    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(postgresql.JSONB() if dialect.name == "postgresql" else sa.JSON())


class Key(types.TypeDecorator):
    impl = sa.CHAR(32)
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(postgresql.UUID(as_uuid=True) if dialect.name == "postgresql" else sa.CHAR(32))


class Mood(types.TypeDecorator):
    impl = sa.Enum("ok", "sad", name="mood")
    cache_ok = True


class Wrapped(types.TypeDecorator):
    impl = Money
    cache_ok = True


class Short(sa.String):
    """A subclass that adds nothing to the database."""


class Point(types.UserDefinedType):
    cache_ok = True

    def __init__(self, srid=4326):
        self.srid = srid

    def get_col_spec(self, **options):
        return f"POINT({self.srid})"


def rendered(type_, dialect: str) -> tuple[str, set[str]]:
    """The text of a type in a revision for this dialect, and the imports that come with it."""
    context = MigrationContext.configure(dialect=DIALECTS[dialect]())
    autogen = api.AutogenContext(
        context,
        opts=OPTIONS,
    )
    return render._repr_type(type_, autogen), set(autogen.imports)


@pytest.mark.parametrize(
    ("type_", "dialect", "text"),
    [
        (Secret(), "postgresql", "sa.LargeBinary()"),
        (Money(), "mysql", "sa.Numeric(precision=9, scale=2)"),
        (Document(), "sqlite", "sa.JSON()"),
        (Key(), "sqlite", "sa.CHAR(length=32)"),
        (Mood(), "postgresql", "sa.Enum('ok', 'sad', name='mood')"),
        (Wrapped(), "sqlite", "sa.Numeric(precision=9, scale=2)"),
        (Short(30), "postgresql", "sa.String(length=30)"),
        (Short(), "mysql", "tests.template.test_rendering.Short()"),
        (sa.String(5), "sqlite", "sa.String(length=5)"),
        (postgresql.ARRAY(Money()), "postgresql", "postgresql.ARRAY(sa.Numeric(precision=9, scale=2))"),
    ],
)
def test_stored_type(type_, dialect, text):
    """A decorated type is written as the type it stores on that dialect."""
    assert rendered(type_, dialect)[0] == text


def test_type_of_one_dialect():
    """A type that only this dialect has comes with the dialect's import."""
    assert rendered(Document(), "postgresql") == (
        "postgresql.JSONB(astext_type=sa.Text())",
        {"from sqlalchemy.dialects import postgresql"},
    )
    assert rendered(Key(), "postgresql")[0] in ("sa.UUID()", "postgresql.UUID()", "sa.Uuid()")


def test_type_without_another_name_gets_its_import():
    """GeoAlchemy2's and pgvector's types are such: there is nothing plainer, so the revision imports them."""
    assert rendered(Point(3857), "postgresql") == (
        "tests.template.test_rendering.Point(srid=3857)",
        {"import tests.template.test_rendering"},
    )


def test_variant_of_a_decorated_type():
    """The variant for this dialect is what is stored."""
    type_ = Money().with_variant(sa.Float(), "sqlite")

    assert rendered(type_, "sqlite")[0] == "sa.Float()"
    assert rendered(type_, "postgresql")[0] == "sa.Numeric(precision=9, scale=2)"


def test_flags_become_what_their_ddl_says():
    """`nullable=0` and the function `sqlalchemy.true` are flags in DDL, and neither may be written into a revision as it is."""
    metadata = sa.MetaData()
    table = sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.Integer, nullable=0),
        sa.Column("b", sa.Integer, nullable=sa.true),
        sa.Column("c", sa.Integer, nullable=False, index=True, unique=1),
    )

    plain_values(metadata)

    assert [column.nullable for column in table.columns] == [False, True, False]
    assert [column.nullable for column in table.to_metadata(sa.MetaData()).columns] == [False, True, False]
    assert [index.unique for index in table.indexes] == [True]


class Color(str, enum.Enum):
    RED = "red"
    DARK = "it's dark"


class Light(types.TypeDecorator):
    impl = sa.Enum(*Color, name="color")
    cache_ok = True


@pytest.mark.parametrize(
    "type_",
    [
        sa.Enum(*Color, name="color"),
        Light(),
        sa.ARRAY(sa.Enum(*Color, name="color")),
        sa.String(9).with_variant(sa.Enum(*Color, name="color"), "mysql"),
    ],
    ids=["itself", "decorated", "items", "variant"],
)
def test_labels_of_an_enum_become_texts(type_):
    """`Enum(*Color)` stores what the members of a StrEnum say; a copy of the table has them as well."""
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("a", type_))

    plain_values(metadata)

    for one in (table, table.to_metadata(sa.MetaData())):
        text = rendered(one.c.a.type, "mysql")[0]
        assert """sa.Enum('red', "it's dark", name='color')""" in text
        assert "Color" not in text


def test_enum_of_a_class_is_left_alone():
    """Its labels are the names of the members already, and the class stays the one that values are made of."""
    metadata = sa.MetaData()
    column = sa.Column("a", sa.Enum(Color))
    sa.Table("t", metadata, column)

    plain_values(metadata)

    assert (column.type.enums, column.type.enum_class) == (["RED", "DARK"], Color)


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            "sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')",
        ),
        (
            sa.JSON().with_variant(postgresql.ARRAY(sa.String(20)), "postgresql"),
            "sa.JSON().with_variant(postgresql.ARRAY(sa.String(length=20)), 'postgresql')",
        ),
        (
            postgresql.JSONB().with_variant(sa.JSON(), "sqlite", "mysql"),
            "postgresql.JSONB(astext_type=sa.Text()).with_variant(sa.JSON(), 'mysql').with_variant(sa.JSON(), 'sqlite')",
        ),
    ],
    ids=["JSONB elsewhere", "ARRAY elsewhere", "JSONB first"],
)
def test_type_of_postgresql_in_a_revision_of_another_server(type_, text, dialect):
    """The type inside it has its "sa.", as it has when the revision is written on PostgreSQL."""
    assert rendered(type_, dialect) == (text, {"from sqlalchemy.dialects import postgresql"})
    assert rendered(type_, "postgresql")[0] == text


@pytest.mark.parametrize("type_", [postgresql.TSTZRANGE(), postgresql.INT4MULTIRANGE()], ids=["range", "multirange"])
def test_range_is_stored_as_itself(type_):
    """SQLAlchemy's base class of ranges has no words in SQL, and is asked for none."""
    assert stored_type(type_, postgresql.dialect()) is type_


@pytest.mark.parametrize("dialect", DIALECTS)
def test_percent_signs_are_rendered_once(dialect):
    """A revision has what the model says; the dialect that statements run through still writes them as its driver wants them."""
    metadata = sa.MetaData()
    condition = sa.CheckConstraint("email LIKE '%@%'", name="has_at")
    table = sa.Table("reader", metadata, sa.Column("email", sa.String(80), server_default=sa.text("'5%'")), condition)
    of_statements = DIALECTS[dialect]()
    context = MigrationContext.configure(dialect=of_statements, opts={"render_item": render_item})
    autogen_context = api.AutogenContext(context, opts={**OPTIONS, "render_item": render_item})
    before = str(condition.sqltext.compile(dialect=of_statements))

    text = render.render_op_text(autogen_context, ops.CreateTableOp.from_table(table))

    assert """sa.CheckConstraint("email LIKE '%@%'", name='has_at')""" in text
    assert """server_default=sa.text("'5%'")""" in text
    assert str(condition.sqltext.compile(dialect=of_statements)) == before
