"""The repository keeps its own rules: what may be imported where, which Python can read what, and that its commands exist."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
COPIER_HAS = {"questionary", "pygments", "packaging", "yaml", "jinja2", "pathspec", "platformdirs", "prompt_toolkit"}


def tracked(*paths: str) -> list[Path]:
    """The files of the repository that are, or could be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / path for path in listed.split("\0") if path and (ROOT / path).is_file()]


def label(path: Path) -> str:
    """The readable id of a parametrised case."""
    return path.relative_to(ROOT).as_posix()


def python_files(*paths: str) -> list[Path]:
    return [path for path in tracked(*paths) if path.suffix == ".py"]


IN_COPIERS_PYTHON = [path for path in python_files("hooks") if "inside" not in path.parts]
IN_PROJECTS_PYTHON = [*python_files("hooks/inside", "template", "adopt"), ROOT / "hooks" / "bundled.py"]


def imported_packages(path: Path) -> set[str]:
    """The top-level names that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("path", IN_COPIERS_PYTHON, ids=label)
def test_hooks_import_what_copier_brings(path: Path):
    """Users install Copier and nothing else, so the hook must run on what comes with it."""
    assert imported_packages(path) - set(sys.stdlib_module_names) - COPIER_HAS <= {"hooks"}


@pytest.mark.parametrize("path", IN_PROJECTS_PYTHON, ids=label)
def test_projects_with_python_3_7_can_read_it(path: Path):
    """What runs in the project's Python has the syntax of Python 3.7."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_no_packages_of_others():
    """What pip downloads into the folder is not ours to keep."""
    assert [label(path) for path in tracked() if path.name.endswith((".whl", ".tar.gz", ".zip"))] == []


def test_no_file_is_taken_for_settings():
    """A library that looks for settings beside the program that runs, and above, as Dynaconf does, finds none of ours."""
    names = re.compile(r"\.?(settings|secrets|config|local_settings)\.(py|toml|ya?ml|ini|json)|\.env|\.flaskenv")
    found = [label(path) for path in tracked() if names.fullmatch(path.name) and "tests" not in path.parts]

    assert [path for path in found if path.startswith("hooks/inside/") or path.count("/") < 2] == []


@pytest.mark.parametrize("path", tracked("template", "adopt"), ids=label)
def test_rendered_files_are_ascii(path: Path):
    """Rendered files are read back whatever the locale's encoding is."""
    assert path.read_bytes().isascii()


def make_targets() -> set[str]:
    """The targets that `make` lists."""
    listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^make ([\w-]+)", listed, re.M))


def test_make_lists_every_target():
    """Plain `make` explains each target that the Makefile declares as phony."""
    declared = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)

    assert declared
    assert make_targets() == set(declared[1].split())


def test_ci_runs_what_the_readme_names():
    """CI is an executable that runs lint and the README's test command with the servers and the old Pythons required."""
    ci = ROOT / ".ci" / "run"

    assert os.access(ci, os.X_OK)
    assert {"make lint", "make test"} <= {line.partition(" <")[0] for line in ci.read_text().splitlines()}
    assert {"REQUIRE_SERVERS=1", "REQUIRE_PYTHONS=1"} <= set(ci.read_text().split())


def test_one_oldest_copier():
    """pyproject.toml and copier.yml name the same oldest Copier."""
    oldest = yaml.safe_load((ROOT / "copier.yml").read_text())["_min_copier_version"]
    declared = re.search(r'"copier>=([\d.]+)"', (ROOT / "pyproject.toml").read_text())

    assert declared
    assert [int(part) for part in oldest.split(".")][:2] == [int(part) for part in declared[1].split(".")][:2]


def test_changelog_has_this_version():
    """The version of pyproject.toml is the newest one in CHANGELOG.md."""
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)

    assert version
    assert newest
    assert version[1] == newest[1]


def test_contributing_names_what_exists():
    """Every path in CONTRIBUTING.md's table of the repository is there."""
    named = re.findall(r"^\| `([^`]+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.M)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
