"""Projects made of text: no file is written, nothing is imported."""

from __future__ import annotations

from textwrap import dedent

from hooks.base.location import Location, Span
from hooks.detect.index import Index
from hooks.detect.search import Sources


class Text:
    """A project's files as text, path to content; every content is dedented."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: dedent(text).lstrip("\n") for path, text in files.items()}

    @property
    def index(self) -> Index:
        """What the finders take."""
        return Index(Sources([path for path in self.files if path.endswith(".py")], self.read), self.files, self.read)

    def read(self, path: str) -> bytes | None:
        """The content of one file."""
        return self.files[path].encode() if path in self.files else None

    def at(self, path: str, line: int) -> Location:
        """The location of a line."""
        return Location(path, line, self.files[path].splitlines()[line - 1].strip())

    def span(self, path: str, text: str) -> Span:
        """The span of `text`, which must occur once in the file."""
        whole = self.files[path]
        assert whole.count(text) == 1, f"{text!r} occurs {whole.count(text)} times"
        start = whole.index(text)
        before, upto = whole[:start], whole[: start + len(text)]
        return Span(
            path,
            before.count("\n") + 1,
            len(before.rpartition("\n")[2].encode()),
            upto.count("\n") + 1,
            len(upto.rpartition("\n")[2].encode()),
        )
