"""The retrofit from end to end: detect, plan, confirm, install, prove, write, stamp, report.

Nothing is written before everything is proven, but what Copier has rendered by then; whatever stops the run takes that away again.
"""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hooks.base.environ import child_environ
from hooks.base.errors import AlreadyMigrated, DatabaseDiffers, Planned, TwoApplications, TwoDatabases
from hooks.base.facts import Answers, Interpreter, Project
from hooks.base.formats.requirement import normalised
from hooks.base.plural import count
from hooks.base.reading import read
from hooks.base.report import Report
from hooks.base.run_settings import Settings
from hooks.base.takeover_errors import MigrationsElsewhere
from hooks.base.verified import may_be_stamped
from hooks.ci.adding import add_ci, wanted
from hooks.ci.detecting import find_ci
from hooks.ci.job import bare_environ, hidden
from hooks.detect.dependencies import specifiers
from hooks.detect.line_length import find_line_length
from hooks.detect.project import detect
from hooks.edit.files.kept_in_git import keep_in_git
from hooks.edit.files.project_files import ProjectFiles, project_files
from hooks.edit.files.schema_page import schema_page
from hooks.edit.python.formatters import Formatters, find_formatters
from hooks.edit.python.revision_style import in_style
from hooks.environment.install import DOTENV, LAST_DOTENV, installed_for
from hooks.environment.prestart import EarlyPython
from hooks.inside.base.messages import Verified
from hooks.planning.oldest_python import find_oldest_python
from hooks.planning.plan import Plan, make_plans, variable_read_today
from hooks.planning.variables_set import require_one_database
from hooks.prove.processes import Bare
from hooks.prove.proof import Proven, Prover
from hooks.prove.trial import Candidate, first_proven
from hooks.wording.agent_notes import agent_notes
from hooks.wording.closing_rows import left_behind, summary
from hooks.wording.deploy_notes import deploy_notes
from hooks.wording.linter_notes import linter_notes
from hooks.wording.outcome import came_about, outcome
from hooks.wording.planned import differing_rows, show
from hooks.wording.untrue_pages import notes_on_pages
from hooks.worktree import preconditions
from hooks.worktree.by_hand import is_flask_migrates
from hooks.worktree.journal import Journal
from hooks.worktree.undoing import Worktree


@dataclass(frozen=True)
class Prepared:
    """What is known before anything of the project is run: `likeliest` is the first of `plans`, with its edits.

    `answers` are those of the run; where migrations are taken over, with the variable that the configuration reads already.
    """

    answers: Answers
    project: Project
    plans: tuple[Plan, ...]
    likeliest: Candidate
    interpreter: Interpreter
    formatters: Formatters


def prepare(
    tree: Worktree, settings: Settings, journal: Journal, report: Report, early: EarlyPython, *, takes_over: bool = False
) -> Prepared:
    """Detect, plan, and find the project's Python."""
    root, answers = tree.root, settings.answers
    with report.step("detect") as step:
        project = detect(root)
        require_no_migrations(project)
        own = [path for path in project.files if path not in journal.created]
        step.detail = f"{count(len(project.models), 'model')} in {count(len(own), 'file')}"
    with report.step("plan") as step:
        answers, plans = decided(project, answers, is_asked=may_ask(settings, report))
        if takes_over and answers.database_url_variable == Answers.database_url_variable and variable_read_today(plans[0]):
            answers = replace(answers, database_url_variable=variable_read_today(plans[0]))
            plans = make_plans(project, answers)
        require_one_database(root, project, plans[0], os.environ)
        likeliest = Candidate(root, project, plans[0])
        preconditions.require_tracked(tree, answers, list(likeliest.first.files))
        step.detail = f"{plans[0].app.spec}, {plans[0].database.spec}"
    with report.step("python") as step:
        interpreter = early.interpreter()
        step.detail = f"{'.'.join(map(str, interpreter.version))} in {interpreter.found_by}"
    return Prepared(answers, project, plans, likeliest, interpreter, find_formatters(root, project.files, interpreter))


