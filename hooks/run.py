"""All or nothing around the retrofit: what was there before is back whenever it ends early, and every end has its message."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from hooks.base.errors import CannotParse, EndedEarly, RetrofitStopped, Unexpected
from hooks.base.facts import Ending
from hooks.base.git import find_repository, only_this_repository
from hooks.base.interruption import Interrupted, on_interruption
from hooks.base.links import find_link
from hooks.base.plural import count
from hooks.base.report import Report
from hooks.base.report_json import require_place
from hooks.base.report_json import write as write_report
from hooks.base.run_settings import Settings, answers_in
from hooks.base.source import Unparsable
from hooks.base.worktree_errors import ChangedSince, FileRefused, LeadsElsewhere, ReportRefused, StampUnknown
from hooks.environment.prestart import EarlyPython
from hooks.wording import ending
from hooks.worktree import preconditions
from hooks.worktree.by_hand import ENV, REPLACED
from hooks.worktree.journal import Journal, journal_folder, lock_of
from hooks.worktree.rendering import cut_off_files, expected_files, finish
from hooks.worktree.run_folder import run_folder
from hooks.worktree.run_lock import AlreadyRunning, run_lock
from hooks.worktree.undoing import Worktree


def run(root: Path, settings: Settings, *, template: Path) -> int:
    """Retrofit the project at `root`; returns the exit status.

    A project that this has been run in already is left alone. `template` is the folder that Copier rendered from.
    """
    root, report = root.resolve(), Report(quiet=settings.quiet)
    try:
        status = told_run(root, settings, report, template)
    except Interrupted as interrupted:
        return interrupted.status
    try:
        write_report(root, settings.answers.report, report.told, str(settings.rendered_answers.get("_commit", "")), status)
    except OSError as error:
        ending.stopped(report, ReportRefused(settings.answers.report, str(error), is_late=True))
        return 1
    return status


def told_run(root: Path, settings: Settings, report: Report, template: Path) -> int:
    """The same, with everything told to `report`.

    Raises:
        Interrupted: the run was asked to end, and everything was undone and said.
    """
    tree = Worktree(root, preconditions.rendered_now(root, template, settings))

    def undo() -> bool:
        """What a signal does; False where the run is ending anyway."""
        if tree.is_ending or (tree.journal is not None and tree.journal.is_final):
            return False
        left = Ending(tree.undo(), is_known=not tree.databases.may_be_reached)  # something of it may be at work still
        ending.interrupted(report, left, may_be_stamped=tree.journal is not None and tree.journal.may_be_stamped)
        return True

    on_interruption(undo)
    try:
        retrofit_alone(tree, settings, report, template)
    except EndedEarly as early:
        return ending.ended_early(report, early.result, end(tree, early))
    except Exception as error:  # noqa: BLE001 - the last resort: users get the one message shape, never a bare traceback
        ending.stopped(report, reason(error), partial(end, tree, error))
        return 1
    return 0


def retrofit_alone(tree: Worktree, settings: Settings, report: Report, template: Path) -> None:
    """Everything from the first look at git on, with no other run beside it."""
    root = tree.root
    require_place(root, settings.answers.report)
    for path in settings.links:
        if link := find_link(root, path):
            raise LeadsElsewhere(path, link.path, link.target)
    tree.repository = find_repository(root)
    only_this_repository()
    folder = journal_folder(root, tree.repository)
    with run_lock(lock_of(folder)) as has_waited, run_folder():
        with recorded(tree, folder, settings, report, template, has_waited=has_waited) as journal:
            if journal is None:
                report.told.result = "set-up"
                report.rows([("set-up", set_up(root, settings))])
                return
            preconditions.require_clean_tree(tree, settings.answers)
            with EarlyPython(root, settings.answers.python) as early:
                # while the project's Python starts, all that these import is read
                if journal.is_by_hand:
                    from hooks.takeover import takeover

                    takeover(tree, settings, journal, report, early, template)
                else:
                    from hooks.retrofit import retrofit

                    retrofit(tree, settings, journal, report, early)
        journal.close()
        report.told.result = "done"


def set_up(root: Path, settings: Settings) -> str:
    """What a second run says: the version that the project has, and the next command."""
    has, newest = (
        str(answers.get("_commit", "")) for answers in (answers_in(root / settings.answers_file), settings.rendered_answers)
    )
    todo = f"For {newest}:  copier update --trust" if newest != has else 'When models change:  flask db migrate -m "what changed"'
    return f"{f'at {has}' if has else 'already'}; nothing was done. {todo}"


def reason(error: Exception) -> RetrofitStopped:
    """An exception as a reason to stop."""
    if isinstance(error, RetrofitStopped):
        return error
    if isinstance(error, Unparsable):
        return CannotParse(error.where, error.reason)
    if isinstance(error, OSError) and error.filename is not None:
        return FileRefused(str(error.filename), error.strerror or type(error).__name__)
    return unexpected(error)


def unexpected(error: Exception) -> Unexpected:
    """The message for a mistake of our own: the exception, and the last place in the template's code."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = [one for one in frames if "hooks" in Path(one.filename).parts][-1]
    return Unexpected(f"{type(error).__name__}: {error}", f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}")


