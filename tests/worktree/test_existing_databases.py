"""The existing databases at the end of a run, whichever way it ends: compared by a process that runs nothing of the project."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from adopt.server import fingerprint
from hooks.base.facts import Interpreter
from hooks.inside.base.messages import Fingerprints
from hooks.worktree.existing_databases import ExistingDatabases


def expecting(root: Path) -> ExistingDatabases:
    """Those of a project whose application was run."""
    existing = ExistingDatabases(root)
    existing.expect(Interpreter(path=sys.executable, found_by="tests", version=sys.version_info[:2]))
    return existing


def test_a_change_is_found(tmp_path: Path) -> None:
    """A row that was written since the fingerprint was taken is a change, an unchanged database is none; the first one holds."""
    path = tmp_path / "shop.db"
    url = f"sqlite:///{path}"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE users (id INTEGER)")
    existing = expecting(tmp_path)

    def note() -> None:
        taken = {"url": url, "connect_args": {}, "keys": [None], "fingerprint": {**fingerprint.take(url), "beside": {}}}
        existing.note(Fingerprints([taken], is_known=True))

    note()
    assert existing.compare() == ([], [])
    connection.execute("INSERT INTO users VALUES (1)")
    connection.commit()
    connection.close()
    note()

    changed, unclear = existing.compare()

    assert {database for database, _ in changed} == {url}
    assert unclear == []


def test_what_was_not_looked_at_is_not_known(tmp_path: Path) -> None:
    """Nothing was run, so all is known; the application was run and told nothing, so it is not; a process that fails is told."""
    assert ExistingDatabases(tmp_path).are_known
    existing = expecting(tmp_path)
    assert not existing.are_known

    existing.note(Fingerprints([{"url": "sqlite:///x.db", "connect_args": None, "keys": []}], is_known=True))
    changed, unclear = existing.compare()

    assert existing.are_known
    assert changed == ()
    assert unclear == [("the databases", "they could not be compared with what they were (script-died)")]
