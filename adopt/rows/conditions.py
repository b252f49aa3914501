"""The condition of a CHECK that is a list of values, as models and servers spell it.

state IN ('new', 'paid')        ((state)::text = ANY ((ARRAY['new'::character varying, 'paid'::character varying])::text[]))
"""

from __future__ import annotations

import re

VALUE = re.compile(r"'(?:[^']|'')*'|(?<!\w)-?\d+(?:\.\d+)?\b")
CAST = re.compile(r"::\w+(?: varying)?(?:\(\?\))?(?:\[\])?")
LIST = re.compile(r"(?i)(\w+) (?:in|= any|=) [?, ]+$")


def has_grown(old: str | None, new: str | None) -> bool:
    """Whether both are lists of values of one column, and the new one has all of the old one."""
    (column, values), (other, more) = _read(old), _read(new)
    return column is not None and column == other and values <= more


def _read(condition: str | None) -> tuple[str | None, set[str]]:
    """(the column, its values); (None, none) of another condition."""
    text = CAST.sub("", VALUE.sub("?", condition or ""))
    found = LIST.match(" ".join(re.sub(r'[()\[\]"`]|\bARRAY\b', " ", text.replace("=", " = ")).split()))
    # it is one where something is found
    return (found.group(1).lower(), set(VALUE.findall(condition))) if found else (None, set())  # type: ignore[arg-type]
