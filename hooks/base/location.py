"""Places in the user's files.

Paths are relative to the project's root and use "/"; lines count from 1; columns count UTF-8 bytes from 0, as `ast` does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Location:
    """A line that a person can look up; `text` is that line without its surrounding white space."""

    path: str
    line: int
    text: str = ""


@dataclass(frozen=True, order=True)
class Span:
    """The exact extent of a syntax node, as `ast` reports it."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
