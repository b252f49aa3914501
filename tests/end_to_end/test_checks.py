"""A team's own checks are as green after the run as before, or the report names what they find, and the line that ends it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.end_to_end.stacks import Environment, Stack, make_environment
from tests.end_to_end.tools import Project, commit_all, make_project, run, run_copier, said

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
FLASK = ("flask==3.1.3", "flask-sqlalchemy==3.1.1", "sqlalchemy==2.1.9", "pytest==9.2.0")
STACKS = {
    "checked_by_ruff": Stack(PYTHON, (*FLASK, "ruff==0.17.6", "mypy==2.4.1")),
    "checked_by_black": Stack(
        PYTHON,
        (
            *FLASK,
            "bandit==1.9.4",
            "black==26.10.1",
            "deptry==0.25.1",
            "flake8==7.5.0",
            "isort==9.0.2",
            "pre-commit==4.7.0",
            "pylint==4.1.4",
            "setuptools==84.2.1",
        ),
    ),
}
COMMANDS = {
    "checked_by_ruff": (
        "ruff format --check .",
        "ruff check .",
        "mypy",
        "python -m pytest -p no:cacheprovider",
    ),
    "checked_by_black": (
        "black --check .",
        "isort --check-only .",
        "flake8",
        "pylint --recursive=y .",
        "bandit -q -r . -c pyproject.toml",
        "deptry .",
        "pre-commit run --all-files",
        "python -m pytest -p no:cacheprovider",
    ),
}
# What the report asks for, as it is written into pyproject.toml: (the header, its lines); with what a note says to add to a list
# that is there in the third place.
SETTINGS = {
    "checked_by_ruff": (
        ("[tool.ruff]", 'extend-exclude = ["migrations"]'),
        ("[tool.mypy]", 'exclude = ["^migrations/"]'),
        ("[[tool.mypy.overrides]]", 'module = "flask_migrate"\nignore_missing_imports = true'),
    ),
    "checked_by_black": (
        ("[tool.pylint.main]", 'ignore-paths = ["build", "^migrations/"]', 'add "^migrations/" to ignore-paths in '),
        ("[tool.bandit]", 'exclude_dirs = ["tests", "migrations"]', 'add "migrations" to exclude_dirs in '),
        ("[tool.deptry]", 'extend_exclude = ["migrations"]'),
        ("[tool.deptry.per_rule_ignores]", 'DEP002 = ["python-dotenv"]'),
    ),
}
# The last column of the model, and one that is added later.
LAST = {"checked_by_ruff": "    grams: Mapped[int]\n", "checked_by_black": "    grams = db.Column(db.Integer, nullable=False)\n"}
NEW = {
    "checked_by_ruff": "    baked_by: Mapped[str | None] = mapped_column(db.String(80), index=True)\n",
    "checked_by_black": "    baked_by = db.Column(String(80), index=True)\n",
}


@pytest.mark.parametrize("shape", COMMANDS)
def test_green_stays_green(shape: str, tmp_path: Path) -> None:
    """All that fails after the run is in its report, and with what it says there nothing fails, nor with the next revision."""
    project = make_project(shape, tmp_path)
    environment = make_environment(STACKS[shape], "sqlite", tmp_path / "environment")
    assert failing(project, environment) == {}

    result = run_copier(project, f"python={environment.python}")
    commit_all(project.root)

    assert result.returncode == 0, result.output
    failed = failing(project, environment)
    notes = [line for line in said(result).splitlines() if line.startswith("note ")]
    for header, lines, *added in SETTINGS[shape]:
        asked = added or lines.splitlines()
        assert any(header in note and all(words in note for words in asked) for note in notes), (header, notes)
        put(project, header, lines)
    named = {command for command in COMMANDS[shape] if any(note.split()[1] == command.split()[0] for note in notes)}
    assert failed.keys() <= named, failed
    assert failing(project, environment) == {}

    models = project.root / "bakery" / "models.py"
    models.write_text(models.read_text().replace(LAST[shape], LAST[shape] + NEW[shape]))
    run("flask", "db", "migrate", "-m", "baked by", cwd=project.root, env=environment.activated)
    assert list(project.root.glob("migrations/versions/*_baked_by.py"))
    commit_all(project.root)
    assert failing(project, environment) == {}


def failing(project: Project, environment: Environment) -> dict[str, str]:
    """What those of the team's commands that fail say."""
    home = {"PRE_COMMIT_HOME": str(project.top.parent / "pre-commit")}
    ended = {
        command: run(*command.split(), cwd=project.root, env={**environment.activated, **home})
        for command in COMMANDS[project.shape.name]
    }
    return {command: result.output for command, result in ended.items() if result.returncode}


def put(project: Project, header: str, lines: str) -> None:
    """Write lines into a section of pyproject.toml, in the place of what it says about the same."""
    path = project.root / "pyproject.toml"
    text = path.read_text()
    key = lines.partition(" = ")[0]
    kept = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(key + " ="))
    path.write_text(
        kept.replace(header + "\n", f"{header}\n{lines}\n") if header + "\n" in kept else f"{kept}\n{header}\n{lines}\n"
    )
