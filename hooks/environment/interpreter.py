"""Find the Python that runs the project: the first in which Flask and Flask-SQLAlchemy are both installed.

In this order: the answer, VIRTUAL_ENV, an environment in the project's folder, one in its parent's, Poetry's, Pipenv's, PDM's,
conda's, and what `python3` and `python` are on PATH. Copier's own Python counts as any other does: when both packages are in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hooks.base.errors import FlaskTooOld, NoInterpreter, SqlalchemyTooOld
from hooks.base.facts import Interpreter, Tried
from hooks.environment.distributions import NoAnswer, Probe, probe

OLDEST = (3, 7)
OLDEST_VERSIONS = (("flask", (0, 11), FlaskTooOld), ("sqlalchemy", (1, 2), SqlalchemyTooOld))  # the first with a `flask` command
NEEDED = {"flask": "Flask", "flask-sqlalchemy": "Flask-SQLAlchemy"}
FOLDERS = (".venv", "venv", "env")
TOOL_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Candidate:
    """A Python that may be the project's: a path or a command's name, and how it was come upon."""

    python: str
    found_by: str


def find_interpreter(root: Path, answer: str, environ: Mapping[str, str]) -> Interpreter:
    """The project's Python. `answer` is "auto", a Python, or the folder of a virtual environment; then no other is looked at.

    Raises:
        NoInterpreter: none has both packages; carries each one that was tried, and why it was not taken.
        FlaskTooOld: the first that has both has a Flask without its command.
        SqlalchemyTooOld: it has a SQLAlchemy that the checks do not know.
    """
    tried: list[Tried] = []
    seen: set[str] = set()
    for candidate in _named(root, answer, environ) if answer not in ("", "auto") else candidates(root, environ):
        if candidate.python in seen:
            continue
        seen.add(candidate.python)
        try:
            found = probe(candidate.python, environ, root)
        except NoAnswer as why:
            tried.append(Tried(candidate.python, candidate.found_by, str(why)))
            continue
        lacking = why_not(found)
        if not lacking:
            require_versions(found)
            return as_interpreter(found, candidate.found_by)
        tried.append(Tried(candidate.python, candidate.found_by, lacking))
    is_missing = answer not in ("", "auto") and not any(Path(one.python).exists() for one in tried)
    raise NoInterpreter(answer, tried, is_missing=is_missing)


def why_not(found: Probe) -> str:
    """What keeps this Python from being the project's, in words; empty if nothing does."""
    if found.version < OLDEST:
        return f"is Python {'.'.join(map(str, found.version))}; 3.7 is the oldest that can be used"
    missing = [name for key, name in NEEDED.items() if key not in found.distributions]
    return f"has no {' and no '.join(missing)}" if missing else ""


def require_versions(found: Probe) -> None:
    """Raise FlaskTooOld or SqlalchemyTooOld for one that is too old; a version that cannot be read counts as newer."""
    for name, oldest, error in OLDEST_VERSIONS:
        numbers = re.match(r"(\d+)\.(\d+)", found.installed.get(name, ""))
        if numbers and tuple(map(int, numbers.groups())) < oldest:
            raise error(found.executable, found.installed[name])


def as_interpreter(found: Probe, found_by: str) -> Interpreter:
    """The fact that the stages hand on."""
    return Interpreter(
        path=found.executable,
        found_by=found_by,
        version=(found.version[0], found.version[1]),
        installed=found.installed,
        has_pip=found.has_pip,
        is_externally_managed=found.is_externally_managed,
    )


def candidates(root: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Every Python that may be the project's, the likeliest first; those that cost a call of another tool are asked for late."""
    if environ.get("VIRTUAL_ENV"):
        yield from _environment(Path(environ["VIRTUAL_ENV"]), "VIRTUAL_ENV")
    yield from _environments_in(root, "")
    yield from _environments_in(root.resolve().parent, "../", FOLDERS[:2])
    if environ.get("UV_PROJECT_ENVIRONMENT"):
        yield from _environment(root / environ["UV_PROJECT_ENVIRONMENT"], "UV_PROJECT_ENVIRONMENT")
    yield from _of_tools(root, environ)
    if environ.get("CONDA_PREFIX"):
        yield from _environment(Path(environ["CONDA_PREFIX"]), "CONDA_PREFIX")
    for name in ("python3", "python"):
        path = shutil.which(name, path=environ.get("PATH", os.defpath))
        if path:
            yield Candidate(path, f"{name} on PATH")


def _named(root: Path, answer: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    path = root / Path(answer).expanduser()
    if path.is_dir():
        inside = list(_environment(path, f"-d python={answer}"))
        yield from inside or [Candidate(str(path / "bin" / "python"), f"-d python={answer}")]
        return
    command = (
        None if path.exists() or os.sep in answer or "/" in answer else shutil.which(answer, path=environ.get("PATH", os.defpath))
    )
    yield Candidate(command or str(path), f"-d python={answer}")


def _environment(folder: Path, found_by: str) -> Iterator[Candidate]:
    """The Python of a virtual or conda environment, on any system."""
    for inside in ("bin/python", "Scripts/python.exe", "bin/python3", "python.exe"):
        if (folder / inside).is_file():
            yield Candidate(str(folder / inside), found_by)
            return


def _environments_in(folder: Path, prefix: str, names: tuple[str, ...] = FOLDERS) -> Iterator[Candidate]:
    others: list[str] = []
    if not prefix:
        others = sorted(one.name for one in _subfolders(folder) if one.name not in names and _is_environment(one))
    for name in (*names, *others):
        yield from _environment(folder / name, prefix + name)


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.is_dir()]
    except OSError:
        return []


def _is_environment(folder: Path) -> bool:
    return any((folder / mark).is_file() for mark in ("pyvenv.cfg", "bin/activate", "Scripts/activate"))


def _of_tools(root: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """The environments that Poetry, Pipenv and PDM keep elsewhere."""
    # A tool that is run from an activated environment takes that one for its own.
    outside = {name: value for name, value in environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME")}
    if (root / "poetry.lock").is_file() or b"[tool.poetry" in _bytes(root / "pyproject.toml"):
        folder = _ask(root, outside, "poetry", "env", "info", "-p")
        if folder:
            yield from _environment(Path(folder), "poetry env info")
    if (root / "Pipfile").is_file():
        folder = _ask(root, {**outside, "PIPENV_IGNORE_VIRTUALENVS": "1"}, "pipenv", "--venv")
        if folder:
            yield from _environment(Path(folder), "pipenv --venv")
    noted = _bytes(root / ".pdm-python").decode("utf-8", "replace").strip()
    if noted:
        yield Candidate(noted, ".pdm-python")
    elif (root / "pdm.lock").is_file() or b"[tool.pdm" in _bytes(root / "pyproject.toml"):
        python = _ask(root, outside, "pdm", "info", "--python")
        if python:
            yield Candidate(python, "pdm info")


def _ask(root: Path, environ: Mapping[str, str], tool: str, *arguments: str) -> str:
    """The last line that a tool says, empty where it is not there or fails."""
    command = shutil.which(tool, path=environ.get("PATH", os.defpath))
    if command is None:
        return ""
    try:
        done = subprocess.run(
            [command, *arguments],
            cwd=root,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOOL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines and not done.returncode else ""


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
