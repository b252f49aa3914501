"""A transaction to read in."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection


@contextlib.contextmanager
def looking(connection: Connection) -> Iterator[None]:
    """A transaction to read in, unless the caller has begun one: Alembic would take one that is left open for the caller's."""
    if connection.in_transaction():
        yield
        return
    with connection.begin():
        yield
