"""The oldest Python that the project is for: what its CI runs, what its metadata admits.

requires-python = ">=3.8"      python_requires=">=3.8"      python = "^3.8"      python-version: ["3.8", "3.12"]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from hooks.planning.flask_app import PACKAGING

ADMITTED = re.compile(
    r"(?m)^\s*(?:requires-python|python_requires|python)\s*=\s*[\"']?\s*(?:>=|\^|~=|~|==)\s*(3\.\d{1,2})"
    r"|\bpython_requires\s*=\s*[\"']\s*(?:>=|~=|==)\s*(3\.\d{1,2})"
)


def find_oldest_python(read: Callable[[str], bytes | None], said: Iterable[str]) -> str:
    """Such as "3.8", "" where nothing says it; `said` are the versions that CI and images name."""
    texts = [(read(name) or b"").decode("utf-8", "replace") for name in PACKAGING]
    found = [one or other for text in texts for one, other in ADMITTED.findall(text)]
    return min((*found, *said), key=lambda version: int(version.partition(".")[2]), default="")


def is_for(requires_python: str, python: str) -> bool:
    """Whether a distribution with this Requires-Python can be installed on the newest release of `python`, such as "3.8"."""
    try:
        return SpecifierSet(requires_python).contains(f"{python}.99")
    except InvalidSpecifier:
        return True
