"""What the readers of all kinds of files make: one program that a file of the repository runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hooks.base.deploy_facts import Place
from hooks.base.formats.shell import Command, commands
from hooks.base.location import Location
from hooks.detect.deploy.programs import Words, programs


@dataclass(frozen=True)
class Ran:
    """`words` are the program's, whatever was wrapped around it; `handed` is its input, as far as the file shows it.

    Programs of one `block` (a script, a recipe, an image, a section of a page) are run one after the other. `folder` is where, as
    far as the file says so: what a compose service is built from, the working directory of a step.
    """

    where: Location
    place: Place
    block: str
    words: Words
    handed: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Lines:
    """The lines of one file, to be named in a `Location`."""

    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Without their line ends."""
        return self.text.splitlines()

    def at(self, line: int) -> Location:
        """The place of a line, which counts from 1."""
        lines = self.lines
        return Location(self.path, line, lines[line - 1].strip() if 0 < line <= len(lines) else "")

    def ran(self, given: Iterable[Command], place: Place, block: str, first_line: int = 1) -> Iterator[Ran]:
        """What `given` runs; `first_line` is the line of the file in which their text begins."""
        for command in given:
            for words, handed in programs(command):
                yield Ran(self.at(first_line + command.line - 1), place, block, words, handed)

    def ran_by_shell(self, text: str, place: Place, block: str, first_line: int = 1) -> Iterator[Ran]:
        """What a piece of shell in the file runs."""
        yield from self.ran(commands(text), place, block, first_line)

    def near(self, first: int, last: int, needle: str) -> int:
        """The line from `first` to `last` that holds `needle`; `first` where none does."""
        lines = self.lines
        return next((number for number in range(first, min(last, len(lines)) + 1) if needle in lines[number - 1]), first)
