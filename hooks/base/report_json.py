"""The report as JSON (`-d report=FILE`), for those who run this over many repositories; docs/platform-teams.md describes it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hooks.base.file_writing import write_file
from hooks.base.redaction import redaction
from hooks.base.verified import VerifiedDatabase
from hooks.base.worktree_errors import ReportRefused

VERSION = 1  # of the schema: it changes when a field goes or means something else, not when one is added
STANDARD_OUTPUT = "-"


@dataclass
class Told:
    """What a run has told, as it goes on; a run that is interrupted leaves no report.

    `result` is "done", "planned", "declined", "set-up" or "refused". `files` are {path: "edited" or "added"}, `stamped` {name of
    the database: revision}: what was done, or in a plan what would be.
    """

    result: str = "refused"
    steps: list[dict[str, Any]] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    files: dict[str, str] = field(default_factory=dict)
    databases: Sequence[VerifiedDatabase] = ()
    stamped: Mapping[str, str] = field(default_factory=dict)
    installed: Mapping[str, str] = field(default_factory=dict)

    def remember(
        self,
        before: Mapping[str, bytes | None],
        written: Iterable[str],
        databases: Sequence[VerifiedDatabase],
        stamped: Mapping[str, str],
        installed: Mapping[str, str],
    ) -> None:
        """Keep which files and databases the run was about; `before` has None, or nothing, for a file that is new."""
        self.files = {path: "added" if before.get(path) is None else "edited" for path in written}
        self.databases, self.stamped, self.installed = databases, stamped, installed

    def document(self, commit: str, status: int) -> dict[str, Any]:
        """The whole report; `commit` is that of the template, `status` how the run ends."""
        return {
            "version": VERSION,
            "template": commit,
            "result": self.result,
            "exit_status": status,
            "error": self.error,
            "rows": [{"code": word, "text": sentence} for word, sentence in self.rows],
            "files": {what: sorted(path for path, done in self.files.items() if done == what) for what in ("edited", "added")},
            "databases": [self._database(one) for one in self.databases],
            "installed": dict(self.installed),
            "steps": self.steps,
        }

    def _database(self, database: VerifiedDatabase) -> dict[str, Any]:
        return {
            "name": database.name,
            "url": database.database,
            "dialect": database.dialect,
            "tables": database.tables,
            "existing": database.existing,
            "verified": database.is_true,
            "reconciled": database.is_reconciled,
            "revision": self.stamped.get(database.name),
            "stamped": self.result != "planned" and database.name in self.stamped,
            "drift": list(database.drift),
            "decide": list(database.held),
            "unclear": None if database.unclear is None else list(database.unclear),
        }


def require_place(root: Path, target: str) -> None:
    """Make sure, before anything else, that a report can be written.

    Raises:
        ReportRefused: there is no such folder, or it may not be written to.
    """
    if not target or target == STANDARD_OUTPUT:
        return
    path = root / target
    if path.is_dir():
        raise ReportRefused(target, "it is a folder")
    if not path.parent.is_dir():
        raise ReportRefused(target, f"there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ReportRefused(target, "it may not be written")


def write(root: Path, target: str, told: Told, commit: str, status: int) -> None:
    """Write the report to where it is asked for; "" is nowhere, relative paths are below `root`."""
    if not target:
        return
    text = json.dumps(masked(told.document(commit, status)), indent=2, ensure_ascii=False) + "\n"
    if target == STANDARD_OUTPUT:
        print(text, end="", file=sys.stdout, flush=True)
    else:
        write_file(root / target, text.encode("utf-8"))


def masked(value: Any) -> Any:
    """`value` with every text in it masked, before JSON escapes what a secret may contain."""
    if isinstance(value, str):
        return redaction.masked(value)
    if isinstance(value, dict):
        return {key: masked(one) for key, one in value.items()}
    return [masked(one) for one in value] if isinstance(value, list) else value
