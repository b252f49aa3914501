"""How a new requirement is written and where it goes, so that it looks like its neighbours.

Flask-SQLAlchemy==2.5.1        Flask-Migrate==4.1.0
flask_sqlalchemy ~= 3.0        flask_migrate ~= 4.1
"flask-sqlalchemy (>=3.1,<4)"  "flask-migrate (>=4.1.0,<5)"
Flask-SQLAlchemy = "^2.5"      Flask-Migrate = "^4.1.0"
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from packaging.version import InvalidVersion, Version

from hooks.base.formats.requirement import Entry, normalised

FLASK, FLASK_SQLALCHEMY = "flask", "flask-sqlalchemy"
# Names as their authors write them; any other is written as it is normalised.
DISPLAYED = {"flask-migrate": "Flask-Migrate", "mako": "Mako", "markupsafe": "MarkupSafe", "sqlalchemy": "SQLAlchemy"}
# What people and tools sort by.
KEYS: tuple[Callable[[Entry], str], ...] = (
    lambda entry: entry.name.lower(),
    lambda entry: entry.key,
    lambda entry: entry.name,
    lambda entry: (entry.name + entry.specifier).lower(),
    lambda entry: entry.name + entry.specifier,
)
FEW = 8  # one in so many may be out of order at the end
BY_A_TOOL = 8  # so many in order at the beginning are no chance, as where `pip freeze` wrote a list that grew by hand
_CLAUSE = re.compile(r"\s*(===|==|~=|!=|>=|<=|>|<|\^|~|=)?(\s*)([^\s,]+)\s*")
_COMMENT_OR_BLANK = re.compile(r"\n[ \t]*(?:[#;]|\r?\n)")


@dataclass(frozen=True)
class Package:
    """A distribution to be declared, with its installed version ("": not known).

    `is_direct` is False for what only came along; such are listed in frozen files only. `is_for_all` is False where that version
    cannot be installed on every Python that the project is for: only frozen files, which are for one Python, name it then.
    `required_by` and `hashes` ("sha256:...") are for compiled files and for those with hashes.
    """

    name: str
    version: str
    is_direct: bool = True
    required_by: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    is_for_all: bool = True

    @property
    def key(self) -> str:
        """The name as PEP 503 normalises it."""
        return normalised(self.name)


def find_anchor(entries: Sequence[Entry]) -> Entry | None:
    """The requirement that a new one imitates: Flask-SQLAlchemy, else Flask, else an extension of Flask; of several, the last."""
    places = [entry for entry in entries if entry.is_place]
    for key in (FLASK_SQLALCHEMY, FLASK):
        named = [entry for entry in places if entry.key == key]
        if named:
            return named[-1]
    extensions = [entry for entry in places if entry.key.startswith("flask-")]
    return extensions[-1] if extensions else None


def spelled(key: str, like: str) -> str:
    """The name in the spelling of `like`: its capitals, and what it has between words."""
    name = DISPLAYED.get(key, key)
    if like[0].islower():
        name = name.lower()
    elif like == like.upper() and len(like) > 1:
        name = name.upper()
    return name.replace("-", "_") if "_" in like else name


def specifier_like(entries: Sequence[Entry], anchor: Entry, version: str) -> str:
    """What follows the name, in the manner of `anchor`; where that has a URL, as most others of the list have it."""
    version = re.sub(r"\+.*", "", version)
    like = anchor.specifier
    if like.lstrip().startswith("@"):
        others = [entry.specifier for entry in entries if not entry.specifier.lstrip().startswith("@")]
        pins = [other for other in others if re.match(r"\s*==\s*\d", other)]
        like = pins[0] if len(pins) * 2 > len(others) else ("*" if others and all(other == "*" for other in others) else "")
    twins = [entry for entry in entries if entry.key == anchor.key]
    if not version or len(twins) > 1:
        return "*" if like.strip() == "*" or (like[:1] in ("^", "~") and like[1:2] != "=") else ""
    return rewritten(like, version)


def marker_like(entries: Sequence[Entry], anchor: Entry) -> str:
    """The environment marker of `anchor`; none where several lines share its name, one for each environment."""
    return anchor.marker if sum(entry.key == anchor.key for entry in entries) == 1 else ""


def rewritten(specifier: str, version: str) -> str:
    """`specifier` with its lower bound (or pin) at `version` and its upper bound below the next major version."""
    match = re.fullmatch(r"(\s*\(?)(.*?)(\)?\s*)", specifier, re.DOTALL)
    assert match is not None
    before, inner, after = match.groups()
    if not inner or inner == "*":
        return specifier
    clauses = []
    for part in inner.split(","):
        clause = _CLAUSE.fullmatch(part)
        if clause is None or "||" in inner:
            return ""
        operator, gap, old = clause[1] or "", clause[2], clause[3]
        lead = part[: len(part) - len(part.lstrip())]
        if operator in ("==", "===", "", "=", ">=", ">", "^", "~", "~="):
            operator = ">=" if operator == ">" else operator
            clauses.append(lead + operator + gap + _as_long(operator, old, version))
        elif operator in ("<", "<=") and clauses:
            clauses.append(f"{lead}<{gap}{_next_major(old, version)}")
    return before + ",".join(clauses) + after if clauses else ""


def _as_long(operator: str, old: str, version: str) -> str:
    """`version` with as many numbers as `old` has, where that number carries meaning."""
    numbers = version.split(".")
    if old.endswith(".*"):
        return ".".join(numbers[: old.count(".")]) + ".*"
    if operator in ("~=", "~") and not re.search(r"[^\d.]", version):
        wanted = max(old.count(".") + 1, 2 if operator == "~=" else 1)
        return ".".join((numbers + ["0"] * wanted)[:wanted])
    return version


def _next_major(old: str, version: str) -> str:
    try:
        major = Version(version).major
    except InvalidVersion:
        major = 0
    return ".".join([str(major + 1), *["0"] * old.count(".")]) if re.fullmatch(r"[\d.]+", old) else str(major + 1)


def place(text: str, entries: Sequence[Entry], anchor: Entry, new: Entry, after: str) -> int:
    """The number of entries that come before `new`: where the alphabet puts it in a sorted list, else right after `anchor`.

    A list is sorted as a whole, in the block of `anchor`, which ends at an empty line or a comment, or but for a few that were
    added below. `after` is the normalised name of the requirement that was put in before this one; in an unsorted list they stay
    together.
    """
    has_blocks = any(_is_gap(text, one, other) for one, other in pairwise(entries))
    order = sorted_by(entries, KEYS[:2] if has_blocks else KEYS)
    if order is not None and len(entries) > 1:
        return bisect_right([order(entry) for entry in entries], order(new))
    at = entries.index(anchor)
    first, last = at, at
    while first > 0 and not _is_gap(text, entries[first - 1], entries[first]):
        first -= 1
    while last + 1 < len(entries) and not _is_gap(text, entries[last], entries[last + 1]):
        last += 1
    block = entries[first : last + 1]
    order = sorted_by(block)
    if order is not None and len(block) > 2:
        return first + bisect_right([order(entry) for entry in block], order(new))
    length, order = sorted_beginning(entries)
    if order is not None and at < length:
        return bisect_right([order(entry) for entry in entries[:length]], order(new))
    previous = [index for index, entry in enumerate(entries) if entry.key == after]
    return (previous[-1] if previous else at) + 1


def sorted_by(entries: Sequence[Entry], keys: Sequence[Callable[[Entry], str]] = KEYS) -> Callable[[Entry], str] | None:
    """The first of `keys` by which the entries are in order; None if there is none."""
    for key in keys:
        found = [key(entry) for entry in entries]
        if found == sorted(found):
            return key
    return None


def sorted_beginning(entries: Sequence[Entry]) -> tuple[int, Callable[[Entry], str] | None]:
    """How many entries come before those that were added below a sorted list, and its order; (0, None) where there is no such.

    At most one in FEW was added, or up to half of them below so many in order that a tool wrote them.
    """
    most = max(len(entries) // FEW, min(len(entries) - BY_A_TOOL, len(entries) // 2))
    for few in range(1, most + 1):
        order = sorted_by(entries[:-few])
        if order is not None:
            return len(entries) - few, order
    return 0, None


def _is_gap(text: str, one: Entry, other: Entry) -> bool:
    between = text[one.end : other.start]
    return _COMMENT_OR_BLANK.search(("\n" if text[one.end - 1 : one.end] == "\n" else "") + between) is not None
