"""Where a baseline of very many tables commits."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from hooks.inside.baseline import commit_points


def tables(count: int) -> list[sa.Table]:
    metadata = sa.MetaData()
    return [sa.Table(f"t{number}", metadata, sa.Column("id", sa.Integer, primary_key=True)) for number in range(count)]


@pytest.mark.parametrize("dialect", [sqlite.dialect(), mysql.dialect()])
def test_other_servers_have_room(dialect: sa.Dialect) -> None:
    """SQLite and MySQL keep no lock for each new table, and MySQL commits each of them anyway."""
    assert commit_points.after(tables(2000), dialect) == set()


def test_what_fits_is_one_transaction() -> None:
    """600 small tables take fewer locks than there is room for."""
    assert commit_points.after(tables(600), postgresql.dialect()) == set()


def test_parts_of_equal_size() -> None:
    """Each part takes about as many locks, and nothing is committed after the last table."""
    many = tables(1000)

    found = commit_points.after(many, postgresql.dialect())

    assert [many.index(table) for table in many if table in found] == [312, 625, 938]


def test_last_table_is_no_place_to_commit() -> None:
    """The end of the revision does it."""
    many = tables(939)

    assert many[-1] not in commit_points.after(many, postgresql.dialect())
