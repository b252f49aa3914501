"""The files themselves: what every user's repository receives."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.template.conftest import TEMPLATE

FILES = [path for path in sorted((TEMPLATE / "migrations").rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATE)))
def test_ascii_with_plain_line_ends(path):
    """Alembic reads alembic.ini in the encoding of the machine, so every byte is ASCII; lines are short."""
    text = path.read_bytes().decode("ascii")

    assert "\r" not in text
    assert "\t" not in text or path.suffix == ".mk"
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) <= 140


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".py"], ids=lambda path: str(path.relative_to(TEMPLATE)))
def test_python_3_7(path):
    """The syntax is that of the oldest Python that projects run."""
    ast.parse(path.read_text(), feature_version=(3, 7))


def make(folder: Path, *arguments: str) -> str:
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def makefile(folder: Path) -> None:
    (folder / "Makefile").write_text(f"include {TEMPLATE}/migrations/db.mk\n\nstart:\n\t@echo started\n")


def test_included_targets_do_not_become_the_default(tmp_path):
    """`make` alone does what it did before the include."""
    makefile(tmp_path)

    assert make(tmp_path) == "started\n"


def test_help_lists_every_target(tmp_path):
    """Each target of db.mk has its line."""
    makefile(tmp_path)
    lines = make(tmp_path, "db-help").splitlines()

    assert [line.split()[0] for line in lines] == [
        "db-help",
        "db-setup",
        "db-migrate",
        "db-upgrade",
        "db-downgrade",
        "db-status",
        "db-check",
        "db-sql",
        "db-history",
        "db-adopt",
        "db-deploy",
    ]


@pytest.mark.parametrize(
    ("flask", "python"),
    [
        ("flask", "python"),
        (".venv/bin/flask", ".venv/bin/python"),
        ("uv run flask", "uv run python"),
        ("python3 -m flask", "python3"),
    ],
)
def test_python_beside_flask(tmp_path, flask, python):
    """The commands of migrations/adopt run in the Python of that `flask`."""
    makefile(tmp_path)

    assert make(tmp_path, "-n", "db-adopt", f"FLASK={flask}") == f"{python} -m migrations.adopt\n"
    assert make(tmp_path, "-n", "db-upgrade", f"FLASK={flask}") == f"{flask} db upgrade\n"


def test_environment_of_the_project_is_found_without_activating_it(tmp_path):
    """Where none is active, the `flask` in .venv is the one; an active environment comes first."""
    makefile(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "flask").touch()

    assert make(tmp_path, "-n", "db-upgrade", "VIRTUAL_ENV=") == ".venv/bin/flask db upgrade\n"
    assert make(tmp_path, "-n", "db-check", "VIRTUAL_ENV=") == ".venv/bin/python -m migrations.adopt check\n"
    assert make(tmp_path, "-n", "db-upgrade", "VIRTUAL_ENV=/elsewhere") == "flask db upgrade\n"


def test_message_with_quotes(tmp_path):
    """A message is passed on as it is, whatever the shell would make of it."""
    makefile(tmp_path)

    printed = make(tmp_path, "db-migrate", 'm=it\'s "x" `id` $$HOME', "FLASK=printf '%s|'", "DB_PYTHON=true")

    assert printed.splitlines()[1] == 'db|migrate|-m|it\'s "x" `id` $HOME|'


def test_page_for_every_team():
    """It is the same in every project, and says whose each file of migrations/ is."""
    page = (TEMPLATE / "migrations" / "README.md").read_text()
    named = set(re.findall(r"`([\w./-]+)`", page.partition("\n## What is whose\n")[2]))

    assert "{{" not in page
    assert {path.name for path in (TEMPLATE / "migrations").iterdir() if path.is_file()} - {"README.md"} <= named
    assert named >= {"adopt.py", "versions/", "project.ini", "SCHEMA.md"}
    assert "adopt/" not in named
