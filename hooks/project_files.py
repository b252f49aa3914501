"""The small files beside the code: dependency declarations, Makefile, .flaskenv, .env.example, .gitignore; all in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hooks.edit.splice import Reason, Untouched
from hooks.facts import Interpreter, Project
from hooks.plan import Plan


@dataclass
class ProjectFiles:
    """New contents, former contents (None: the file is new), what was done in each, and what the user should know."""

    files: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, bytes | None] = field(default_factory=dict)
    done: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, path: str, before: bytes | None, after: bytes | Untouched, what: str) -> None:
        """Take an editor's result: new bytes, or the reason why the file stays as it is."""
        if isinstance(after, Untouched):
            if after.reason is Reason.CANNOT_BE_EDITED_SAFELY:
                self.notes.append(f"{path} was left alone: {after.reason.value}")
            return
        if after != before:
            self.files[path], self.before[path] = after, before
            self.done.append((path, what))


def project_files(
    root: Path, project: Project, plan: Plan, interpreter: Interpreter, installed: Mapping[str, str]
) -> ProjectFiles:
    """Compute every such edit; `installed` are the distributions that this run has added, with their versions."""
    raise RuntimeError("composed once the editors are there")
