"""The working tree around one run: as it was when the run ends early, and what is said of it is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hooks.base.facts import Change, Ending
from hooks.base.file_writing import give_to_owner_of_folder, remove_file
from hooks.base.git import Repository
from hooks.base.worktree_errors import TreeChanged
from hooks.worktree.existing_databases import ExistingDatabases
from hooks.worktree.journal import Journal, remove_empty_folders
from hooks.worktree.tree_state import TreeState


class Worktree:
    """What the tree was when the run began, and how to get back there.

    `rendered` are the files that Copier has just made, or that an interrupted run has left: they go when the run ends early.
    """

    def __init__(self, root: Path, rendered: Iterable[str]) -> None:
        self.root = root
        self.rendered = list(rendered)
        self.repository: Repository | None = None
        self.journal: Journal | None = None
        self.databases = ExistingDatabases(root)
        self.is_altered = False  # what an interrupted run has left was changed since
        self._left: list[Change] | None = None
        self._before = TreeState.take(root, None)

    def begin(self, journal: Journal) -> None:
        """From here on `journal` knows what the run does; what Copier has made as root belongs to the owner of its folder."""
        self.journal = journal
        for path in self.rendered:
            for one in (*[folder for folder in (self.root / path).parents if self.root in folder.parents][::-1], self.root / path):
                self.is_altered |= give_to_owner_of_folder(one)
        if self.is_altered:
            self._before = TreeState.take(self.root, self.repository)
        else:
            self._before = self._before.with_git(self.repository)

    @property
    def is_ending(self) -> bool:
        """Whether the run is being undone, or was."""
        return self._left is not None

    def undo(self) -> list[Change]:
        """Put everything back; returns what differs from before all the same, written by others or impossible to put back.

        A second call only tells again.
        """
        if self._left is not None:
            return self._left
        self._left = []
        if self.journal is None:
            for path in self.rendered:
                remove_file(self.root / path)
            remove_empty_folders(self.root, self.rendered)
        else:
            self.journal.roll_back(remember=self.journal.may_be_stamped)
        before = {**dict.fromkeys(self.rendered, ""), **(self.journal.before if self.journal else {})}
        self._left = self._before.changes(TreeState.take(self.root, self.repository), before)
        return self._left

    def ending(self) -> Ending:
        """What there is to say once everything is put back and nothing of the run is at work any more: now that is looked at."""
        changes, changed, unclear = self.undo(), *self.databases.compare()
        return Ending(changes, changed, unclear, is_known=self.databases.are_known)

    def require_untouched(self) -> None:
        """Make sure that the tree is as it was when the run began, but for what the run has written itself.

        Raises:
            TreeChanged: the application has written, or somebody else has.
        """
        written = self.journal.after if self.journal else {}
        if changes := self._before.changes(TreeState.take(self.root, self.repository), written):
            raise TreeChanged(changes)
