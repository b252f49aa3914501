"""Run what is pending for one database on a scratch database with its schema and made-up rows: how long, with which locks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ..base.errors import StatementFailed
from ..base.urls import redact
from ..history import replay, upgrading
from ..rows import made_up
from ..schema import snapshot
from ..upgrade import committed_statements, failures
from ..upgrade.measuring import Measured
from ..verdict.verdict_text import counted, revisions
from . import preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..history.chain import Graph
    from ..history.loading import Database


WAITING = dict.fromkeys(("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock"), ", writes wait")
WAITING.update(("ALGORITHM=" + word, ", writes wait") for word in ("NOCOPY", "INPLACE", "COPY"))
WAITING["AccessExclusiveLock"] = ", reads and writes wait"


def rehearse(database: Database, graph: Graph, number: int) -> tuple[dict[str, Any], Any]:
    """(what JSON has for one Database, the AdoptError with which its revisions ended or None).

    The database is only asked where it is; the scratch database is dropped, however this ends.

    Raises:
        RevisionFailed: a revision that has run there does not run on an empty database.
        NotPermitted, ScratchRefused, DatabaseUnreachable
    """
    url, at = redact(database.url), preview.revisions_of(database)
    pending = graph.pending(graph.applied(at))
    facts = {"database": url, "bind": database.name, "at": at, "pending": pending, "rows": {}, "statements": []}
    if not pending:
        return facts, None
    config = replay.alembic_config()
    with replay.scratch_for(database) as empty:
        for target in at:
            with empty.engine().connect() as connection:
                replay.run(connection, target, bind_keys=database.keys)
        with empty.engine().connect() as connection, connection.begin():
            facts["rows"] = made_up.fill(connection, snapshot.of(database, connection), number)
        folders = replay.locations(ScriptDirectory.from_config(config))
        facts["statements"] = Measured(empty.engine(), folders, facts["rows"]).statements
        try:
            with replay.ENVIRONMENT, empty.engine().connect() as connection:
                config.attributes.update(connection=connection, bind_keys=database.keys)
                options = {"version_table": database.version_table, "version_table_schema": database.version_table_schema}
                context = MigrationContext.configure(connection, opts=options)
                with committed_statements.watched(connection, database.version_table) as statements:
                    with failures.explained(connection, context, statements):
                        command.upgrade(config, "head")
        except Exception as error:  # noqa: BLE001 -- whatever somebody's revision raises
            failure = error if isinstance(error, StatementFailed) else upgrading.failed(error, config)
            failure.url = "a scratch database like " + url
            facts["error"] = {"reference": failure.reference, "reason": failure.reason}
            return facts, failure
    return facts, None


def lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The same as (word, sentence) for people."""
    rows = facts["rows"]
    if not facts["pending"]:
        yield "current", facts["database"] + " is at head; there is nothing to rehearse"
        return
    made = "{} in {}".format(counted(sum(count for count, _ in rows.values()), "row"), counted(len(rows), "table"))
    yield "rehearsed", "{} on a scratch database like {}, {}".format(revisions(facts["pending"]), facts["database"], made)
    for name, (count, why) in rows.items():
        if why:
            yield "note", "{} has {} only: {}".format(name, counted(count, "made-up row"), why)
    for one in facts["statements"]:
        times = ", {} times".format(one["times"]) if one["times"] > 1 else ""
        yield "{:.3f} s".format(one["seconds"]), one["place"] + times + ": " + one["statement"]
        for name, lock in one["locks"].items():
            yield "lock", f"{name}: {lock}" + WAITING.get(lock, "")
        for name in one["rewritten"]:
            yield "rewritten", name
