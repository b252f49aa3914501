"""Before an upgrade, adopt a database that has the tables already and no revision: the first CREATE TABLE would fail on it.

An application leaves a new database like that where its `create_all()` at start-up stays, also when `flask db upgrade` loads it.
"""

import sys

from alembic import context
from flask import current_app
from sqlalchemy import inspect

from . import loading, stamp
from .urls import backend, sqlite_path


def adopt_unstamped():
    """Verify and stamp the application's database where it has tables of the models and no revision; else do nothing.

    Raises:
        SystemExit: its schema is none that the revisions build; what differs was printed, nothing was written.
    """
    db = current_app.extensions["migrate"].db
    if backend(db.engine.url) == "sqlite" and sqlite_path(db.engine.url) is None:
        return  # in memory: it is this process's own
    database = loading.Database()
    with db.engine.connect() as connection:
        if stamp.revisions_in(connection, database.version_table, database.version_table_schema):
            return
        names = set(inspect(connection).get_table_names())
    if names & {table.name for table in db.metadata.tables.values() if not table.schema}:
        from .__main__ import TRUE, adopt

        # Alembic keeps one environment at a time; replaying the revisions needs it for a while.
        environment = context._proxy
        try:
            status = adopt(database)
        finally:
            environment._install_proxy()
        if status != TRUE:
            sys.exit(status)