def decided(project: Project, answers: Answers, *, is_asked: bool) -> tuple[Answers, tuple[Plan, ...]]:
    """The plans, and the answers with what a person has chosen where the source leaves it open.

    Raises:
        TwoApplications, TwoDatabases: nobody is there to be asked.
        Declined: none was chosen.
    """
    while True:
        try:
            return answers, make_plans(project, answers)
        except (TwoApplications, TwoDatabases) as stop:
            if not is_asked:
                raise
            from hooks.wording.confirm import choose

            answers = choose(stop, answers)


def may_ask(settings: Settings, report: Report) -> bool:
    """Whether a person is there to be asked."""
    return not settings.defaults and sys.stdin.isatty() and report.is_terminal


def retrofit(
    tree: Worktree, settings: Settings, journal: Journal, report: Report, early: EarlyPython, first: Sequence[tuple[str, str]] = ()
) -> None:
    """One call for each stage; raises RetrofitStopped for every reason to end early. `first` are rows to begin the report with."""
    root, answers = tree.root, settings.answers
    prepared = prepare(tree, settings, journal, report, early)
    project, plans, likeliest, interpreter = prepared.project, prepared.plans, prepared.likeliest, prepared.interpreter
    plan = likeliest.plan
    if may_ask(settings, report) and not answers.is_plan:
        from hooks.wording.confirm import confirm  # questionary takes longer to import than all of this

        first_shown = prepared.formatters.applied(likeliest.first)
        confirm(report, first_shown, other_files(root, prepared, plan, answers), interpreter)

    with installed_for(interpreter, report, versions_to_install(root, project)) as installed, ExitStack() as stack:
        bare = find_bare(root, project, plan, answers)
        prover = Prover(
            root, project, plan, answers, interpreter, journal.revision, report, child_environ(), tree.databases, early.take, bare
        )
        candidate, proven = first_proven(likeliest, plans[1:], prover, stack, report)
        python = prepared.formatters.applied(candidate.changes(proven.variant))
        facts, databases = proven.facts, proven.databases
        plan = replace(candidate.plan, flask_app=proven.flask_app)
        others = other_files(root, prepared, plan, answers, installed, proven)
        deploy = deploy_notes(project, plan, made_tables=python.end_making_tables)
        width = find_line_length(project.files, partial(read, root))
        page = schema_page(root, came_about(plan, python, others, proven), deploy, facts.picture)
        written = {**python.files, **others.files, **baseline_files(facts, prepared.formatters, width), **page}
        before = {**python.before, **others.before}
        if answers.is_plan:
            present = [one.name for one in databases if one.is_present]
            stamped = dict.fromkeys(present, journal.revision) if answers.stamp and may_be_stamped(databases) else {}
            done = outcome(plan, python, others, installed, proven, stamped, answers, deploy, settings.answers_file)
            done = replace(done, databases=tuple(replace(one, unclear=None) for one in databases))
            report.told.remember(before, [*written, *tree.rendered], done.databases, stamped, installed)
            show(report, before, written, [*first, *summary(done), *differing_rows(databases)])
            raise Planned
        if may_ask(settings, report):
            from hooks.wording.confirm import confirm_drift

            confirm_drift(report, databases)
        with report.step("write") as step:
            tree.require_untouched()
            journal.write(written)
            step.detail = count(len(written), "file")
        journal.may_be_stamped = answers.stamp and may_be_stamped(databases)
        stamped = proven.stamp(journal.may_be_stamped)
        journal.is_final = True
    done = outcome(plan, python, others, installed, proven, stamped, answers, deploy, settings.answers_file)
    report.told.remember(before, [*written, *tree.rendered], databases, stamped, installed)
    report.line()
    report.rows([*first, *summary(done), *left_behind(proven.left_behind)])
    if any(one.differs for one in databases):
        raise DatabaseDiffers(databases)


