"""Which statements of the revision that is running will stay when it fails: those of an `autocommit_block()`, and MySQL's.

MySQL and MariaDB commit before and after every statement that changes the schema, also before one that is refused.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from ..server.connecting import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection


LONGEST = 300  # characters of a statement
MOST = 1000  # statements; the same one many times in a row, as an UPDATE for each row, is one
CHANGES = ("ALTER", "COMMENT", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "RENAME", "REPLACE", "TRUNCATE", "UPDATE")
COMMITS_ITSELF = ("ALTER", "CREATE", "DROP", "GRANT", "RENAME", "TRUNCATE")


class Statements:
    """`committed` are those of the revision that is running; `refused` are all that no answer has come to."""

    def __init__(self, connection: Connection, version_table: str) -> None:
        self._is_committed_each = connection.dialect.name in ("mysql", "mariadb")
        self._of_alembic = re.compile(rf"\b{re.escape(version_table)}\b")
        self.committed: list[str]
        self.refused: list[str]
        self._open: list[str] = []
        self.committed, self.refused = [], []

    def before_cursor_execute(self, connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        self.refused.append(statement)
        if self._is_committed_each and first_word(statement) in COMMITS_ITSELF:
            self.commit(connection)

    def after_cursor_execute(self, connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if statement in self.refused:  # unless the application changes what is sent
            self.refused.remove(statement)
        if first_word(statement) not in CHANGES:
            return
        if self._of_alembic.search(statement):  # the revision is done
            self._open, self.committed = [], []
            return
        words = shortened(statement)
        if self._open[-1:] != [words] and len(self._open) < MOST:
            self._open.append(words)
        is_on_its_own = connection._execution_options.get("isolation_level") == "AUTOCOMMIT"
        if is_on_its_own or self._is_committed_each and first_word(statement) in COMMITS_ITSELF:
            self.commit(connection)

    def is_one(self, error: Any) -> bool:
        """Whether a DBAPIError is of a statement of this connection; one of a COMMIT names none, and may be."""
        return not error.statement or error.statement in self.refused

    def commit(self, connection: Connection) -> None:
        self.committed += self._open
        self._open = []

    def rollback(self, connection: Connection) -> None:
        self._open = []


@contextlib.contextmanager
def watched(connection: Connection, version_table: str) -> Iterator[Statements]:
    """The Statements of `connection` inside the block."""
    statements = Statements(connection, version_table)
    names = ("before_cursor_execute", "after_cursor_execute", "commit", "rollback")
    with listening(connection, **{name: getattr(statements, name) for name in names}):
        yield statements


def first_word(statement: str) -> str:
    return statement.split(None, 1)[0].upper() if statement.strip() else ""


def shortened(statement: str) -> str:
    words = " ".join(statement.split())
    return words if len(words) <= LONGEST else words[:LONGEST] + " ..."
