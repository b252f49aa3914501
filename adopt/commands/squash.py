"""Write one revision in the place of all: it builds what they build, under the id of the newest, which stamped databases have.

The models say what it does, so the newest revision is the one whose models are checked out. What the models do not say, rows and
triggers that a revision has made, is not in it: it is compared with the revisions on two scratch databases, and refused then.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

from alembic import command

from ..base.errors import DatabaseMissing
from ..base.paths import ROOT
from ..base.urls import redact
from ..history import git_history, replay
from ..rows.counting import Rows, shown
from ..schema import differences, objects, snapshot, unbuilt
from ..verdict.verdict_text import counted
from . import checking, preview

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..history.chain import Graph
    from ..history.loading import Database
    from ..server.scratch import Scratch


class Built:
    """What the revisions in a folder, the project's for None, build on an empty database, with the rows that they write."""

    def __init__(self, empty: Scratch, database: Database, versions: str | None = None) -> None:
        with empty.engine().connect() as connection:
            replay.run(connection, "heads", bind_keys=database.keys, versions=versions)
        with empty.engine().connect() as connection:
            self.snapshot = snapshot.of(database, connection)
            self.objects, rows = objects.take(connection, database.schemas), Rows(connection)
            self.rows = {table: rows.all(table) for table in self.snapshot["tables"]}


def why_not(database: Database, graph: Graph, wanted: str, others: Iterable[tuple[str, Any]]) -> Any:
    """The Finding that keeps the revisions up to `wanted` from being one, or None; `others` are (name, URL) of a list.

    Raises:
        DatabaseUnreachable: nobody can say where one of them is.
    """
    head = graph.heads[0]
    if wanted != "head" and not head.startswith(wanted):
        what = f"{wanted} is not the newest revision, and the models say what {head} builds."
        return checking.Finding("not-the-newest", what, (), "Check out a commit in which it is, squash there, and merge that.")
    changed = unknown_to_git(folder_of(graph))
    if changed:
        what = "The files of the revisions go, and git has to have them:"
        return checking.Finding("revisions-not-committed", what, changed, "Nothing was changed. Commit them, and run it again.")
    places = [(redact(database.url), database), *((name, database.at(url)) for name, url in others)]
    behind = [f"{name} is at {where}" for name, one in places for where in [place_of(one, head)] if where != head]
    if behind:
        todo = "Nothing was changed. Upgrade them first, or take them out of the list."
        return checking.Finding("databases-behind", f"These could not get to {head} any more:", behind, todo)
    return None


def folder_of(graph: Graph) -> str:
    """The folder of the newest revision, from the project's root."""
    return os.path.dirname(graph.files[graph.heads[0]])


def place_of(database: Database, head: str) -> str:
    """Where a database is; one that is absent will be built, and is `head` by then."""
    try:
        return ", ".join(preview.revisions_of(database, is_required=True)) or "no revision"
    except DatabaseMissing:
        return head


def unknown_to_git(folder: str) -> list[str]:
    """What git does not have of the revisions in a folder, as lines."""
    try:
        asked = ("status", "--porcelain", "--ignored", "--untracked-files=all", "--", "*.py")
        return git_history.run(os.path.join(ROOT, folder), *asked).splitlines()
    except (OSError, subprocess.SubprocessError):
        return ["git knows nothing of " + folder]


def squashed(database: Database, graph: Graph) -> tuple[str, list[str]]:
    """(the text of the revision, what the revisions of the graph do that it does not, as lines).

    Raises:
        RevisionFailed: a revision does not run on an empty database.
        NotPermitted, ScratchRefused, DatabaseUnreachable
    """
    with replay.scratch_for(database) as empty:
        expected = Built(empty, database)
    with replay.scratch_for(database) as empty, tempfile.TemporaryDirectory() as folder:
        with replay.ENVIRONMENT, empty.engine().connect() as connection:
            config = replay.alembic_config(folder, connection=connection, bind_keys=database.keys)
            config.cmd_opts = argparse.Namespace(autogenerate=True, x=None)
            with contextlib.redirect_stdout(io.StringIO()):  # on which Alembic says where it writes
                message = "squash of {}".format(counted(len(graph.revisions), "revision"))
                written: Any = command.revision(config, message, autogenerate=True, rev_id=graph.heads[0])
        if not written:
            return "", ["the models have no table"]
        with open(written.path, encoding="utf-8") as file:  # with the line without which its downgrade would drop tables with rows
            text = re.sub(r"(?m)^(depends_on\b.*)$", r"\1\nconsents = None", file.read(), count=1)
        return text, list(differences_of(expected, Built(empty, database, folder)))


def differences_of(expected: Built, actual: Built) -> Iterator[str]:
    found = differences.compare(expected.snapshot, actual.snapshot)
    yield from differences.lines([one for one in found if one["what"] != "view"], expected="revisions", actual="models")
    for name in differences.unmanaged(expected.snapshot, actual.snapshot):
        yield name + "   is in no revision"
    for table, rows in expected.rows.items():
        if rows:
            yield f"{table}   {shown(rows)} that a revision writes"
    yield from unbuilt.lines(unbuilt.unbuilt(expected.objects, actual.objects, expected.rows))


def files(graph: Graph, text: str) -> dict[str, str | None]:
    """{path from the root: what it is to hold, None where it goes}; the first is that of the new revision."""
    kept, *gone = (graph.files[revision] for revision in reversed(graph.revisions))
    return {kept: text, **dict.fromkeys(gone)}
