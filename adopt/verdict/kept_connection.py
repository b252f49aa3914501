"""The connection that a look was made over, kept for the stamp that follows at once.

PostgreSQL reads its catalogue anew in every session, which takes longer than the questions do; the other servers have nothing to
gain. Nothing is begun on it while it is kept.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..server import readonly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from ..history.loading import Database


class Kept:
    """At most one connection to one Database, read-only until `writable` gives it away."""

    def __init__(self, database: Database) -> None:
        self._connection: Connection | None
        self._database, self._connection = database, None
        self._stack = contextlib.ExitStack()

    @contextlib.contextmanager
    def connect(self) -> Iterator[Connection]:
        """`readonly.connect`; what a block leaves without an error is kept, in place of the one before."""
        self.close()
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(readonly.connect(self._database.url, self._database.connect_args))
            yield connection
            if connection.dialect.name == "postgresql":
                readonly.end(connection)
                self._connection, self._stack = connection, stack.pop_all()

    def writable(self) -> Connection | None:
        """The connection, which may write from now on; None where there is none, or none that may."""
        connection, self._connection = self._connection, None
        return connection if connection is not None and readonly.release(connection) else None

    def close(self) -> None:
        """Close what is kept, and what was given away."""
        self._connection = None
        self._stack.close()
