"""The retrofit from end to end: detect, plan, confirm, install, prove, write, stamp, report.

Nothing is written before everything is proven, but what Copier has rendered by then; whatever stops the run takes that away again.
"""

from __future__ import annotations

import secrets
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hooks import preconditions
from hooks.changes import PythonChanges, Variant, python_changes
from hooks.detect import detect
from hooks.early import EarlyPython
from hooks.edit.splice import Reason
from hooks.environ import child_environ
from hooks.errors import AlreadyMigrated, CannotParse, DatabaseDiffers, RetrofitStopped, Unexpected
from hooks.facts import Project
from hooks.install import installed_for
from hooks.journal import Journal, journal_folder
from hooks.outcome import outcome, proof_notes
from hooks.plan import make_plan
from hooks.project_files import project_files
from hooks.proof import Prover
from hooks.report import Report, count, summary
from hooks.settings import Settings
from hooks.source import Unparsable


def run(root: Path, settings: Settings, *, template: Path) -> int:
    """Retrofit the project at `root`; returns the exit status.

    A project that has a baseline already is left alone without a word. `template` is the folder that Copier rendered from.
    """
    report = Report(quiet=settings.quiet)
    try:
        with undoing(root, settings, template) as journal:
            if journal is not None:
                preconditions.require_clean_tree(root, settings.answers, journal.created)
                with EarlyPython(root, settings.answers.python) as early:
                    retrofit(root, settings, journal, report, early)
    except RetrofitStopped as stop:
        report.stopped(stop)
        return 1
    except Unparsable as unparsable:
        report.stopped(CannotParse(unparsable.where, unparsable.reason))
        return 1
    except KeyboardInterrupt:
        report.line("\nInterrupted. Nothing was changed.")
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: users get the one message shape, never a bare traceback
        report.stopped(unexpected(error))
        return 1
    return 0


def unexpected(error: Exception) -> Unexpected:
    """The message for a mistake of our own: the exception, and the last place in the template's code."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = [one for one in frames if "hooks" in Path(one.filename).parts][-1]
    return Unexpected(f"{type(error).__name__}: {error}", f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}")


def retrofit(root: Path, settings: Settings, journal: Journal, report: Report, early: EarlyPython) -> None:
    """One call for each stage; raises RetrofitStopped for every reason to end early."""
    answers = settings.answers
    with report.step("detect") as step:
        project = detect(root)
        require_no_migrations(project)
        own = [path for path in project.files if path not in journal.created]
        step.detail = f"{count(len(project.models), 'model')} in {count(len(own), 'file')}"
    with report.step("plan") as step:
        plan = make_plan(project, answers)
        wanted = Variant(keep_create_all=plan.tests_need_create_all)
        first = python_changes(root, project, plan, wanted)
        plan = replace(plan, caller_decides=any(one.reason is Reason.CALLER_DECIDES for one in first.untouched))
        preconditions.require_tracked(root, answers, list(first.files))
        step.detail = f"{plan.app.spec}, {plan.database.spec}"
    with report.step("python") as step:
        interpreter = early.interpreter()
        step.detail = f"{'.'.join(map(str, interpreter.version))} in {interpreter.found_by}"

    if not settings.defaults and sys.stdin.isatty() and report.is_terminal:
        from hooks.confirm import confirm  # questionary takes longer to import than all of this

        confirm(report, first, project_files(root, project, plan, interpreter, {}), interpreter)

    with installed_for(interpreter, report) as installed:
        variants = {wanted: first}

        def changes(variant: Variant) -> PythonChanges:
            if variant not in variants:
                variants[variant] = python_changes(root, project, plan, variant)
            return variants[variant]

        prover = Prover(root, project, plan, answers, interpreter, journal.revision, report, child_environ(), early.take)
        with prover.proven(lambda variant: changes(variant).files) as proven:
            python = changes(proven.variant)
            facts = proven.facts
            driver = str(facts.get("database", "")).partition(":")[0]
            others = project_files(root, project, plan, interpreter, installed, driver)
            differs = list(facts.get("differences") or ())
            with report.step("write") as step:
                written = {**python.files, **others.files, **baseline_files(facts)}
                journal.write({**written, **proof_notes(root, plan, python, others, proven)})
                step.detail = count(len(written), "file")
            journal.is_final = True
            is_true = facts.get("existing") == "present" and not facts.get("offline") and not differs
            stamped = proven.stamp(answers.stamp and is_true)
    done = outcome(plan, python, others, installed, proven, stamped, answers)
    report.line()
    report.rows(summary(done))
    if differs:
        raise DatabaseDiffers(done.database, differs)


def require_no_migrations(project: Project) -> None:
    """Leave a project alone that has an Alembic directory of its own.

    Raises:
        AlreadyMigrated: names the directory and its revisions.
    """
    for directory in project.existing.alembic:
        if directory == "migrations":  # the one that Copier has just rendered: a foreign one was refused before
            continue
        revisions = [path for path in project.existing.revisions if path.startswith(directory + "/")]
        raise AlreadyMigrated(directory, revisions, project.existing.migrate)


def baseline_files(facts: object) -> dict[str, bytes]:
    """The files that the project's Python has generated: the baseline, and what env.py must know about this project."""
    assert isinstance(facts, dict)
    files = {f"migrations/versions/{facts['baseline']['filename']}": facts["baseline"]["text"].encode("utf-8")}
    if facts.get("project_ini"):
        files["migrations/project.ini"] = facts["project_ini"].encode("utf-8")
    return files


@contextmanager
def undoing(root: Path, settings: Settings, template: Path) -> Iterator[Journal | None]:
    """All or nothing: whatever ends the run early takes every file back to what it was, rendered ones included.

    Yields None where there is nothing to do: a baseline exists. A killed run's journal is played back first.
    """
    rendered = preconditions.rendered_now(root, template, settings)
    folder = journal_folder(root)
    killed = Journal.left_behind(root, folder)
    ours = list(preconditions.template_files(template, settings))
    if killed is not None:
        rendered = sorted({*rendered, *(path for path in killed.created if path in ours)})
        killed.roll_back(keep=ours)
    journal = Journal.begin(root, folder, killed.revision if killed else secrets.token_hex(6), rendered)
    try:
        if killed is None:
            preconditions.require_free_names(root, template, settings)
        if preconditions.has_baseline(root):
            journal.close()
            yield None
            return
        yield journal
        journal.close()
    except BaseException:
        if journal.is_final:
            journal.close()
        else:
            journal.roll_back()
        raise
