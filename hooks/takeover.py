"""Take over what `flask db init` has set up: the team's revisions stay, its env.py is replaced by one that `copier update` renews.

Nothing is generated and no database is written to. Where there is no revision yet, the retrofit goes on from the replaced files.
Where the configuration reads a variable already, that one is gone on with: such a project is migrated by it today.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from hooks.base.environ import child_environ
from hooks.base.errors import Planned
from hooks.base.facts import Project
from hooks.base.plural import count
from hooks.base.report import Report
from hooks.base.run_settings import Settings
from hooks.base.takeover_errors import OptionInEnv
from hooks.edit.core.diff import unified_diff
from hooks.edit.files.schema_page import schema_page
from hooks.environment.install import installed_for
from hooks.environment.prestart import EarlyPython
from hooks.prove.proof import Prover
from hooks.prove.trial import first_proven
from hooks.retrofit import Prepared, find_bare, may_ask, other_files, prepare, project_ini, retrofit, versions_to_install
from hooks.wording.closing_rows import left_behind
from hooks.wording.deploy_notes import deploy_notes
from hooks.wording.planned import show
from hooks.wording.takeover_report import TakenOver, came_about, closing_rows, replaced_rows
from hooks.worktree.by_hand import DECIDING, ByHand, read_by_hand
from hooks.worktree.journal import Journal
from hooks.worktree.preconditions import template_files
from hooks.worktree.undoing import Worktree

WHAT_FOLLOWS = "The revisions are tried on an empty database next, with the new env.py; the existing database is only read."


def takeover(tree: Worktree, settings: Settings, journal: Journal, report: Report, early: EarlyPython, template: Path) -> None:
    """One call for each stage; raises RetrofitStopped for every reason to end early."""
    root = tree.root
    by_hand = read_by_hand(root, template_files(template, settings.answers_file))
    is_asked = may_ask(settings, report) and not settings.answers.is_plan
    report.diff(unified_diff(by_hand.before, by_hand.after)) if is_asked else None
    if not by_hand.revisions:
        journal.write({**by_hand.after, **by_hand.copies})
        retrofit(tree, settings, journal, report, early, replaced_rows(by_hand))
        return
    prepared = prepare(tree, settings, journal, report, early, takes_over=True)
    settings = replace(settings, answers=prepared.answers)
    require_options(by_hand, prepared.project)
    project, interpreter, plan = prepared.project, prepared.interpreter, prepared.likeliest.plan
    if is_asked:
        from hooks.wording.confirm import confirm

        first_shown = prepared.formatters.applied(prepared.likeliest.first)
        confirm(report, first_shown, other_files(root, prepared, plan, settings.answers), interpreter, WHAT_FOLLOWS)
    journal.write({**by_hand.after, **by_hand.copies})  # as Copier would have rendered them: the checks run with the new env.py
    with installed_for(interpreter, report, versions_to_install(root, project)) as installed, ExitStack() as stack:
        prover = prover_of(tree, prepared, settings, journal, report, early)
        candidate, proven = first_proven(prepared.likeliest, prepared.plans[1:], prover, stack, report)
        python = prepared.formatters.applied(candidate.changes(proven.variant))
        plan = replace(candidate.plan, flask_app=proven.flask_app)
        others = other_files(root, prepared, plan, settings.answers, installed, proven)
        done = TakenOver(by_hand, plan, project, python, others, proven, installed, deploy_notes(project, plan))
        page = schema_page(root, came_about(done), done.deploy, proven.facts.picture)
        written = {**python.files, **others.files, **page, **project_ini(proven.facts, prepared.formatters)}
        before = {**by_hand.before, **python.before, **others.before}
        report.told.remember(before, {**by_hand.after, **written}, proven.databases, {}, installed)
        if settings.answers.is_plan:
            show(report, before, {**by_hand.after, **written}, closing_rows(done, settings))
            raise Planned
        with report.step("write") as step:
            tree.require_untouched()
            journal.write({**written, **answers_file(root, settings)})
            step.detail = count(len(written) + len(by_hand.after), "file")
        proven.stamp(False)
        journal.is_final = True
    report.line()
    report.rows([*closing_rows(done, settings), *left_behind(proven.left_behind)])


def answers_file(root: Path, settings: Settings) -> dict[str, bytes]:
    """The answers file with the variable that is gone on with; nothing where it says so."""
    asked = str(settings.rendered_answers.get("database_url_variable", settings.answers.database_url_variable))
    path = root / settings.answers_file
    if asked == settings.answers.database_url_variable or not path.is_file():
        return {}
    line = f"database_url_variable: {settings.answers.database_url_variable}"
    return {settings.answers_file: re.sub(r"(?m)^database_url_variable: .*$", line, path.read_text("utf-8")).encode("utf-8")}


def prover_of(
    tree: Worktree, prepared: Prepared, settings: Settings, journal: Journal, report: Report, early: EarlyPython
) -> Prover:
    """What tries the plans in the project's Python."""
    return Prover(
        tree.root,
        prepared.project,
        prepared.likeliest.plan,
        settings.answers,
        prepared.interpreter,
        journal.revision,
        report,
        child_environ(),
        tree.databases,
        early.take,
        find_bare(tree.root, prepared.project, prepared.likeliest.plan, settings.answers),
        mode="takeover",
    )


def require_options(by_hand: ByHand, project: Project) -> None:
    """Make sure that nothing decides where a stamp is, but what the new env.py knows too.

    Raises:
        OptionInEnv: env.py says it, and where Flask-Migrate is made it is not said.
    """
    places = tuple(dict.fromkeys((*project.existing.created, *project.existing.migrate)))
    said = [option for option in by_hand.options if option.name in DECIDING]
    missing = [option for option in said if not any(option.name in place.text for place in places)]
    if missing:
        raise OptionInEnv(missing, places)
