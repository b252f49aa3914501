"""Any history, any revision, any drift: no revision is named whose schema differs, and nothing but the stamp is written."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

from adopt.verdict import adopting
from tests.servers import DIALECTS, engine_for, execute, new_database
from tests.template.states import USERS, History, everything, inside, stamped, without_stamp

TABLES, COLUMNS = ("notes", "tags", "files"), ("a", "b", "c")
EXAMPLES = {"sqlite": 15, "postgresql": 3, "mariadb": 3}


@st.composite
def histories(draw: st.DrawFn) -> dict[str, str]:
    """{revision: body} of two to five revisions, each of which runs after those before it."""
    steps, tables = {"r0": USERS}, {}
    for number in range(1, draw(st.integers(2, 5))):
        table = draw(st.sampled_from(TABLES))
        if table not in tables:
            body = f"op.create_table({table!r}, sa.Column('id', sa.Integer, primary_key=True))"
            tables[table] = []
        else:
            column = draw(st.sampled_from(COLUMNS))
            kind = draw(st.sampled_from(["column", "index", "rows", "drop", "nothing"]))
            body = "pass"
            if kind == "column" and column not in tables[table]:
                type_ = draw(st.sampled_from(["sa.Integer", "sa.String(20)", "sa.Boolean"]))
                body = f"op.add_column({table!r}, sa.Column({column!r}, {type_}))"
                tables[table].append(column)
            elif kind == "index" and column in tables[table]:
                body = f"op.create_index('ix_r{number}', {table!r}, [{column!r}])"
            elif kind == "rows":
                body = "op.execute('UPDATE users SET id = id')"
            elif kind == "drop":
                body = f"op.drop_table({table!r})"
                del tables[table]
        steps[f"r{number}"] = body
    return steps


DRIFT = (
    "ALTER TABLE users ADD COLUMN age INTEGER",
    "CREATE INDEX ix_email ON users (email)",
    "CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, z INTEGER)",
    "CREATE TABLE somebody_elses (id INTEGER)",
)


def facts(url: str, names: set[str]) -> dict[str, object]:
    """Another look at the schema than the snapshot's: columns and indexes of these tables, by SQLAlchemy's inspector."""
    with engine_for(url).connect() as connection:
        inspector = inspect(connection)
        return {
            name: (
                sorted((one["name"], str(one["type"]), one["nullable"]) for one in inspector.get_columns(name)),
                sorted((one["name"], *one["column_names"]) for one in inspector.get_indexes(name)),
            )
            for name in inspector.get_table_names()
            if name in names
        }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_revision_is_named_whose_schema_differs(dialect):
    """What is named has the schema of the database; what is written is its row; a second run writes nothing."""

    @settings(max_examples=EXAMPLES[dialect], deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(history=histories(), at=st.integers(0, 4), drift=st.lists(st.sampled_from(DRIFT), max_size=2, unique=True))
    def check(history: dict[str, str], at: int, drift: list[str]) -> None:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(new_database(dialect, folder))
            shop = History(folder / "shop", url, history)
            revisions = list(history)[: at + 1]
            shop.build(*revisions)
            made = set(inspect(engine_for(url)).get_table_names())
            for statement in drift:
                if statement.split()[2] not in made:
                    execute(url, statement)
            before = everything(url)

            with inside(shop) as database:
                looked = adopting.adopt(database, write=False)
                assert everything(url) == before
                found = adopting.adopt(database)
                after = everything(url)
                again = adopting.adopt(database)
                assert everything(url) == after

            if found.revision is None:
                assert (looked.state, found.state, found.actions, found.exit) == ("drifted", "drifted", (), 1)
                assert drift
                assert after == before
                return
            assert (looked.revision, found.actions) == (found.revision, ("stamped " + found.revision,))
            assert (again.actions, again.revision, again.exit) == ((), found.revision, 0)
            assert stamped(url) == [found.revision]
            assert without_stamp(after) == before
            other = stack.enter_context(new_database(dialect, folder))
            shop.build(*list(history)[: list(history).index(found.revision) + 1], url=other)
            managed = {"users"} | {name for name in TABLES if f"create_table({name!r}" in "".join(history.values())}
            assert facts(url, managed) == facts(other, managed)

    check()
