"""CHECK constraints in revisions: how they are called, and the lines that create and drop one.

PostgreSQL, MySQL   op.create_check_constraint(op.f('ck_age'), 'users', 'age > 0')
SQLite              the same inside of a batch, which builds the table anew; one without a name cannot be dropped there
"""

from sqlalchemy import CheckConstraint, inspect

from ..schema import snapshot_postgresql
from ..schema.normal import check_text
from ..schema.sqlite_statement import Statement
from ..server.catalogue import FIRST_OID
from ..server.connecting import query
from .rendering import with_colons, with_lists

NAMES = """
SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid), n.nspname = current_schema()
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('c', 'x') AND c.oid >= {first}"""
STATEMENTS = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"


def names_of(connection, tables):
    """{(table, condition as a snapshot has it): the name, None where it has none} of these tables."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        return {
            (table if is_default else schema + "." + table, snapshot_postgresql.condition(definition)): name
            for schema, table, name, definition, is_default in query(connection, NAMES.format(first=FIRST_OID))
        }
    if dialect == "sqlite":
        statements = [(name, sql) for name, sql in query(connection, STATEMENTS) if name in tables and "(" in sql]
        return {(table, check_text(text)): name for table, sql in statements for name, text in Statement(sql).checks()}
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    return {
        (table, check_text(one["sqltext"])): one["name"]
        for table in sorted(there & set(tables))
        for one in inspector.get_check_constraints(table)
    }


def condition_of(table, name, dialect):
    """What the model says under this name, "" where it is not the model that named it."""
    every = [*table.constraints, *(one for column in table.columns for one in column.constraints)]
    for one in every:
        if isinstance(one, CheckConstraint) and str(one.name) == name and not getattr(one, "_type_bound", False):
            return str(one.sqltext.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return ""


def create(table, name, condition, dialect):
    """The lines that create one; an EXCLUDE of PostgreSQL is one as well."""
    if condition.startswith("EXCLUDE "):
        quote = dialect.identifier_preparer.quote
        place = ".".join(quote(part) for part in table.split("."))
        return ["op.execute({!r})".format(with_colons("ALTER TABLE {} ADD CONSTRAINT {} {}".format(place, quote(name), condition)))]
    text = with_colons(with_lists(condition)).replace("{", "{{").replace("}", "}}")
    return line(table, "create_check_constraint(op.f(%r), {}%r{})" % (name, text), dialect)


def drop(table, name, dialect, kind="check"):
    """The lines that drop one."""
    return line(table, "drop_constraint(op.f(%r), {}type_=%r{})" % (name, kind), dialect)


def line(table, call, dialect):
    """A call with the table's name and schema in the places of its two brackets."""
    schema, _, bare = table.rpartition(".")
    if dialect.name == "sqlite":
        head = "with op.batch_alter_table(%r, recreate='always') as batch_op:" % table
        return [head, "    batch_op." + call.format("", "").replace("op.f(", "batch_op.f(")]
    return ["op." + call.format("%r, " % bare, ", schema=%r" % schema if schema else "")]