def versions_to_install(root: Path, project: Project) -> dict[str, str]:
    """As the project declares them; else a python-dotenv that is for the oldest Python of the project, too."""
    oldest = find_oldest_python(partial(read, root), find_ci(root).pythons)
    ceiling = {normalised(DOTENV): LAST_DOTENV[oldest]} if oldest in LAST_DOTENV else {}
    return {**ceiling, **specifiers(root, project.declarations)}


def other_files(
    root: Path,
    prepared: Prepared,
    plan: Plan,
    answers: Answers,
    installed: Mapping[str, str] | None = None,
    proven: Proven | None = None,
) -> ProjectFiles:
    """The edits of all that is no Python: dependencies, make targets, CI, .gitignore. Before the proof they are what is likely."""
    project, interpreter = prepared.project, prepared.interpreter
    driver = proven.databases[0].database.partition(":")[0] if proven else ""
    ci = find_ci(root)
    shown = not (proven and proven.rehearsal and proven.rehearsal.goes_elsewhere)
    others = project_files(root, project, plan, interpreter, installed or {}, driver, ci.pythons, is_followed=shown)
    add_ci(others, root, project, plan, answers, interpreter, ci, proven)
    keep_in_git(others, root)
    if proven and plan.start_up_create_all and not proven.variant.keep_create_all:
        others.notes += notes_on_pages(project.files, partial(read, root))
    others.notes += [*linter_notes(root), *agent_notes(root)]
    return others


def find_bare(root: Path, project: Project, plan: Plan, answers: Answers) -> Bare | None:
    """What the application would miss in a check of the migrations in CI; None where there is nothing, or none is written."""
    ci = find_ci(root)
    if not wanted(answers.ci, ci) or (answers.ci == "auto" and ci.top):
        return None
    environ = bare_environ(root, project, plan.variable, ci)
    return Bare(environ, hidden(root, project)) if environ is not None else None


def require_no_migrations(project: Project) -> None:
    """Leave a project alone that has an Alembic directory of its own.

    Raises:
        MigrationsElsewhere: Flask-Migrate's own directory has another name than migrations/.
        AlreadyMigrated: names the directory and its revisions, or the extension that keeps them.
    """
    if project.existing.other_tools:
        raise AlreadyMigrated("", (), project.existing.other_tools)
    for directory in project.existing.alembic:
        if directory == "migrations":  # the one that Copier has just rendered: a foreign one was refused before
            continue
        if is_flask_migrates((Path(project.root) / directory / "env.py").read_bytes()):
            folder = posixpath.dirname(directory)
            is_of_app = bool(folder) and any(app.folder == folder for app in project.apps)
            found = project.existing
            raise MigrationsElsewhere(directory, found.migrate or found.created, is_of_app=is_of_app, directed=found.directed)
        revisions = [path for path in project.existing.revisions if path.startswith(directory + "/")]
        raise AlreadyMigrated(directory, revisions, project.existing.migrate)


def baseline_files(facts: Verified, formatters: Formatters, width: int) -> dict[str, bytes]:
    """The files that the project's Python has generated: the revisions, and project.ini."""
    revisions = [one for one in (facts.baseline, facts.reconcile) if one]
    texts = {f"migrations/versions/{one.filename}": in_style(one.text, width).encode("utf-8") for one in revisions}
    files = {path: formatters.formatted(path, None, raw) for path, raw in texts.items()}
    return {**files, **project_ini(facts, formatters)}


def project_ini(facts: Verified, formatters: Formatters) -> dict[str, bytes]:
    """What env.py must know about this project, if anything: models and tables, and what formats the revisions to come."""
    text = "\n".join(part for part in (facts.project_ini, formatters.section()) if part)
    return {"migrations/project.ini": text.encode("utf-8")} if text else {}
