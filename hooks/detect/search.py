"""The project's Python files, read when asked for, and searched for words without reading what does not hold them.

A large tree is searched by `git grep`, which is several times faster and works outside of a repository, too; a small one, and any
where there is no git, is read and searched here.
"""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hooks.base.source import Source

MANY = 500  # files; below, starting a process costs more than it saves
MOST_EXCLUDED = 100  # folders; any more are searched, which costs time but finds nothing that is asked for
Grep = Callable[[Sequence[str]], Mapping[str, Collection[str]] | None]


class Sources(Mapping[str, Source]):
    """Path to `Source`; a file is read once, when first needed.

    `grep` gives what it found of some words, with the paths of the files that hold it; None where it cannot.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes | None], grep: Grep | None = None) -> None:
        self._sources: dict[str, Source | None] = dict.fromkeys(paths)
        self._read = read
        self._grep = grep if len(self._sources) >= MANY else None
        self._holding: dict[str, list[str]] = {}

    def __getitem__(self, path: str) -> Source:
        source = self._sources[path]
        if source is None:
            source = self._sources[path] = Source(path, self._read(path) or b"")
        return source

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __contains__(self, path: object) -> bool:
        return path in self._sources

    def holding(self, words: Iterable[str]) -> list[str]:
        """The paths of the files that hold one of `words` anywhere, in order.

        Each word is a name or a part of one, perhaps with punctuation at an end: two of them overlap in the text only inside a
        longer name, of which the second may then not be seen.
        """
        words = [word for word in dict.fromkeys(words) if word]
        for word in words:
            part = next((known for known in self._holding if known in word), None)
            if part and word not in self._holding:  # what holds "create_app_for" is among what holds "create_app"
                self._holding[word] = self._read_for(word, self._holding[part])
        unknown = [word for word in words if word not in self._holding]
        hits = self._grep(unknown) if self._grep and unknown else None
        for word in unknown:
            if hits is None:
                self._holding[word] = self._read_for(word, self._sources)
            else:
                having = [path for hit, paths in hits.items() if word in hit for path in paths]
                self._holding[word] = [path for path in having if path in self._sources]  # git knows of more, as of adopt.py
        found = {path for word in words for path in self._holding[word]}
        return [path for path in self._sources if path in found]

    def _read_for(self, word: str, paths: Iterable[str]) -> list[str]:
        needle = word.encode()
        return [path for path in paths if needle in self[path].raw]


def git_grep(root: Path, foreign: Sequence[str] = (), *, in_git: bool = True) -> Grep:
    """A search with `git grep` in the Python files below `root` but not in the folders `foreign`.

    In a repository files that git ignores are not searched.
    """
    where = ["*.py", *(f":(exclude,literal){folder}" for folder in foreign[:MOST_EXCLUDED])]
    options = ["--untracked" if in_git else "--no-index", "--text", "--only-matching", "--null", "--fixed-strings"]
    # Nothing of a person's own settings may change what is printed.
    options += ["--no-color", "--no-line-number", "--no-column", "--no-heading", "--no-break", "--no-full-name"]

    def grep(words: Sequence[str]) -> dict[str, list[str]] | None:
        patterns = [part for word in words for part in ("-e", word)]
        done = _answer(root, "grep", *options, *patterns, "--", *where)
        if done.returncode > 1:  # 1: nothing found
            return None
        return _hits(done.stdout)

    return grep


def holding(root: Path, paths: Iterable[str], words: Iterable[str]) -> list[str]:
    """Those of `paths` that hold one of `words`, in order; of a few files, and of those that git does not know, all of them.

    They are to be looked into all the same: this only keeps a large tree from being read.
    """
    paths = list(paths)
    if len(paths) < MANY or _answer(root, "check-ignore", "--quiet", "--", paths[0]).returncode != 1:  # 1: git knows it
        return paths
    patterns = [part for word in words for part in ("-e", word)]
    done = _answer(root, "grep", "--untracked", "--text", "--null", "--files-with-matches", "--fixed-strings", *patterns)
    if done.returncode > 1:  # 1: nothing found
        return paths
    found = set(map(os.fsdecode, done.stdout.split(b"\0")))
    return [path for path in paths if path in found]


def _answer(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What git says, with a status of its own where there is none."""
    command = ["git", "-C", os.fspath(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return subprocess.CompletedProcess(command, 128, b"", b"")


def _hits(output: bytes) -> dict[str, list[str]]:
    """The paths for each hit, from `path NUL hit LF`; a path may hold line ends, a hit none."""
    found: dict[bytes, dict[bytes, None]] = defaultdict(dict)
    path, *rest = output.split(b"\0")
    for piece in rest:
        hit, _, following = piece.partition(b"\n")
        found[hit][path] = None
        path = following
    return {hit.decode(): [os.fsdecode(path) for path in paths] for hit, paths in found.items()}
