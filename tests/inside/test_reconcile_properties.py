"""Whatever models and whatever drift: both equalities are proven, and the database is only read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from template.migrations.adopt import snapshot
from tests.end_to_end.tools import rows
from tests.inside import tools
from tests.servers import DIALECTS, engine_for, new_database

TYPES = {
    "Integer": Integer(),
    "String(20)": String(20),
    "String(80)": String(80),
    "Text": Text(),
    "Boolean": Boolean(),
    "DateTime": DateTime(),
    "Numeric(10, 2)": Numeric(10, 2),
}
NAMES = st.sampled_from(["title", "amount", "state", "seen", "order", "group"])
# column name -> (type, nullable, index or unique or neither)
KINDS = st.sampled_from(sorted(TYPES))
EXTRAS = st.sampled_from(["", "index", "unique"])
COLUMN = st.tuples(KINDS, st.booleans(), EXTRAS).map(
    lambda one: (*one[:2], "") if one[0] == "Text" else one
)  # MySQL: no key on Text
COLUMNS = st.dictionaries(NAMES, COLUMN, max_size=4)
SCHEMAS = st.dictionaries(st.sampled_from(["note", "book", "user"]), COLUMNS, min_size=1, max_size=3)
Schema = dict[str, dict[str, tuple[str, bool, str]]]


def models(schema: Schema) -> str:
    """The source of these models; constraints and indexes have names."""
    lines = []
    for table, columns in schema.items():
        lines += [f"class {table.title()}(db.Model):", "    id = db.Column(db.Integer, primary_key=True)"]
        arguments = []
        for name, (kind, nullable, extra) in columns.items():
            lines.append(f"    {name}_ = db.Column({name!r}, db.{kind}, nullable={nullable})")
            if extra:
                made = "db.Index" if extra == "index" else "db.UniqueConstraint"
                arguments.append(
                    f"{made}('ix_{table}_{name}', {name!r})" if extra == "index" else f"{made}({name!r}, name='uq_{table}_{name}')"
                )
        if arguments:
            lines.append(f"    __table_args__ = ({', '.join(arguments)},)")
    return "\n".join("    " + line for line in lines)


def create(url: str, schema: Schema) -> None:
    """The same as tables of a database, with a row in each table that takes one without a value."""
    metadata = MetaData()
    for table, columns in schema.items():
        made = Table(table, metadata, Column("id", Integer, primary_key=True))
        for name, (kind, nullable, extra) in columns.items():
            made.append_column(Column(name, TYPES[kind], nullable=nullable))
            if extra == "index":
                Index(f"ix_{table}_{name}", made.columns[name])
            elif extra:
                made.append_constraint(UniqueConstraint(made.columns[name], name=f"uq_{table}_{name}"))
    engine = engine_for(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for made in metadata.sorted_tables:
            if all(column.nullable or column.primary_key for column in made.columns):
                connection.execute(made.insert().values(id=1))


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, SCHEMAS)
def test_any_drift_is_reconciled(dialect: str, wanted: Schema, there: Schema) -> None:
    """The baseline is proven to build what is there, both revisions to build what the models say; nothing there changes."""
    with tempfile.TemporaryDirectory() as folder, new_database(dialect, Path(folder)) as url:
        create(url, there)
        root = tools.shop(Path(folder, "shop"), models(wanted))
        before = everything(url)

        facts = tools.hear(root, on_drift="reconcile", stamp=False, env={"EXISTING_URL": url}).one("verified")

        assert everything(url) == before
        assert facts.get("not_reconciled") is None
        assert bool(facts["differences"]) == bool(facts.get("is_reconciled"))
        assert facts.get("left", []) == [] or "cannot be cast" in facts["not_carried"]


def everything(url: str) -> tuple[object, object]:
    """Schema and rows."""
    with engine_for(url).connect() as connection:
        return snapshot.take(connection), rows(url)
