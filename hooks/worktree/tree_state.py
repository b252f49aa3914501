"""What the project's files are like at one moment, and what distinguishes two moments.

Looked at: the path, size, times, inode, mode and owner of every file below the root, the target of every link, every empty folder;
of git the branches, tags, configuration and hooks by their bytes. The change time is set by the kernel, so bytes that were changed
and times that were set back are seen. The bytes of a file that the run itself has written are compared with what they must be.

Not looked at: folders of other people's code, where installers and tools write (virtual environments, node_modules, site-packages,
caches); git's index, which every `git status` refreshes; git's objects; what SQLite keeps beside a database, which readers write
(`adopt/` looks at that with the database).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hooks.base.facts import Change
from hooks.base.git import MARKER, Repository
from hooks.detect.files import ENVIRONMENT_MARKS, FOREIGN
from hooks.worktree.journal import NAME, bytes_of, digest

OWN = f".{NAME}"
OF_GIT = ("HEAD", "config", "packed-refs", "refs/heads", "refs/tags", "hooks", "info")
BESIDE = ("-wal", "-shm", "-journal")  # of an SQLite database
CACHES = frozenset({".pytest_cache", ".mypy_cache", ".ruff_cache"})
Fact = tuple[object, ...]
ATTRIBUTES = 4  # the first so many of a fact: kind, mode, owner, group


@dataclass(frozen=True)
class TreeState:
    """`files` maps the paths, relative to the root, to what is known of each; `git` likewise."""

    root: Path
    files: Mapping[str, Fact]
    git: Mapping[str, str]

    @classmethod
    def take(cls, root: Path, repository: Repository | None) -> TreeState:
        """Look at everything."""
        return cls(root, dict(_walk(os.fspath(root), "")), dict(_of_git(repository)) if repository else {})

    def with_git(self, repository: Repository | None) -> TreeState:
        """The same files, and git as it is now."""
        return replace(self, git=dict(_of_git(repository)) if repository else {})

    def changes(self, after: TreeState, written: Mapping[str, str] | None = None) -> list[Change]:
        """What was added, removed or changed by the time of `after`; [] if nothing.

        `written` are the files that the run itself wrote or made in between, with the digest of the bytes that they must have
        by then, "" where there must be none.
        """
        known = {os.path.normpath(path): wanted for path, wanted in (written or {}).items()}
        found = {change for path, wanted in known.items() for change in self._of_written(path, wanted, after)}
        for path in {**self.files, **after.files}:
            before, now = self.files.get(path), after.files.get(path)
            if path in known or before == now or (_is_folder(before, now) and _has_entries(path, self, after, known)):
                continue
            found.add(Change(path, _what(path, self.files, after.files)))
        for path in {**self.git, **after.git} if self.git else ():
            if self.git.get(path) != after.git.get(path):
                found.add(Change(f"{MARKER}/{path}", _what(path, self.git, after.git)))
        return sorted(found)

    def _of_written(self, path: str, wanted: str, after: TreeState) -> Iterator[Change]:
        """Whether a file that the run has written has the bytes that it must have, and the owner and mode that it had."""
        raw = bytes_of(self.root / path)
        before, now = self.files.get(path), after.files.get(path)
        if (digest(raw) if raw is not None else "") != wanted or (before and now and before[:ATTRIBUTES] != now[:ATTRIBUTES]):
            yield Change(path, "changed" if raw is not None else "removed")


def _what(path: str, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    return "added" if path not in before else "removed" if path not in after else "changed"


def _is_folder(*facts: Fact | None) -> bool:
    return all(fact is None or fact[0] == stat.S_IFDIR for fact in facts)


def _has_entries(path: str, before: TreeState, after: TreeState, known: Mapping[str, str]) -> bool:
    """Whether an empty folder is new or gone because of what is or was in it, which is told by itself or is known."""
    return any(other.startswith(path + os.sep) for other in (*before.files, *after.files, *known))


def _fact(entry: os.DirEntry[str]) -> Fact:
    status = entry.stat(follow_symlinks=False)
    kind = stat.S_IFMT(status.st_mode)
    target = str(Path(entry.path).readlink()) if kind == stat.S_IFLNK else ""
    attributes = kind, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
    return (*attributes, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, target)


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, Fact]]:
    try:
        with os.scandir(folder) as listed:
            entries = list(listed)
    except OSError:  # closed to this user, or gone meanwhile
        return
    names = {entry.name for entry in entries}
    if prefix and any(mark.partition("/")[0] in names and Path(folder, mark).exists() for mark in ENVIRONMENT_MARKS):
        return
    is_empty = True
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in FOREIGN and entry.name not in CACHES and not (entry.name == OWN and not prefix):
                yield from _walk(entry.path, path + os.sep)
            is_empty = is_empty and entry.name in FOREIGN | CACHES
        elif not (entry.name.endswith(BESIDE) and entry.name.rpartition("-")[0] in names):
            is_empty = False
            yield path, _fact(entry)
    if is_empty and prefix:
        yield prefix.rstrip(os.sep), (stat.S_IFDIR, 0, 0, 0)


def _of_git(repository: Repository) -> Iterator[tuple[str, str]]:
    common = bytes_of(repository.folder / "commondir")  # of a work tree beside the first one
    folders = {repository.folder, *([Path(os.path.normpath(repository.folder / os.fsdecode(common.strip())))] if common else [])}
    for folder in folders:
        for place in (folder / name for name in OF_GIT):
            for file in [one for one in place.rglob("*") if one.is_file()] if place.is_dir() else [place]:
                if (raw := bytes_of(file)) is not None:
                    yield os.path.relpath(file, folder), digest(raw)
