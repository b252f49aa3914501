"""Before an upgrade, adopt a database that has the tables already and no revision: the first CREATE TABLE would fail on it.

An application leaves a new database like that where its `create_all()` at start-up stays, also when `flask db upgrade` loads it.
"""

import sys

from alembic import context


def adopt_unstamped(target, connection):
    """Verify and stamp a database that has tables of its models and no revision; else, and for other commands, do nothing.

    Raises:
        SystemExit: its schema is none that the revisions build; what differs was printed, nothing was written.
    """
    migration_context = context.get_context()
    if getattr(migration_context.opts.get("fn"), "__name__", "") != "upgrade":
        return
    with connection.begin():
        if migration_context.get_current_heads():
            return
    if has_tables_of_models(target, connection):
        adopt(target)


def has_tables_of_models(target, connection):
    from sqlalchemy import inspect

    from .urls import backend, sqlite_path

    if backend(target.engine.url) == "sqlite" and sqlite_path(target.engine.url) is None:
        return False  # in memory: it is this process's own
    with connection.begin():
        names = set(inspect(connection).get_table_names())
    return bool(names & {table.name for bind in target.binds for table in bind.tables() if not table.schema})


def adopt(target):
    from . import adopting, loading, words
    from .verdict import TRUE

    # Alembic keeps one environment at a time; replaying the revisions needs it for a while.
    environment = context._proxy
    try:
        found = adopting.adopt(loading.Database(target))
    finally:
        environment._install_proxy()
    said, complaint = words.lines(found)
    print("\n".join(line for line in said if not line.startswith(("pending ", "next "))))
    if found.exit != TRUE:
        print("\n".join(complaint), file=sys.stderr)
        sys.exit(found.exit)
