"""All or nothing around the retrofit: what was there before is back whenever it ends early, and every end has its message."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hooks import preconditions
from hooks.early import EarlyPython
from hooks.errors import CannotParse, RetrofitStopped, Unexpected
from hooks.journal import Journal, journal_folder
from hooks.report import Report
from hooks.run_folder import run_folder
from hooks.run_lock import run_lock
from hooks.settings import Settings
from hooks.source import Unparsable


def run(root: Path, settings: Settings, *, template: Path) -> int:
    """Retrofit the project at `root`; returns the exit status.

    A project that this has been run in already is left alone without a word. `template` is the folder that Copier rendered from.
    """
    report = Report(quiet=settings.quiet)
    folder = journal_folder(root)
    try:
        lock = folder.with_name(folder.name + ".lock")
        with run_lock(lock), run_folder(), undoing(root, folder, settings, template) as journal:
            if journal is not None:
                preconditions.require_clean_tree(root, settings.answers, journal.created)
                with EarlyPython(root, settings.answers.python) as early:
                    # while the project's Python starts, all that these import is read
                    if journal.is_by_hand:
                        from hooks.takeover import takeover

                        takeover(root, settings, journal, report, early, template)
                    else:
                        from hooks.retrofit import retrofit

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


@contextmanager
def undoing(root: Path, folder: Path, settings: Settings, template: Path) -> Iterator[Journal | None]:
    """All or nothing: whatever ends the run early takes every file back to what it was, rendered ones included.

    Yields None where there is nothing to do: a baseline of ours exists. A killed run's journal, in `folder`, is played back first.
    """
    rendered = preconditions.rendered_now(root, template, settings)
    killed = Journal.left_behind(root, folder)
    ours = list(preconditions.template_files(template, settings))
    if killed is not None:
        rendered = sorted({*rendered, *(path for path in killed.created if path in ours)})
        killed.roll_back(keep=ours)
    is_by_hand = killed.is_by_hand if killed else preconditions.is_set_up_by_hand(root, settings)
    revision = killed.revision if killed else secrets.token_hex(6)
    journal = Journal.begin(root, folder, revision, rendered, is_by_hand=is_by_hand)
    try:
        if killed is None:
            preconditions.require_free_names(root, template, settings)
        if preconditions.has_baseline(root) and not is_by_hand:
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
