"""Tables that PostgreSQL keeps in partitions, of which their models rarely say anything.

Before:  op.create_table('event', ...)
After:   op.create_table('event', ..., postgresql_partition_by='RANGE (made)')

Only where the keys of the model have the columns that it is divided by, or the server would refuse the table; where they have not,
the database differs from the models.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from sqlalchemy import Index, Table

    from adopt.base.types import TableFacts


PLAIN = re.compile(r"\w+ \(((?:\w+(?:, )?)+)\)")


def as_there(table: Table, snapshot: TableFacts | None) -> None:
    """Let the table of a model be partitioned as the existing database has it, whose `snapshot` of the table may be None."""
    there = (snapshot or {}).get("partition_by")
    if not there or table.dialect_kwargs.get("postgresql_partition_by") or not may_be(table, there):
        return
    try:
        table.dialect_kwargs["postgresql_partition_by"] = there
    except ArgumentError:  # SQLAlchemy before 1.2.6 cannot say it
        return


def may_be(table: Table, partition_by: str) -> bool:
    """Whether each of its keys has all columns that it is divided by."""
    plain = PLAIN.fullmatch(partition_by)
    if plain is None:
        return False
    columns = set(plain.group(1).split(", "))
    kinds = (PrimaryKeyConstraint, UniqueConstraint)
    keys: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [
        constraint for constraint in table.constraints if isinstance(constraint, kinds) and len(constraint.columns)
    ]
    keys += [index for index in table.indexes if index.unique]
    return all(columns <= {column.name for column in key.columns} for key in keys)
