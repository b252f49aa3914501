"""Before an upgrade, adopt a database that has the tables already and no revision: the first CREATE TABLE would fail on it.

An application leaves a new database like that where its `create_all()` at start-up stays, also when `flask db upgrade` loads it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from alembic import context

from ..base import redaction

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..project.targets import Target


def has_tables_of_models(target: Target, connection: Connection) -> bool | None:
    """Whether the database holds a table of its models, in whichever schema; None where there are no models."""
    from sqlalchemy import inspect

    from ..base.urls import backend, sqlite_path

    if backend(target.engine.url) == "sqlite" and sqlite_path(target.engine.url) is None:
        return False  # in memory: it is this process's own
    wanted = {(table.schema, table.name) for bind in target.binds for table in bind.tables()}
    with connection.begin():
        inspector = inspect(connection)
        for schema in {schema for schema, _ in wanted}:
            if wanted & {(schema, name) for name in inspector.get_table_names(schema=schema)}:
                return True
    return False if wanted else None


def adopt(target: Target) -> bool:
    """Verify and stamp a database that has tables of its models and no revision; False where none of them is of a revision.

    Raises:
        SystemExit: its schema is none that the revisions build; what differs was printed, nothing was written.
    """
    from ..history import loading
    from . import adopting, verdict_text
    from .verdict import EMPTY, NOTHING_TO_COMPARE, TRUE

    # Alembic keeps one environment at a time; replaying the revisions needs it for a while.
    environment = context._proxy  # type: ignore[attr-defined]  # no stub knows it
    try:
        found = adopting.adopt(loading.Database(target))
    finally:
        environment._install_proxy()
    if found.state == EMPTY or found.reason == NOTHING_TO_COMPARE:
        return False  # nothing that a revision would make is there
    said, complaint = verdict_text.lines(found)
    with redaction.printing():
        print("\n".join(line for line in said if not line.startswith(("pending ", "next "))))
        if found.exit != TRUE:
            print("\n".join(complaint), file=sys.stderr)
            sys.exit(found.exit)
    return True
