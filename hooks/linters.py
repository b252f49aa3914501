"""Notes on linters and type checkers that judge revisions as well: what leaves migrations/ out, with the team's own configuration.

[tool.pylint.main]   ->   note  pylint checks migrations/ too; leave it out:  ignore-paths = ["^migrations/"] in [tool.pylint.main]

Revisions are Alembic's kind of module: constants in lower case, functions without docstrings and types, names that importers do not
have. Which of those a team wants to see is its own decision, so that nothing is edited here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(r"^\[+([^\]\n]+)\]+[ \t]*$", re.MULTILINE)
RULES = r"""select\s*=\s*\[[^\]]*["'](?:ALL|ANN|D|DOC|INP|Q|S|UP)\d*["']"""
STRICT = r"(?m)^(?:strict|disallow_untyped_defs|disallow_untyped_calls)\s*=\s*[Tt]rue"


@dataclass(frozen=True)
class Linter:
    """`files` are its configurations, each with a pattern of the sections that are its own; `asks` is what has to be said there."""

    files: dict[str, str]
    asks: str
    notes: tuple[str, ...]


EVERY = r".*"
LINTERS = (
    Linter(
        {"pyproject.toml": r"tool\.ruff\b.*", "ruff.toml": EVERY, ".ruff.toml": EVERY},
        RULES,
        ('ruff checks migrations/ too; leave it out:  extend-exclude = ["migrations"] in [tool.ruff]',),
    ),
    Linter(
        {"pyproject.toml": r"tool\.mypy", "mypy.ini": "mypy", ".mypy.ini": "mypy", "setup.cfg": "mypy"},
        STRICT,
        (
            'mypy checks migrations/ too; leave it out:  exclude = ["^migrations/"] in [tool.mypy]',
            'flask_migrate has no types:  module = "flask_migrate", ignore_missing_imports = true in [[tool.mypy.overrides]]',
        ),
    ),
    Linter(
        {"pyproject.toml": r"tool\.pylint\b.*", ".pylintrc": EVERY, "pylintrc": EVERY, "setup.cfg": r"pylint\b.*"},
        "",
        ('pylint checks migrations/ too; leave it out:  ignore-paths = ["^migrations/"] in [tool.pylint.main]',),
    ),
    Linter(
        {"pyproject.toml": r"tool\.bandit", ".bandit": EVERY},
        "",
        ('bandit checks migrations/ too; leave it out:  exclude_dirs = ["migrations"] in [tool.bandit]',),
    ),
    Linter(
        {"pyproject.toml": r"tool\.deptry"},
        "",
        (
            'deptry checks migrations/ too; leave it out:  extend_exclude = ["migrations"] in [tool.deptry]',
            'nothing imports python-dotenv, Flask reads it:  DEP002 = ["python-dotenv"] in [tool.deptry.per_rule_ignores]',
        ),
    ),
)


def linter_notes(root: Path) -> Iterator[str]:
    """What to tell a team, in the order of LINTERS; nothing on a tool whose configuration names migrations/ already."""
    for linter in LINTERS:
        said = "\n".join(part for name, own in linter.files.items() for part in sections(root / name, own))
        if said and re.search(linter.asks, said) and "migrations" not in said:
            yield from linter.notes


def sections(path: Path, own: str) -> Iterator[str]:
    """The sections of a file, with their headers, whose names match; one without a header has the name ""."""
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    starts = [0, *(found.start() for found in HEADER.finditer(text))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        header = HEADER.match(text, start)
        if re.fullmatch(own, header[1].strip() if header else ""):
            yield text[start:end]
