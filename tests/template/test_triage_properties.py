"""Whatever models, drift and rows: what is not called dangerous can be carried over without losing a value or failing on a row."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adopt.rows import counting
from adopt.rows.triage import triage
from adopt.schema import differences, snapshot
from adopt.server import readonly
from tests.servers import DIALECTS, engine_for, new_database

VALUES: dict[str, list[Any]] = {
    "Integer": [0, 7],
    "BigInteger": [0, 2**40],
    "SmallInteger": [1, 2],
    "String(5)": ["", "abcde", "ab"],
    "String(20)": ["ab", "twelve marks"],
    "Text": ["ab", "a text that is longer than twenty marks"],
    "Boolean": [True, False],
    "DateTime": [datetime.datetime(2024, 5, 6, 7, 8, 9)],
    "Numeric(6, 2)": [1, 1234],
    "Numeric(12, 4)": [1, 12345678],
    "Enum": ["red", "green"],
}
TYPES = {
    "Integer": sa.Integer(),
    "BigInteger": sa.BigInteger(),
    "SmallInteger": sa.SmallInteger(),
    "String(5)": sa.String(5),
    "String(20)": sa.String(20),
    "Text": sa.Text(),
    "Boolean": sa.Boolean(),
    "DateTime": sa.DateTime(),
    "Numeric(6, 2)": sa.Numeric(6, 2),
    "Numeric(12, 4)": sa.Numeric(12, 4),
    "Enum": sa.Enum("red", "green", name="color"),
}
DEFAULTS = {"Integer": "5", "String(5)": "x", "String(20)": "x"}
COLUMN = st.tuples(st.sampled_from(sorted(TYPES)), st.booleans(), st.sampled_from(["", "", "index", "unique"]), st.booleans())
COLUMNS = st.dictionaries(st.sampled_from(["title", "amount", "order"]), COLUMN, max_size=3)
SCHEMAS = st.dictionaries(st.sampled_from(["note", "user"]), COLUMNS, min_size=1, max_size=2)
Schema = dict[str, dict[str, tuple[str, bool, str, bool]]]
NOT_BY_ITSELF = (
    "cannot be cast automatically",
    "used in key specification without a key length",
    'type "color" does not exist',  # Alembic's own operations make no enum types for columns,
    'type "color" already exists',  # and look for none that is there before a table
)


def metadata_of(schema: Schema, prefix: str = "") -> sa.MetaData:
    """Tables; names of constraints and indexes begin with `prefix`."""
    metadata = sa.MetaData()
    for name, columns in schema.items():
        table = sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
        for column, (kind, nullable, extra, has_default) in columns.items():
            default = DEFAULTS.get(kind) if has_default else None
            table.append_column(sa.Column(column, TYPES[kind], nullable=nullable, server_default=default))
            if extra == "index" and kind != "Text":
                sa.Index(f"{prefix}ix_{name}_{column}", table.c[column])
            elif extra == "unique" and kind != "Text":
                table.append_constraint(sa.UniqueConstraint(table.c[column], name=f"{prefix}uq_{name}_{column}"))
    return metadata


def fill(engine: sa.Engine, metadata: sa.MetaData, there: Schema, picks: list[int]) -> None:
    """Up to three rows in each table, those that its own constraints take."""
    for table in metadata.sorted_tables:
        for number in range(1, 4):
            row: dict[str, Any] = {"id": number}
            for place, (column, (kind, nullable, _, _)) in enumerate(sorted(there[table.name].items())):
                values = VALUES[kind] + ([None] if nullable else [])
                row[column] = values[(picks[place % len(picks)] + number) % len(values)]
            try:
                with engine.begin() as connection:
                    connection.execute(table.insert().values(row))
            except sa.exc.IntegrityError:
                continue  # unique, and the value is there


def values(engine: sa.Engine) -> dict[tuple[str, int, str], Any]:
    """(table, id, column) -> value as text, of every value that there is."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            texts = [column if column.name == "id" else as_text(column) for column in table.columns]
            for row in connection.execute(sa.select(*texts)).mappings():
                for name, value in row.items():
                    if value is not None:
                        found[table.name, row["id"], str(name)] = value
    return found


def as_text(column: sa.Column[Any]) -> Any:
    """The value as text; numbers without what their type only displays."""
    is_number = isinstance(column.type, (sa.Numeric, sa.Integer)) and not isinstance(column.type, sa.Boolean)
    return (sa.cast(column, sa.Numeric(20, 4)) if is_number else sa.cast(column, sa.String(200))).label(column.name)


def carry_over(connection: sa.Connection, metadata: sa.MetaData, classes: dict[tuple[str, str], str]) -> None:
    """Run the operations that go to `metadata`, but those on something that is dangerous or only in the database."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": metadata}
    )
    operations = Operations(context)
    for change in produce_migrations(context, metadata).upgrade_ops.ops:
        if isinstance(change, ops.CreateTableOp):
            operations.invoke(change)
        parts = [one for one in getattr(change, "ops", []) if classes.get(about(one)) in ("cosmetic", "models-ahead")]
        if parts:
            with operations.batch_alter_table(change.table_name) as batch:
                for part in parts:
                    if isinstance(getattr(part, "modify_server_default", None), sa.DefaultClause):
                        part.modify_server_default = part.modify_server_default.arg  # as a revision has it
                    batch.invoke(part)


def about(operation: Any) -> tuple[str, str]:
    """The table and the column, index or constraint."""
    name = getattr(operation, "column_name", None) or getattr(getattr(operation, "column", None), "name", None)
    name = name or getattr(operation, "index_name", None) or getattr(operation, "constraint_name", None)
    return operation.table_name, name or ""


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making an example smaller takes minutes
)
@given(SCHEMAS, SCHEMAS, st.lists(st.integers(0, 3), min_size=1, max_size=4), st.sampled_from(["", "old_"]))
def test_what_is_not_dangerous_is_carried_over(dialect: str, wanted: Schema, there: Schema, picks: list[int], prefix: str) -> None:
    """Every value that was there is there afterwards, unchanged, and no row was refused."""
    with tempfile.TemporaryDirectory() as folder, new_database(dialect, Path(folder)) as url:
        with new_database(dialect, Path(folder)) as other_url:
            metadata_of(wanted).create_all(engine_for(other_url))
            with engine_for(other_url).connect() as connection:
                expected = snapshot.take(connection)
        engine = engine_for(url)
        metadata_of(there, prefix).create_all(engine)
        fill(engine, metadata_of(there, prefix), there, picks)
        with readonly.connect(engine.url) as connection:
            actual = snapshot.take(connection)
            found = triage(differences.compare(expected, actual), expected, actual, counting.Rows(connection))
        classes = {(one["table"], one["name"]): one["class"] for one in found}
        before = values(engine)

        try:
            with engine.begin() as connection:
                carry_over(connection, metadata_of(wanted), classes)
        except sa.exc.DBAPIError as error:
            assert any(words in str(error) for words in NOT_BY_ITSELF), found  # what is not about rows

        after = values(engine)
        assert {key: after.get(key) for key in before} == before, found
