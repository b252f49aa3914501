"""Whatever models and whatever drift: both equalities are proven, and the database is only read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from adopt.schema import snapshot
from tests.end_to_end.tools import rows
from tests.inside import tools
from tests.servers import DIALECTS, engine_for, new_database

TYPES: dict[str, Any] = {
    "Integer": Integer(),
    "String(20)": String(20),
    "String(80)": String(80),
    "Text": Text(),
    "Boolean": Boolean(),
    "DateTime": DateTime(),
    "Numeric(10, 2)": Numeric(10, 2),
    "Enum": None,  # with the labels of its side
    "ForeignKey": Integer(),  # to the first table, without a name
}
DEFAULTS = {"Integer": "5", "String(20)": "x", "String(80)": "y"}
LABELS = st.sampled_from([("red",), ("red", "green"), ("green", "red"), ("red", "blue", "green")])
NAMES = st.sampled_from(["title", "amount", "state", "seen", "order", "group"])
# column name -> (type, nullable, index, unique, unique without a name, or nothing; has a default)
KINDS = st.sampled_from(sorted(TYPES))
EXTRAS = st.sampled_from(["", "index", "unique", "unnamed"])
COLUMN = st.tuples(KINDS, st.booleans(), EXTRAS, st.booleans()).map(
    lambda one: (*one[:2], "", one[3]) if one[0] == "Text" else one
)  # MySQL: no key on Text
COLUMNS = st.dictionaries(NAMES, COLUMN, max_size=4)
SCHEMAS = st.dictionaries(st.sampled_from(["note", "book", "user"]), COLUMNS, min_size=1, max_size=3)
Schema = dict[str, dict[str, tuple[str, bool, str, bool]]]


def models(schema: Schema, labels: tuple[str, ...]) -> str:
    """The source of these models; constraints and indexes have names, but for those that say otherwise."""
    lines = []
    for table, columns in schema.items():
        lines += [f"class {table.title()}(db.Model):", "    id = db.Column(db.Integer, primary_key=True)"]
        arguments = []
        for name, (kind, nullable, extra, has_default) in columns.items():
            written = {"Enum": f"Enum(*{labels!r}, name='color')", "ForeignKey": f"ForeignKey({min(schema) + '.id'!r})"}
            default = f", server_default={DEFAULTS[kind]!r}" if has_default and kind in DEFAULTS else ""
            options = f"nullable={nullable}{default}" + ", unique=True" * (extra == "unnamed")
            lines.append(f"    {name}_ = db.Column({name!r}, db.{written.get(kind, kind)}, {options})")
            if extra in ("index", "unique"):
                made = "db.Index" if extra == "index" else "db.UniqueConstraint"
                arguments.append(
                    f"{made}('ix_{table}_{name}', {name!r})" if extra == "index" else f"{made}({name!r}, name='uq_{table}_{name}')"
                )
        if arguments:
            lines.append(f"    __table_args__ = ({', '.join(arguments)},)")
    return "\n".join("    " + line for line in lines)


def create(url: str, schema: Schema, labels: tuple[str, ...], prefix: str) -> None:
    """The same as tables of a database, with a row in each table that takes one without a value; names begin with `prefix`."""
    metadata = MetaData()
    for table, columns in schema.items():
        made = Table(table, metadata, Column("id", Integer, primary_key=True))
        for name, (kind, nullable, extra, has_default) in columns.items():
            default = DEFAULTS.get(kind) if has_default else None
            type_ = TYPES[kind] or Enum(*labels, name="color")
            key = [ForeignKey(min(schema) + ".id")] if kind == "ForeignKey" else []
            made.append_column(Column(name, type_, *key, nullable=nullable, server_default=default, unique=extra == "unnamed"))
            if extra == "index":
                Index(f"{prefix}ix_{table}_{name}", made.columns[name])
            elif extra == "unique":
                made.append_constraint(UniqueConstraint(made.columns[name], name=f"{prefix}uq_{table}_{name}"))
    engine = engine_for(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for made in metadata.sorted_tables:
            if all(column.nullable or column.primary_key for column in made.columns):
                connection.execute(made.insert().values(id=1))


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making an example smaller takes minutes
)
@given(SCHEMAS, SCHEMAS, st.tuples(LABELS, LABELS), st.sampled_from(["", "old_"]))
def test_any_drift_is_reconciled(
    dialect: str, wanted: Schema, there: Schema, labels: tuple[tuple[str, ...], tuple[str, ...]], prefix: str
) -> None:
    """The baseline is proven to build what is there, both revisions to build what the models say; nothing there changes."""
    with tempfile.TemporaryDirectory() as folder, new_database(dialect, Path(folder)) as url:
        create(url, there, labels[1], prefix)
        root = tools.shop(Path(folder, "shop"), models(wanted, labels[0]))
        before = everything(url)

        facts = tools.hear(root, on_drift="reconcile", stamp=False, env={"EXISTING_URL": url}).one("verified")

        assert everything(url) == before
        leads_out = (
            any(kind == "ForeignKey" for columns in there.values() for kind, *_ in columns.values()) and min(there) not in wanted
        )
        if leads_out and "a table without a model" in facts.get("not_reconciled", ""):
            return
        assert facts.get("not_reconciled") is None
        assert bool(facts["differences"]) == bool(facts.get("is_reconciled"))
        assert facts.get("left", []) == [] or "cannot cast" in facts["not_carried"] or "cannot be cast" in facts["not_carried"]


def everything(url: str) -> tuple[object, object]:
    """Schema and rows."""
    with engine_for(url).connect() as connection:
        return snapshot.take(connection), rows(url)
