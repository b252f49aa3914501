"""How long each statement of a revision takes, and what it does to others meanwhile: tried on a scratch database.

PostgreSQL       the locks that it takes on tables that were there, held until the transaction ends; tables that it has rewritten
MariaDB, MySQL   the first ALGORITHM and LOCK that the server does it with; MariaDB's NOCOPY tells those that rewrite the table
SQLite           nothing: one writes, and locks the file
"""

from __future__ import annotations

import functools
import re
import time
import traceback
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from ..base.errors import error_code
from ..history import replay
from .committed_statements import CHANGES, first_word, shortened

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.engine import Engine


TABLES = (
    "SELECT c.oid::regclass::text, c.relfilenode, ARRAY_TO_STRING(ARRAY(SELECT mode FROM pg_locks l WHERE l.relation = c.oid"
    " AND l.pid = pg_backend_pid() AND l.granted), ' ') FROM pg_class c WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384"
)
MODES = (  # the strongest last
    *("AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock"),
    *("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"),
)
ALGORITHMS = ("INSTANT", "NOCOPY, LOCK=NONE", "NOCOPY", "INPLACE, LOCK=NONE", "INPLACE")
ONLINE = re.compile(
    r"(?i)\s*(?!.*\b(?:ALGORITHM|LOCK)\b)(?:(ALTER\s+TABLE)|CREATE.*?\sINDEX.*?\sON|DROP\s+INDEX.*?\sON)\s+`?(\w+)", re.S
)
NO_SUCH_WAY, UNKNOWN = ("1845", "1846"), "1064"


class Measured:
    """Listens to an engine: `statements` are dicts of what is told about each that a revision in `folders` has sent.

    `known` are the tables that were there before.
    """

    def __init__(self, engine: Engine, folders: Collection[str], known: Collection[str]) -> None:
        self.statements: list[dict[str, Any]]
        self.statements, self._folders, self._known = [], folders, known
        for method in ("do_execute", "do_executemany"):
            event.listen(engine, method, functools.partial(self._run, method))

    def _run(self, method: str, cursor: Any, statement: str, parameters: object, context: Any) -> Any:
        place = replay.deepest(traceback.extract_stack(), self._folders)
        if not place or first_word(statement) not in CHANGES:
            return None
        before, locks, rewritten = tables(context), {}, []
        begun, is_done = time.perf_counter(), False
        online = ONLINE.match(statement) if context.dialect.name in ("mysql", "mariadb") else None
        if online and online.group(2) in self._known:
            algorithm, is_done, is_rewritten = tried(cursor, statement, parameters, ", " if online.group(1) else " ")
            if algorithm:
                locks[online.group(2)] = "ALGORITHM=" + algorithm
            rewritten = [online.group(2)] * is_rewritten
        if not is_done:
            getattr(context.dialect, method)(cursor, statement, parameters, context)
        seconds = time.perf_counter() - begun
        for name, (file, strongest) in tables(context).items():
            file_before, strongest_before = before.get(name, (file, strongest))
            if name in self._known and strongest > strongest_before:
                locks[name] = MODES[strongest]
            rewritten += [name] * (file != file_before)
        self._note({"place": place, "statement": shortened(statement)}, seconds, {"locks": locks, "rewritten": rewritten})
        return True

    def _note(self, sent: dict[str, Any], seconds: float, facts: dict[str, Any]) -> None:
        last = self.statements[-1] if self.statements else {}
        if {**last, **sent} == last:  # as an UPDATE for each row
            last["times"] += 1
            last["seconds"] += seconds
        else:
            self.statements.append(dict(sent, times=1, seconds=seconds, **facts))


def tables(context: Any) -> dict[str, tuple[Any, int]]:
    """{table: (its file, the strongest of MODES in which this transaction has locked it)} on PostgreSQL."""
    if context.dialect.name != "postgresql":
        return {}
    cursor = context.root_connection.connection.cursor()
    cursor.execute(TABLES)
    return {
        name.replace('"', ""): (file, max(map(MODES.index, modes.split()), default=-1)) for name, file, modes in cursor.fetchall()
    }


def tried(cursor: Any, statement: str, parameters: object, joint: str) -> tuple[str, bool, bool]:
    """(the algorithm that does it, "" where nobody knows; whether it has run; whether the table is rewritten)."""
    refused = {}
    for algorithm in ALGORITHMS:
        try:
            cursor.execute(statement + joint + "ALGORITHM=" + algorithm.replace(",", joint.rstrip()), parameters)
        except Exception as error:  # noqa: BLE001 -- whatever the driver has for it; what is no matter of these words comes again
            refused[algorithm] = error_code(error)
            if refused[algorithm] not in (*NO_SUCH_WAY, UNKNOWN):
                return "", False, False
        else:
            return algorithm, True, algorithm.startswith("INPLACE") and refused["NOCOPY"] in NO_SUCH_WAY
    is_copied = refused["INPLACE"] in NO_SUCH_WAY
    return "COPY" * is_copied, False, is_copied
