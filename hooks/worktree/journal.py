"""All or nothing in the working tree, even when the run is killed: what was there before is on disk before anything changes.

The journal is a folder in git's own folder, `copier-flask-migrate/<name>-<hash of the project's real path>` (in
`.copier-flask-migrate/` of the project where there is no git). It exists while a retrofit runs. A retrofit that finds one puts back
what the killed run had changed, and uses the same revision id, so that a database which that run had stamped already stays true.

A journal knows the bytes before and after each of its writes. A file that holds neither was changed by somebody since; it is never
overwritten, and a journal that was written for another folder (a copied checkout, another version) is not played back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hooks.base.file_writing import make_folders, partial_of, remove_file, remove_folder, write_file
from hooks.base.git import Repository, boundary
from hooks.base.links import find_link
from hooks.base.worktree_errors import LeadsElsewhere, OtherJournal

NAME = "copier-flask-migrate"
RECORD = "journal.json"
FORMAT = 2


def journal_folder(root: Path, repository: Repository | None) -> Path:
    """Where the journal of the project at `root`, a real path, lives: no other project has the same place."""
    place = repository.folder / NAME if repository else root / f".{NAME}"
    readable = re.sub(r"[^A-Za-z0-9._-]", "-", root.name)[:40]
    return place / f"{readable}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}"


def lock_of(folder: Path) -> Path:
    """The file that the run which writes the journal in `folder` has locked."""
    return folder.with_name(folder.name + ".lock")


def digest(raw: bytes) -> str:
    """What a file's bytes are told from others by."""
    return hashlib.sha256(raw).hexdigest()


@dataclass
class Written:
    """One file: the name of its former bytes in the journal ("" where it is new), their digest, and those of what was written."""

    blob: str = ""
    before: str = ""
    after: list[str] = field(default_factory=list)


