"""In a terminal: the whole diff, and one question, before anything is installed, loaded or written."""

from __future__ import annotations

from collections.abc import Mapping

import questionary

from hooks.base.errors import Declined
from hooks.base.facts import Interpreter
from hooks.base.report import Report
from hooks.edit.core.diff import unified_diff
from hooks.edit.files.project_files import ProjectFiles
from hooks.edit.python.changes import PythonChanges

BASELINE = "The baseline is generated and checked next; until all checks have passed, the existing database is only read."


def confirm(
    report: Report,
    python: PythonChanges,
    others: ProjectFiles,
    interpreter: Interpreter,
    what_follows: str = BASELINE,
    replaced: tuple[Mapping[str, bytes], Mapping[str, bytes]] = ({}, {}),
) -> None:
    """Show what would change and ask once; `replaced` are (contents before, contents after) of other files.

    Raises:
        Declined: the answer was no, or the question was left with Ctrl-C.
    """
    report.line()
    report.diff(unified_diff({**replaced[0], **python.before, **others.before}, {**replaced[1], **python.files, **others.files}))
    missing = [name for name in ("flask-migrate", "python-dotenv") if name not in interpreter.installed]
    if missing:
        report.line(f"\n{' and '.join(missing)} will be installed in {interpreter.found_by}; versions in place stay.")
    report.line(what_follows + "\n")
    if not questionary.confirm("Go on?", default=True).ask():
        raise Declined()
