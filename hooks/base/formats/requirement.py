"""One declared requirement: what it says, and where in its file it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REQUIREMENT = re.compile(
    r"""\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\s*\[[^\]]*\])?
    (?P<gap>\s*)(?P<specifier>\([^)]*\)|@[^;]*|[<>=!~][^;]*)?\s*(?P<marker>;.*)?\s*$""",
    re.VERBOSE | re.DOTALL,
)

# In the name of a file or a group: not what the application needs to run.
ASIDE = re.compile(r"dev|test|doc|lint|ci\b", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A requirement in a file; `start` and `end` are the offsets of all that belongs to it, its whole lines where it has lines.

    `specifier` is what follows the name, as written: "==1.2", " >= 2.0", " (>=3.1,<4.0)", "^2.0", "*", "" when nothing does.
    `marker` is the environment marker with its semicolon and white space. `quote` is the quotation mark around it, if any.
    `is_place` says that another entry can be put beside it.
    """

    name: str
    specifier: str
    start: int
    end: int
    line: int
    marker: str = ""
    quote: str = ""
    is_place: bool = True

    @property
    def key(self) -> str:
        """The name as PEP 503 normalises it."""
        return normalised(self.name)


def normalised(name: str) -> str:
    """The name as PEP 503 normalises it: "Flask_SQLAlchemy" is "flask-sqlalchemy"."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_requirement(text: str, start: int, end: int, line: int, quote: str = "") -> Entry | None:
    """The requirement that `text` (PEP 508, or Poetry's form of it) states; None for anything else, such as a path or a URL."""
    match = _REQUIREMENT.match(text)
    if match is None:
        return None
    gap, specifier = match["gap"] or "", (match["specifier"] or "").rstrip()
    before_marker = text[: match.start("marker")] if match["marker"] else ""
    space = before_marker[len(before_marker.rstrip()) :]
    marker = space + match["marker"].rstrip() if match["marker"] else ""
    return Entry(match["name"], gap + specifier if specifier else "", start, end, line, marker, quote)
