"""The text of what is wrong with the working tree: see `worktree_errors.py`."""

from __future__ import annotations

import shlex
from functools import singledispatch
from pathlib import Path

from hooks.base import errors, worktree_errors
from hooks.wording.message import NOTHING, message, places, shortened


@singledispatch
def explain_worktree(stop: errors.WorktreeStopped) -> str:
    """The complete message for `stop`."""
    return message(stop.reference, f"{stop}")


@explain_worktree.register
def _(stop: worktree_errors.GitRefuses) -> str:
    if stop.is_redirected:
        what = "The environment names another git repository than the one that this project is in:"
        return message(stop.reference, what, stop.lines, todo=["Unset these variables, and run again."])
    what = "git does not read the repository of this project, so uncommitted changes could not be told from those of this run:"
    return message(stop.reference, what, stop.lines, todo=["Make `git status` work here, and run again."])


@explain_worktree.register
def _(stop: worktree_errors.LeadsElsewhere) -> str:
    return message(
        stop.reference,
        f"{stop.path} would be written through a symbolic link, and so somewhere else than its name says:",
        [f"{stop.link} -> {stop.target}"],
        todo=["Put a file or folder of its own in the place of the link, commit, and run again."],
    )


@explain_worktree.register
def _(stop: worktree_errors.FileRefused) -> str:
    return message(
        stop.reference,
        "The operating system refused this file:",
        [f"{stop.path}   {stop.why}"],
        todo=["Remove the cause (permissions, a read-only file system, a full disk), and run again."],
    )


@explain_worktree.register
def _(stop: worktree_errors.ReportRefused) -> str:
    return message(
        stop.reference,
        "The report cannot be written there:",
        [f"{stop.path}   {stop.why}"],
        "The run itself has ended as it says above." if stop.is_late else NOTHING,
        todo=["Name another file, or - for standard output, and run again:  -d report=FILE"],
    )


@explain_worktree.register
def _(stop: worktree_errors.OtherJournal) -> str:
    if not stop.root:
        return message(
            stop.reference,
            "A run was interrupted here, and its record cannot be read; another version of this template has written it:",
            [str(stop.folder)],
            todo=undo_by_hand(stop.folder),
        )
    return message(
        stop.reference,
        f"A run in {stop.root} was interrupted, and this folder is a copy that has its record. It had begun to write:",
        shortened(stop.paths),
        todo=undo_by_hand(stop.folder),
    )


@explain_worktree.register
def _(stop: worktree_errors.ChangedSince) -> str:
    return message(
        stop.reference,
        "A run was interrupted here, and these files, which it has written, were changed since:",
        shortened(stop.paths),
        todo=undo_by_hand(stop.folder),
    )


@explain_worktree.register
def _(stop: worktree_errors.TreeChanged) -> str:
    return message(
        stop.reference,
        "While the application was loaded and checked, files of the project were changed, and not by this template:",
        shortened([f"{change.what:<8} {change.path}" for change in stop.changes]),
        changed="Nothing else was changed, and nothing was stamped.",
        todo=[
            "If the application writes them while it is loaded, move that into a CLI command; if something else does (a server,",
            "an editor), end it. Put the files back, and run again.",
        ],
    )


@explain_worktree.register
def _(stop: worktree_errors.StampUnknown) -> str:
    return message(
        stop.reference,
        "Every check passed, and the stamp was asked for, but there was no answer:",
        [stop.why],
        changed="Every file is as it was. Whether the database was stamped is not known.",
        todo=["Run the command again: it uses the same revision id, so a stamp that was written is the right one."],
    )


@explain_worktree.register
def _(stop: worktree_errors.DirtyTree) -> str:
    return message(
        stop.reference,
        "The git tree has uncommitted changes, so the changes of this run could not be told from yours.",
        shortened(stop.paths),
        todo=["Commit or stash them and run again, or go on all the same:  -d allow_dirty=true"],
    )


@explain_worktree.register
def _(stop: worktree_errors.MigrationsIgnored) -> str:
    return message(
        stop.reference,
        "git ignores migrations/, so the migrations would be on this machine alone, and nobody else could upgrade a database.",
        places(stop.lines),
        todo=["Take that out, commit, and run again."],
    )


@explain_worktree.register
def _(stop: worktree_errors.ForeignAnswersFile) -> str:
    return message(
        stop.reference,
        f"{stop.path} belongs to another Copier template" + (f" ({stop.template})." if stop.template else "."),
        todo=[f"Give this template an answers file of its own and run again:  -a {stop.instead}"],
    )


@explain_worktree.register
def _(stop: worktree_errors.FilesInTheWay) -> str:
    todo = ["Move them elsewhere and run again."]
    if stop.looks_like_alembic:
        todo = [
            "They look like a `flask db init` that never got a revision. If so, remove them and run again:",
            "  git rm -r --cached --ignore-unmatch -q migrations && rm -r migrations",
        ]
    return message(
        stop.reference, "migrations/ already holds files under the names that this template writes.", stop.paths, todo=todo
    )


def undo_by_hand(folder: Path) -> list[str]:
    """What to do where a run's record is not played back."""
    return [
        "See what it has left with `git status`, take that back, remove its record, and run again:",
        f"  rm -r {shlex.quote(str(folder))}",
    ]
