"""All or nothing in the working tree, even when the run is killed: what was there before is on disk before anything changes.

The journal is a folder, `.git/copier-flask-migrate` (or `.copier-flask-migrate` where there is no git). It exists while a
retrofit runs; a retrofit that finds one puts back what the killed run had changed, and uses the same revision id, so that a
database which that run had stamped already stays true.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any


def journal_folder(root: Path) -> Path:
    """Where the journal of the project at `root` lives; a project in a subfolder of a repository has its own."""
    asked = subprocess.run(
        ["git", "rev-parse", "--absolute-git-dir", "--show-prefix"], cwd=root, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        return root / ".copier-flask-migrate"
    git_dir, _, prefix = asked.stdout.partition("\n")
    suffix = prefix.strip().strip("/").replace("/", "-")
    return Path(git_dir) / ("copier-flask-migrate" + (f"-{suffix}" if suffix else ""))


class Journal:
    """The record of one run. `created` are paths that did not exist before, `saved` the former bytes of those that did."""

    def __init__(self, root: Path, folder: Path, revision: str) -> None:
        self.root, self.folder, self.revision = root, folder, revision
        self.is_final = False  # from the stamp on, the files stay whatever happens
        self.is_by_hand = False  # what `flask db init` had set up is taken over
        self._created: list[str] = []
        self._saved: dict[str, str] = {}
        self._written: set[str] = set()

    @classmethod
    def begin(cls, root: Path, folder: Path, revision: str, rendered: Iterable[str], *, is_by_hand: bool = False) -> Journal:
        """Start the record; `rendered` are the files that Copier has just made, to be taken away again by `roll_back`."""
        folder.mkdir(parents=True, exist_ok=True)
        journal = cls(root, folder, revision)
        journal.is_by_hand = is_by_hand
        journal._created = sorted(rendered)
        journal._write()
        return journal

    @classmethod
    def left_behind(cls, root: Path, folder: Path) -> Journal | None:
        """The journal of a run that was killed, or None."""
        try:
            record: dict[str, Any] = json.loads((folder / "journal.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        journal = cls(root, folder, record["revision"])
        journal._created, journal._saved = list(record["created"]), dict(record["saved"])
        journal.is_by_hand = bool(record.get("is_by_hand"))
        return journal

    @property
    def created(self) -> tuple[str, ...]:
        """The paths that did not exist before the run."""
        return tuple(self._created)

    def write(self, changes: Mapping[str, bytes]) -> None:
        """Write files, each atomically, after their former bytes are safe in the journal. `changes` maps paths to new bytes.

        A file that is written a second time still goes back to what it was before the first.
        """
        for path in (path for path in changes if path not in self._written):
            target = self._target(path)
            if target.exists():
                blob = f"{len(self._saved)}.before"
                _durable(self.folder / blob, target.read_bytes())
                self._saved[path] = blob
            else:
                self._created.append(path)
            self._created.append(_partial(path))
            self._written.add(path)
        self._write()
        for path, raw in changes.items():
            target = self._target(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            _durable(target, raw, like=target if target.exists() else None)

    def roll_back(self, keep: Collection[str] = ()) -> None:
        """Put every file back as it was, take away those that were made but `keep`, and the folders that this leaves empty."""
        for path, blob in self._saved.items():
            before = (self.folder / blob).read_bytes()
            target = self._target(path)
            if not target.exists() or target.read_bytes() != before:
                _durable(target, before, like=target if target.exists() else None)
        gone = [path for path in self._created if path not in keep]
        for path in gone:
            (self.root / path).unlink(missing_ok=True)
        remove_empty_folders(self.root, gone)
        self.close()

    def close(self) -> None:
        """The run is over: forget it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _target(self, path: str) -> Path:
        return (self.root / path).resolve()  # an edited symbolic link stays one

    def _write(self) -> None:
        record = {"revision": self.revision, "created": self._created, "saved": self._saved, "is_by_hand": self.is_by_hand}
        _durable(self.folder / "journal.json", json.dumps(record, indent=1).encode())


def remove_empty_folders(root: Path, paths: Iterable[str]) -> None:
    """Remove the folders of `paths` that are empty now, upwards to `root` (which stays)."""
    folders = {parent for path in paths for parent in (root / path).parents if root in parent.parents}
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty: it holds files of the user's
            folder.rmdir()


def _partial(path: str) -> str:
    """The name under which a file is written before it takes its place; a killed run may leave it."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.partial"


def _durable(path: Path, raw: bytes, like: Path | None = None) -> None:
    """Replace `path` by `raw` in one step that survives a crash; `like` lends its permissions."""
    partial = path.with_name(_partial(path.name))
    with partial.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    if like is not None:
        shutil.copymode(like, partial)
    partial.replace(path)
