"""In a terminal: what the source leaves open, then the whole diff before anything is loaded, then drift before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import questionary

from hooks.base.errors import Declined, TwoApplications, TwoDatabases
from hooks.base.facts import Answers, App, Database, Interpreter
from hooks.base.report import Report
from hooks.base.verified import VerifiedDatabase
from hooks.edit.core.diff import unified_diff
from hooks.edit.files.project_files import ProjectFiles
from hooks.edit.python.changes import PythonChanges

BASELINE = "The baseline is generated and checked next; until all checks have passed, the existing database is only read."

OTHERWISE = "To decide otherwise, say no and run it again with an answer, such as -d create_all=keep (docs/questions.md)."

DIFFERS = """\
The baseline is what the database is, and gets the stamp. A second migration carries it to the models; `flask db upgrade` runs it
when you have read it. If the database is right and not the models, say no, change the models, and run again.
"""


def choose(stop: TwoApplications | TwoDatabases, answers: Answers) -> Answers:
    """Ask which of the candidates is meant.

    Raises:
        Declined: the question was left with Ctrl-C.
    """
    what, name = ("application", "app") if isinstance(stop, TwoApplications) else ("SQLAlchemy object", "db")
    candidates: Sequence[App | Database] = stop.candidates
    width = max(len(one.spec) for one in candidates)
    choices = [questionary.Choice(f"{one.spec:<{width}}   {one.where.path}:{one.where.line}", one.spec) for one in candidates]
    chosen = questionary.select(f"Which {what} gets the migrations?", choices).ask()
    if chosen is None:
        raise Declined()
    return replace(answers, **{name: chosen})


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
    report.line(what_follows)
    report.line(OTHERWISE + "\n")
    require_yes("Go on?")


def confirm_drift(report: Report, databases: Sequence[VerifiedDatabase]) -> None:
    """Show where the existing database differs from the models, which only the proof tells, and ask whether to write the way there.

    Raises:
        Declined: the answer was no, or the question was left with Ctrl-C.
    """
    drift = [line for one in databases if one.is_reconciled for line in one.drift]
    if not drift:
        return
    report.line()
    for line in drift:
        report.line(f"drift      {line}")
    report.line("\n" + DIFFERS)
    require_yes("Write the second migration?")


def require_yes(question: str) -> None:
    """Ask it; a key and Enter are the answer, so that the Enter after it does not answer the next one.

    Raises:
        Declined: the answer was no, or the question was left with Ctrl-C.
    """
    if not questionary.confirm(question, default=True, auto_enter=False).ask():
        raise Declined()
