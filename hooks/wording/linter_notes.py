"""Notes on linters and type checkers that judge revisions as well: what leaves migrations/ out, with the team's own configuration.

[tool.pylint.main]   ->   note  pylint checks migrations/ too; leave it out:  ignore-paths = ["^migrations/"] in [tool.pylint.main]

Revisions are Alembic's kind of module: constants in lower case, functions without docstrings and types, names that importers do not
have. Which of those a team wants to see is its own decision, so that nothing is edited here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEADER = re.compile(r"^\[+([^\]\n]+)\]+[ \t]*$", re.MULTILINE)
RULES = r"""select\s*=\s*\[[^\]]*["'](?:ALL|ANN|D|DOC|INP|Q|S|UP)\d*["']"""
STRICT = r"(?m)^(?:strict|disallow_untyped_defs|disallow_untyped_calls)\s*=\s*[Tt]rue"


@dataclass(frozen=True)
class Linter:
    """`files` are its configurations, each with a pattern of the sections that are its own; `asks` is what has to be said there.

    The first of `notes` is on migrations/. `elsewhere` has those for files where it is said in
    another way.
    """

    name: str
    files: dict[str, str]
    asks: str
    notes: tuple[str, ...]
    elsewhere: dict[str, tuple[str, ...]] = field(default_factory=dict)


EVERY = r".*"
LINTERS = (
    Linter(
        "ruff",
        {"pyproject.toml": r"tool\.ruff\b.*", "ruff.toml": EVERY, ".ruff.toml": EVERY},
        RULES,
        ('ruff checks migrations/ too; leave it out:  extend-exclude = ["migrations"] in [tool.ruff]',),
        dict.fromkeys(
            ("ruff.toml", ".ruff.toml"), ('ruff checks migrations/ too; leave it out:  extend-exclude = ["migrations"] in {file}',)
        ),
    ),
    Linter(
        "mypy",
        {"pyproject.toml": r"tool\.mypy", "mypy.ini": "mypy", ".mypy.ini": "mypy", "setup.cfg": "mypy"},
        STRICT,
        (
            'mypy checks migrations/ too; leave it out:  exclude = ["^migrations/"] in [tool.mypy]',
            'flask_migrate has no types:  module = "flask_migrate", ignore_missing_imports = true in [[tool.mypy.overrides]]',
        ),
        dict.fromkeys(
            ("mypy.ini", ".mypy.ini", "setup.cfg"),
            (
                "mypy checks migrations/ too; leave it out:  exclude = ^migrations/ in [mypy] of {file}",
                "flask_migrate has no types:  ignore_missing_imports = True in [mypy-flask_migrate.*] of {file}",
            ),
        ),
    ),
    Linter(
        "pylint",
        {"pyproject.toml": r"tool\.pylint\b.*", ".pylintrc": EVERY, "pylintrc": EVERY, "setup.cfg": r"pylint\b.*"},
        "",
        ('pylint checks migrations/ too; leave it out:  ignore-paths = ["^migrations/"] in [tool.pylint.main]',),
        {
            **dict.fromkeys(
                (".pylintrc", "pylintrc"),
                ("pylint checks migrations/ too; leave it out:  ignore-paths=^migrations/ in [MAIN] of {file}",),
            ),
            "setup.cfg": ("pylint checks migrations/ too; leave it out:  ignore-paths=^migrations/ in [pylint.MAIN] of {file}",),
        },
    ),
    Linter(
        "bandit",
        {"pyproject.toml": r"tool\.bandit", ".bandit": EVERY},
        "",
        ('bandit checks migrations/ too; leave it out:  exclude_dirs = ["migrations"] in [tool.bandit]',),
        {".bandit": ("bandit checks migrations/ too; leave it out:  exclude = /migrations in [bandit] of {file}",)},
    ),
    Linter(
        "deptry",
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
        said = {name: "\n".join(sections(root / name, own)) for name, own in linter.files.items()}
        file = next((name for name, text in said.items() if text and re.search(linter.asks, text)), "")
        if file and "migrations" not in "".join(said.values()):
            notes = linter.elsewhere.get(file, linter.notes)[1 if is_told_where(root, linter.name) else 0 :]
            yield from (added_to(note.replace("{file}", file), said[file]) for note in notes if not is_said(note, said[file]))


def is_said(note: str, said: str) -> bool:
    """Whether mypy is asked to take any library as it is, so that nothing is to be said of flask_migrate alone."""
    return "ignore_missing_imports" in note and re.search(r"(?m)^ignore_missing_imports\s*=\s*[Tt]rue", said) is not None


def added_to(note: str, said: str) -> str:
    """The note, as one on what a list that is there gets: a second line of that name would be an error, or take its place."""
    match = re.fullmatch(r"(.*:)  ([\w-]+) ?= ?(\S+|\[[^]]*\]) in (.*)", note)
    if match is None or not re.search(rf"(?m)^{match[2]}\s*=", said):
        return note
    return f"{match[1]}  add {match[3].strip('[]')} to {match[2]} in {match[4]}"


def is_told_where(root: Path, name: str) -> bool:
    """Whether the team runs it, and only on files and folders that it names, with migrations/ or all in none of the commands."""
    if re.search(rf"\bid:\s*{name}\b", read(root / ".pre-commit-config.yaml")):
        return False  # it is given every file
    named = False
    for text in (text for path in commands_of(root) for text in re.findall(rf"\b{name}[ \t]+([^\n;&|#]*)", read(path))):
        given = {word.rstrip("/") for word in re.split(r"[\s\"',\[\]]+", text) if word.strip("/") and (root / word).exists()}
        if given & {".", "migrations"} or re.search(r"[$*]", text) or (not given and re.match(r"check|format", text)):
            return False
        named = named or bool(given)
    return named


def commands_of(root: Path) -> Iterator[Path]:
    """Files in which a team writes how it checks its code."""
    names = (
        "Makefile",
        "makefile",
        "justfile",
        "tox.ini",
        "noxfile.py",
        "tasks.py",
        ".travis.yml",
        ".gitlab-ci.yml",
        "pyproject.toml",
    )
    yield from (root / name for name in names)
    for pattern in (".github/workflows/*.y*ml", "scripts/*.sh", "*.sh"):
        yield from sorted(root.glob(pattern))


def read(path: Path) -> str:
    """The text, "" where there is no such file."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def sections(path: Path, own: str) -> Iterator[str]:
    """The sections of a file, with their headers, whose names match; one without a header has the name ""."""
    text = read(path)
    if not text:
        return
    starts = [0, *(found.start() for found in HEADER.finditer(text))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        header = HEADER.match(text, start)
        if re.fullmatch(own, header[1].strip() if header else ""):
            yield text[start:end]
