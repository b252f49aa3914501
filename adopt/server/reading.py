"""A transaction to read in."""

import contextlib


@contextlib.contextmanager
def looking(connection):
    """A transaction to read in, unless the caller has begun one: Alembic would take one that is left open for the caller's."""
    if connection.in_transaction():
        yield
        return
    with connection.begin():
        yield