def end(tree: Worktree, error: BaseException) -> Ending:
    """How the run leaves everything, now that nothing of it is at work any more."""
    put_back(tree, error)
    if isinstance(error, AlreadyRunning):
        return Ending()
    if tree.journal is not None and tree.journal.is_final:
        return Ending(is_done=True)
    return tree.ending()


def put_back(tree: Worktree, error: BaseException) -> None:
    """Undo what the run has done, unless it is to stay; a second call does nothing."""
    journal = tree.journal
    if isinstance(error, AlreadyRunning):
        return  # what Copier has found or made here is the other run's
    if journal is not None and (journal.is_final or getattr(error, "keeps_changes", False)):
        journal.close()
    else:
        tree.undo()


@contextmanager
def recorded(
    tree: Worktree, folder: Path, settings: Settings, report: Report, template: Path, *, has_waited: bool
) -> Iterator[Journal | None]:
    """All or nothing: whatever ends the block early takes every file back to what it was, rendered ones included.

    Yields None where there is nothing to do: a baseline of ours exists. A killed run's journal is played back first.
    """
    try:
        journal = begin(tree, folder, settings, report, template, has_waited=has_waited)
        yield journal
    except BaseException as error:
        put_back(tree, error)
        is_asked = tree.journal is not None and tree.journal.may_be_stamped and not tree.journal.is_final
        if is_asked and isinstance(error, Exception) and not getattr(error, "keeps_changes", False):
            raise StampUnknown(str(getattr(error, "reason", "")) or f"{type(error).__name__}: {error}") from error
        raise


def begin(tree: Worktree, folder: Path, settings: Settings, report: Report, template: Path, *, has_waited: bool) -> Journal | None:
    """Undo what a killed run has left, finish what Copier could not render beside that, and start this run's record."""
    root, files = tree.root, preconditions.template_files(template, settings.answers_file)
    killed = Journal.left_behind(root, folder)
    if killed is not None:
        if changed := killed.changed_since():
            raise ChangedSince(killed.folder, changed)
        edited, tree.is_altered = len(killed.after), True
        killed.roll_back(keep=list(files), remember=True)
        if killed.failure is not None:
            raise killed.failure
        tree.rendered = sorted({*tree.rendered, *(path for path in killed.created if path in files and (root / path).exists())})
        done = f"{count(edited, 'file')} put back as before it" if edited else "it had edited no file"
        report.rows([("resumed", f"a run that was interrupted; {done}")])
    finish_rendering(tree, files, settings, report, is_resumed=killed is not None)
    is_by_hand = killed.is_by_hand if killed else preconditions.is_set_up_by_hand(root, settings, tree.rendered)
    if killed is None:
        preconditions.require_free_names(root, template, settings, tree.rendered)
    if preconditions.has_baseline(root) and (not is_by_hand or has_waited):
        if killed is not None:
            killed.close()
        return None
    revision = killed.revision if killed else secrets.token_hex(6)
    journal = Journal.begin(root, folder, revision, tree.rendered, is_by_hand=is_by_hand)
    if killed is not None and killed.folder != folder:
        killed.close()
    tree.begin(journal)
    return journal


def finish_rendering(tree: Worktree, files: dict[str, Path], settings: Settings, report: Report, *, is_resumed: bool) -> None:
    """Make the template's files whole where an interrupted run has left some; they count as rendered by this one then."""
    root = tree.root
    present = [path for path in files if path not in tree.rendered and (root / path).exists()]
    if preconditions.has_baseline(root) or not (present or is_resumed):
        return
    expected = expected_files(files, settings)
    left = cut_off_files(root, tree.repository, files, expected, present)
    if ENV in present and ENV not in left:
        left = [path for path in left if path not in REPLACED]  # `flask db init` has made them
    if not left and not is_resumed:
        return
    missing = [path for path in files if not (root / path).exists() and preconditions.was_present(path, settings)]
    if left:
        report.rows([("resumed", f"a run that was interrupted while Copier rendered; {count(len(left), 'file')} of it found")])
    tree.rendered, tree.is_altered = sorted({*tree.rendered, *left, *missing}), True
    finish(root, expected, tree.rendered)