class Journal:
    """The record of one run."""

    def __init__(self, root: Path, folder: Path, revision: str, *, is_by_hand: bool = False) -> None:
        self.root, self.folder, self.revision = root, folder, revision
        self.is_by_hand = is_by_hand  # what `flask db init` had set up is taken over
        self.may_be_stamped = False  # the stamp was asked for, and there is no answer yet
        self.is_final = False  # from the stamp on, the files stay whatever happens
        self.is_closed = False
        self.failure: OSError | None = None  # why a file could not be put back
        self._rendered: dict[str, str] = {}
        self._written: dict[str, Written] = {}
        self._folders: list[str] = []

    @classmethod
    def begin(cls, root: Path, folder: Path, revision: str, rendered: Iterable[str], *, is_by_hand: bool = False) -> Journal:
        """Start the record; `rendered` are the files that Copier has just made, to be taken away again by `roll_back`."""
        journal = cls(root, folder, revision, is_by_hand=is_by_hand)
        journal._rendered = {path: digest(bytes_of(root / path) or b"") for path in sorted(rendered)}
        journal._record()
        return journal

    @classmethod
    def left_behind(cls, root: Path, folder: Path) -> Journal | None:
        """The journal of a run that was killed, or None.

        Raises:
            OtherJournal: there is one, and it is not known to be about the files of this folder.
        """
        found = [folder, *(one for one in sorted(folder.parent.glob("*")) if one != folder)]
        for one in (place for place in found if (place / RECORD).is_file()):
            journal = cls._read(root, one)
            if journal is not None:
                return journal
        remove_folder(folder)  # a run that was killed before it had begun, or when it was over
        if (old := folder.parent / RECORD).is_file():
            raise OtherJournal(old.parent, "")
        return None

    @classmethod
    def _read(cls, root: Path, folder: Path) -> Journal | None:
        """The journal in `folder`; None where it is about another project of the same repository."""
        try:
            record: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
            was, place = Path(record["root"]), record["place"]
            journal = cls(root, folder, record["revision"], is_by_hand=record["is_by_hand"])
            journal._rendered, journal._folders = record["rendered"], record["folders"]
            journal._written = {path: Written(*values) for path, values in record["written"].items()}
        except (ValueError, KeyError, TypeError) as error:
            raise OtherJournal(folder, "") from error
        if was == root or record["identity"] == identity(root):  # or the folder was moved, and is the same
            return journal
        if place != place_of(root, folder):
            return None
        raise OtherJournal(folder, str(was), sorted({*journal._rendered, *journal._written}))

    @property
    def created(self) -> tuple[str, ...]:
        """The paths that did not exist before the run."""
        return (*self._rendered, *(path for path, one in self._written.items() if not one.blob and path not in self._rendered))

    @property
    def before(self) -> dict[str, str]:
        """The digest of what was there before the run, for each written file; "" where nothing was."""
        return {path: "" if path in self._rendered else one.before for path, one in self._written.items()}

    @property
    def after(self) -> dict[str, str]:
        """The digest of what was written last, for each written file."""
        return {path: one.after[-1] for path, one in self._written.items()}

    def write(self, changes: Mapping[str, bytes]) -> None:
        """Write files, each atomically, after their former bytes are safe in the journal. `changes` maps paths to new bytes.

        A file that is written a second time still goes back to what it was before the first.

        Raises:
            LeadsElsewhere: there is a symbolic link on the way to one of them; none is written.
        """
        assert not self.is_closed
        for path in changes:
            if link := find_link(self.root, path):
                raise LeadsElsewhere(path, link.path, link.target)
        for path, raw in changes.items():
            before = bytes_of(self.root / path)
            if path not in self._written:
                self._written[path] = Written()
                if before is not None:
                    blob = f"{len(self._written)}.before"
                    write_file(self.folder / blob, before)
                    self._written[path] = Written(blob, digest(before))
            self._written[path].after.append(digest(raw))
            missing = [one for one in (self.root / path).parents if not one.exists()]
            self._folders += [os.path.relpath(one, self.root) for one in missing]
        self._record()
        for path, raw in changes.items():
            make_folders((self.root / path).parent)
            write_file(self.root / path, raw)

    def changed_since(self) -> list[str]:
        """The written files that hold neither what was there before nor what was written: somebody else has changed them."""
        return [path for path, one in self._written.items() if not self._is_known(path, one)]

    def _is_known(self, path: str, one: Written) -> bool:
        target = self.root / path
        if find_link(self.root, path):
            return False
        raw = bytes_of(target)
        if raw is None:
            return not one.blob
        if digest(raw) in {one.before, *one.after}:
            return True
        whole = bytes_of(partial_of(target))  # being written in place when the run was killed
        return whole is not None and digest(whole) in one.after

    def roll_back(self, keep: Collection[str] = (), *, remember: bool = False) -> None:
        """Put every file back as it was, take away those that were made but `keep`, and the folders that this leaves empty.

        What somebody else has changed since stays. `remember`: the record keeps the revision id, which a database may be stamped
        with. Where a file cannot be put back the record stays, and the next run tries again.
        """
        if self.is_closed:
            return
        for path in self.created:
            known = path not in self._written or self._is_known(path, self._written[path])
            is_ours = known if path in self._written else digest(bytes_of(self.root / path) or b"") == self._rendered[path]
            if path not in keep and is_ours:
                try:
                    remove_file(self.root / path)
                except OSError as error:
                    self.failure = error
        for path, one in self._written.items():
            if one.blob and self._is_known(path, one) and (path not in self._rendered or path in keep):
                try:
                    self._put_back(path, one)
                except OSError as error:
                    self.failure = error
        remove_empty_folders(self.root, [path for path in self.created if path not in keep], self._folders)
        if self.failure is not None:
            return
        if remember:
            self._record(is_undone=True)
            self.is_closed = True
        else:
            self.close()

    def _put_back(self, path: str, one: Written) -> None:
        target, before = self.root / path, bytes_of(self.folder / one.blob)
        if before is not None and bytes_of(target) != before:
            try:
                write_file(target, before)
            except OSError:  # a full disk still has the room that these bytes take in the journal
                write_in_place(target, before)
        partial_of(target).unlink(missing_ok=True)

    def close(self) -> None:
        """The run is over: forget it."""
        self.is_closed = True
        (self.folder / RECORD).unlink(missing_ok=True)  # first: without it the rest is nothing
        remove_folder(self.folder)
        with contextlib.suppress(OSError):  # another project of the repository has its own there
            self.folder.parent.rmdir()

    def _record(self, *, is_undone: bool = False) -> None:
        record: dict[str, Any] = {
            "format": FORMAT,
            "root": str(self.root),
            "place": place_of(self.root, self.folder),
            "identity": identity(self.root),
            "revision": self.revision,
            "is_by_hand": self.is_by_hand,
            "rendered": self._rendered,
            "written": {path: [one.blob, one.before, one.after] for path, one in self._written.items()},
            "folders": self._folders,
        }
        if is_undone:
            record.update(rendered={}, written={}, folders=[])
        make_folders(self.folder)
        write_file(self.folder / RECORD, json.dumps(record, indent=1).encode())


def bytes_of(path: Path) -> bytes | None:
    """A file's bytes, None where there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def identity(root: Path) -> list[int]:
    """What a folder is told from its copies by."""
    status = root.stat()
    return [status.st_dev, status.st_ino]


def place_of(root: Path, folder: Path) -> str:
    """Where in the repository that has `folder` the project is, wherever the repository is."""
    return os.path.relpath(root, boundary(root)) if folder.parent.name == NAME else "."


def write_in_place(path: Path, raw: bytes) -> None:
    """Put `raw` into a file that is there, without room for a second one."""
    with path.open("r+b") as file:
        file.write(raw)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def remove_empty_folders(root: Path, paths: Iterable[str], made: Iterable[str] = ()) -> None:
    """Remove the folders of `paths` and those that were `made` where they are empty now, upwards to `root` (which stays)."""
    folders = {parent for path in paths for parent in (root / path).parents if root in parent.parents}
    folders |= {Path(os.path.normpath(root / folder)) for folder in made}
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        if find_link(root, os.path.relpath(folder, root)):
            continue
        remove_folder(folder / "__pycache__")
        with contextlib.suppress(OSError):  # not empty: it holds files of the user's
            folder.rmdir()
