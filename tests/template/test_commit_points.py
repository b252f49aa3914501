"""Where a revision of very many tables commits."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.dialects import mysql, postgresql, sqlite

from adopt.autogenerate import commit_points
from tests.servers import engine_for
from tests.template.project import Project

MANY = """

for number in range(800):
    columns = [db.Column("name%d" % n, db.Text, unique=True) for n in range(3)]
    db.Table("t%d" % number, db.metadata, db.Column("id", db.Integer, primary_key=True), *columns)
"""


def tables(count: int) -> list[sa.Table]:
    metadata = sa.MetaData()
    return [sa.Table(f"t{number}", metadata, sa.Column("id", sa.Integer, primary_key=True)) for number in range(count)]


def divided(many: list[sa.Table], dialect: sa.Dialect) -> list[int]:
    """Before which tables to commit."""
    found = list(commit_points.divided(many, commit_points.of_table, dialect))
    assert [table for table in found if table is not None] == many
    return [many.index(after) for before, after in itertools.pairwise(found) if before is None]


@pytest.mark.parametrize("dialect", [sqlite.dialect(), mysql.dialect()])
def test_other_servers_have_room(dialect: sa.Dialect) -> None:
    """SQLite and MySQL keep no lock for each new table, and MySQL commits each of them anyway."""
    assert divided(tables(2000), dialect) == []


def test_what_fits_is_one_transaction() -> None:
    """600 small tables take fewer locks than there is room for."""
    assert divided(tables(600), postgresql.dialect()) == []


@pytest.mark.parametrize(("count", "places"), [(1000, [312, 624, 936]), (936, [312, 624])])
def test_parts_of_equal_size(count: int, places: list[int]) -> None:
    """Each part takes about as many locks, and nothing is committed after the last table: the end of the revision does it."""
    assert divided(tables(count), postgresql.dialect()) == places


def test_operations() -> None:
    """A table that is dropped counts as one that is made, and what is done with a table counts each time."""
    (table,) = tables(1)
    change = ops.ModifyTableOps("t0", [ops.DropColumnOp("t0", "a"), ops.DropColumnOp("t0", "b")])

    counts = [
        commit_points.of_operation(one)
        for one in (ops.CreateTableOp.from_table(table), ops.DropTableOp.from_table(table), change, ops.ExecuteSQLOp("SELECT 1"))
    ]

    assert counts == [8, 8, 4, 2]


def test_many_tables_in_one_revision(postgresql_url: str, tmp_path: Path) -> None:
    """More than PostgreSQL has locks for: `flask db migrate` writes the commits, both ways, and the revision runs."""
    project = Project(tmp_path / "project", postgresql_url)
    project.add(MANY)

    project.flask("db", "migrate", "-m", "many")
    (path,) = project.revisions()
    up, down = path.read_text().split("def downgrade", 1)

    assert (up.count("autocommit_block()"), down.count("autocommit_block()")) == (3, 3)
    project.flask("db", "upgrade")
    assert tables_of(postgresql_url) == 802  # one of the project, and alembic_version
    project.flask("db", "downgrade")
    assert tables_of(postgresql_url) == 1


def tables_of(url: str) -> int:
    with engine_for(url).connect() as connection:
        return len(sa.inspect(connection).get_table_names())
