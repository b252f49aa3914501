"""How long the project lets a line be, as it tells its formatter or linter, and whether one wants its imports first.

[tool.black] line-length = 100      [tool.ruff] line-length = 100      [flake8] max-line-length = 100      black -l 100
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

# The formatter before the linters, which must take what it makes.
NAMES = (
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    "setup.cfg",
    "tox.ini",
    ".flake8",
    ".pylintrc",
    ".pre-commit-config.yaml",
    "Makefile",
)
SAID = re.compile(
    r"(?m)^\s*(?:line|max-line)[-_]length\s*=\s*(\d{2,3})\b|^\s*max_line_length\s*=\s*(\d{2,3})\b"
    r"|--(?:max-)?line-length[= ](\d{2,3})\b|\bblack\b[^\n#]*?[ ]-l[= ]?(\d{2,3})\b"
)
DEFAULT, DEFAULT_OF_FLAKE8 = 88, 79
ASKS_FOR_LINTERS = re.compile(
    r"(^|/)([\w.-]*requirements[\w.-]*\.(txt|in)|Pipfile|\.gitlab-ci\.yml|\.github/workflows/[^/]+\.ya?ml)$"
)
WANTS_IMPORTS_FIRST = re.compile(r"(?i)\b(flake8|pycodestyle|pep8|pylint|pylama|prospector)\b")


def find_line_length(files: Iterable[str], read: Callable[[str], bytes | None]) -> int:
    """The length that is said first; 79 where only flake8 or pycodestyle is spoken of; 88 where nothing is said."""
    present = set(files)
    texts = [(read(name) or b"").decode("utf-8", "replace") for name in NAMES if name in present]
    for text in texts:
        found = SAID.search(text)
        if found:
            return int(next(filter(None, found.groups())))
    together = "\n".join(texts)
    is_checked_only = re.search(r"flake8|pycodestyle|pep8", together) and not re.search(r"\b(black|ruff)\b", together)
    return DEFAULT_OF_FLAKE8 if is_checked_only else DEFAULT


def wants_imports_first(files: Iterable[str], read: Callable[[str], bytes | None]) -> bool:
    """Whether a linter may be run that lets no plain statement stand before an import; Ruff allows what sets `os.environ`."""
    texts = (read(name) or b"" for name in files if name in NAMES or ASKS_FOR_LINTERS.search(name))
    return any(WANTS_IMPORTS_FIRST.search(text.decode("utf-8", "replace")) for text in texts)
