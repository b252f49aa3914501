"""The project's Python files, read when asked for, and searched for words without reading what does not hold them.

A large tree that git knows is searched by `git grep`, which is several times faster; any other is read and searched here.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hooks.source import Source

MANY = 500  # files; below, starting a process costs more than it saves
Grep = Callable[[Sequence[str]], list[str] | None]


class Sources(Mapping[str, Source]):
    """Path to `Source`; a file is read once, when first needed.

    `grep` gives the paths of the files that hold one of some words, None where it cannot.
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
        """The paths of the files that hold one of `words` anywhere, in order."""
        words = list(words)
        for word in words:
            part = next((known for known in self._holding if known in word), None)
            if part and word not in self._holding:  # what holds "create_app_for" is among what holds "create_app"
                self._keep(word, self._holding[part])
        unknown = [word for word in dict.fromkeys(words) if word and word not in self._holding]
        if unknown:
            paths = self._narrowed(unknown)
            for word in unknown:
                self._keep(word, paths)
        found = {path for word in words for path in self._holding.get(word, ())}
        return [path for path in self._sources if path in found]

    def _keep(self, word: str, paths: Iterable[str]) -> None:
        needle = word.encode()
        self._holding[word] = [path for path in paths if needle in self[path].raw]

    def _narrowed(self, words: Sequence[str]) -> list[str]:
        found = self._grep(words) if self._grep else None
        if found is None:
            return list(self._sources)
        return [path for path in found if path in self._sources]


def git_grep(root: Path) -> Grep:
    """A search with `git grep` in the Python files below `root`, tracked or not ignored."""

    def grep(words: Sequence[str]) -> list[str] | None:
        patterns = [part for word in words for part in ("-e", word)]
        options = ["grep", "--untracked", "--text", "--files-with-matches", "--null", "--fixed-strings"]
        command = ["git", "-C", os.fspath(root), *options, *patterns, "--", "*.py"]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            return None
        if done.returncode > 1:  # 1: nothing found
            return None
        return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]

    return grep
