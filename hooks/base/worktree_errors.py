"""Every reason that is in the working tree itself: git, links, the operating system, a run that was interrupted, other writers.

WorktreeStopped             nothing was changed, unless the class says otherwise
  GitRefuses                there is a git repository, and git does not read it
  DirtyTree                 uncommitted changes in the git tree
  MigrationsIgnored         git would not keep migrations/
  ForeignAnswersFile        .copier-answers.yml belongs to another template
  FilesInTheWay             migrations/ holds files of these names that the template did not write
  LeadsElsewhere            a file that has to be written is a symbolic link, or is behind one
  FileRefused               the operating system does not let a file be read or written
  OtherJournal              a run was interrupted in another folder, and its record is here
  ChangedSince              a run was interrupted, and somebody has changed its files since
  TreeChanged               files of the project were changed while the application was loaded
  StampUnknown              the files are as they were; whether the database was stamped is not known
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hooks.base.errors import WorktreeStopped
from hooks.base.facts import Change
from hooks.base.location import Location


class GitRefuses(WorktreeStopped):
    """git does not read the repository: `lines` are its own words. `is_redirected`: variables name another repository."""

    reference = "git-refuses"

    def __init__(self, lines: Sequence[str], *, is_redirected: bool = False) -> None:
        super().__init__("; ".join(lines))
        self.lines, self.is_redirected = tuple(lines), is_redirected


class DirtyTree(WorktreeStopped):
    """Tracked files are modified, so the retrofit's changes could not be told from the user's."""

    reference = "dirty-tree"

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(", ".join(paths))
        self.paths = tuple(paths)


class MigrationsIgnored(WorktreeStopped):
    """git ignores migrations/ by `lines`, which nothing at the end of `.gitignore` overrules."""

    reference = "migrations-ignored"

    def __init__(self, lines: Sequence[Location]) -> None:
        super().__init__(", ".join(f"{where.path}:{where.line}" for where in lines))
        self.lines = tuple(lines)


class ForeignAnswersFile(WorktreeStopped):
    """The answers file was written by another template; `instead` is a free name to use with `-a`."""

    reference = "foreign-answers-file"

    def __init__(self, path: str, template: str, instead: str) -> None:
        super().__init__(path)
        self.path, self.template, self.instead = path, template, instead


class FilesInTheWay(WorktreeStopped):
    """Files of the template's names exist and are not the template's."""

    reference = "files-in-the-way"

    def __init__(self, paths: Sequence[str], *, looks_like_alembic: bool) -> None:
        super().__init__(", ".join(paths))
        self.paths, self.looks_like_alembic = tuple(paths), looks_like_alembic


class LeadsElsewhere(WorktreeStopped):
    """`path` has to be written, and the symbolic link at `link` leads to `target`."""

    reference = "symbolic-link"

    def __init__(self, path: str, link: str, target: str) -> None:
        super().__init__(path)
        self.path, self.link, self.target = path, link, target


class FileRefused(WorktreeStopped):
    """What the operating system said, and of which file."""

    reference = "file-refused"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path)
        self.path, self.why = path, why


class ReportRefused(WorktreeStopped):
    """The file that the report is to go to cannot be written: `why`. `is_late`: the run is over, and has said what it did."""

    reference = "report-refused"

    def __init__(self, path: str, why: str, *, is_late: bool = False) -> None:
        super().__init__(path)
        self.path, self.why, self.is_late = path, why, is_late


class OtherJournal(WorktreeStopped):
    """The record in `folder` is of a run in `root` ("": an older version's, or not readable), which had begun to write `paths`."""

    reference = "interrupted-elsewhere"

    def __init__(self, folder: Path, root: str, paths: Sequence[str] = ()) -> None:
        super().__init__(str(folder))
        self.folder, self.root, self.paths = folder, root, tuple(paths)


class ChangedSince(WorktreeStopped):
    """`paths` hold neither what was there before an interrupted run nor what it has written; `folder` is its record."""

    reference = "changed-since"

    def __init__(self, folder: Path, paths: Sequence[str]) -> None:
        super().__init__(", ".join(paths))
        self.folder, self.paths = folder, tuple(paths)


class TreeChanged(WorktreeStopped):
    """Files were added, removed or changed by the application while it was loaded, or by somebody else meanwhile."""

    reference = "tree-changed"

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__(", ".join(change.path for change in changes))
        self.changes = tuple(changes)


class StampUnknown(WorktreeStopped):
    """The run ended between asking for the stamp and the answer, `why`; the record of the run keeps the revision id."""

    reference = "stamp-unknown"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
