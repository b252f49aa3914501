"""What a revision sends that loses values of rows, and that its source has not shown: with computed names, or from code elsewhere.

Each statement is looked at just before it is sent. In a table that SQLite builds anew the columns go that are not copied.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from ..rows import operations, risks
from ..rows.counting import Rows
from ..server.connecting import listening
from .committed_statements import CHANGES, first_word
from .sqlite_rows import COPY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sqlalchemy.engine import Connection

    from ..rows.operations import Code


READS = (*CHANGES, "DO", "SELECT", "WITH")
MOST = 1000  # statements that may have copied something


@contextlib.contextmanager
def refused(connection: Connection, read: Mapping[str, Any], is_upgrade: bool, staying: Callable[[], Any]) -> Iterator[None]:
    """Refuse inside the block what loses values that are there; `read` is what risks.require_none has read already.

    `staying()` are the statements that cannot be taken back.

    Raises:
        RiskyRevision: from a statement, before it is sent.
    """

    code: list[Code]
    labels: dict[str, str]
    copied: set[str]
    busy: list[str]
    code, labels, copied, busy = [], {}, set(), []

    def before(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        path, line = ("", 0) if busy or first_word(statement) not in READS else place(read)
        if not path:
            return
        copy = COPY.match(statement)
        if copy:
            table = operations.bare(copy.group(2))
            copied.add(table)
            cursor = connection.connection.cursor().execute(f"SELECT * FROM {copy.group(2)} LIMIT 0")
            gone = [one[0] for one in cursor.description if not re.search(rf"(?<!\w){re.escape(one[0])}(?!\w)", statement)]
            sent = [operations.Operation("drop_column", table, {"column_name": ast.Constant(one)}, line, code) for one in gone]
        else:
            sent = [one for one in operations.of_sql(statement, labels, line, code) if one.table not in copied]
            del code[MOST:]
        names, consents = read[path]
        if sent:
            busy.append(statement)  # which sends some itself
            found = risks.Chain(Rows(connection), inspect(connection)).follow(sent, consents)
            risks.refuse(connection, [(path, one) for one in found if one.name not in names], is_upgrade, staying())
            busy.clear()

    with listening(connection, before_cursor_execute=before):
        yield


def place(paths: Collection[str]) -> tuple[str, int]:
    """(the file of the revision that is running, the line); ("", 0) for what is none of these."""
    frame: Any = sys._getframe()
    while frame is not None:
        path = os.path.realpath(frame.f_globals["__file__"]) if "down_revision" in frame.f_globals else ""
        if path in paths:
            return path, frame.f_lineno
        frame = frame.f_back
    return "", 0
