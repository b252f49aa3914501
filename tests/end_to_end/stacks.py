"""Environments of old to newest stacks, as projects in the wild have them, made from PyPI.

uv makes one in a second or two: its cache keeps what was downloaded, and several test processes share it safely. A Python is
that of the tests, one on PATH, or one of pyenv's. Where it is missing the test is skipped, and with REQUIRE_PYTHONS=1 it fails.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import uv

from tests.end_to_end.tools import run
from tests.thorough import usual_or_all

ALL_DIALECTS = ("sqlite", "postgresql", "mariadb")
# Flask 0.12 and 1.0 set no upper bounds and work with none of today's versions of these.
OF_THEIR_TIME = ("Werkzeug<1", "Jinja2<3", "MarkupSafe<2.1", "itsdangerous<2.1", "click<8")


@dataclass(frozen=True)
class Stack:
    """What a project has installed, on which Python ("3.7"), and the databases that it is tried on.

    Without pip among the requirements the environment has none, as those that uv makes. `is_optional`: a machine that has no such
    Python skips it in any case.
    """

    python: str
    requirements: tuple[str, ...]
    dialects: Sequence[str] = ("sqlite",)
    postgresql_driver: str = "psycopg2-binary"
    is_optional: bool = False

    def driver(self, dialect: str) -> tuple[str, ...]:
        """What connects to such a database."""
        return {"sqlite": (), "postgresql": (self.postgresql_driver,), "mariadb": ("PyMySQL",)}[dialect]


STACKS = {
    "flask-0.12": Stack("3.7", ("Flask==0.12.5", "Flask-SQLAlchemy==2.1", "SQLAlchemy==1.2.19", *OF_THEIR_TIME), ALL_DIALECTS),
    "flask-1.0": Stack(
        "3.7",
        ("Flask==1.0.4", "Flask-SQLAlchemy==2.3.2", "SQLAlchemy==1.2.19", "alembic==1.4.0", "pip==20.1.1", *OF_THEIR_TIME),
    ),
    "flask-1.1": Stack("3.8", ("Flask==1.1.4", "Flask-SQLAlchemy==2.4.4", "SQLAlchemy==1.3.24", "MarkupSafe<2.1", "pip")),
    "flask-2.0": Stack("3.9", ("Flask==2.0.3", "Flask-SQLAlchemy==2.5.1", "SQLAlchemy==1.4.54", "Werkzeug<3")),
    "flask-2.3": Stack("3.11", ("Flask==2.3.3", "Flask-SQLAlchemy==3.0.5", "SQLAlchemy<2.1")),
    "flask-3.0": Stack("3.12", ("Flask<3.1", "Flask-SQLAlchemy==3.1.1", "SQLAlchemy<2.1", "pip")),
    # with SQLite most other tests are like it
    "newest": Stack(
        "3.13", ("Flask", "Flask-SQLAlchemy", "SQLAlchemy"), usual_or_all(ALL_DIALECTS[1:], ALL_DIALECTS), "psycopg[binary]"
    ),
    "python-3.14": Stack("3.14", ("Flask", "Flask-SQLAlchemy", "SQLAlchemy"), ALL_DIALECTS, "psycopg[binary]", is_optional=True),
}


@dataclass(frozen=True)
class Environment:
    """A virtual environment; `activated` is what activating it does to the environment variables."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def activated(self) -> dict[str, str]:
        # Some twenty processes run in it, and uv compiles nothing: the first one that imports a package does.
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "VIRTUAL_ENV": str(self.folder), "PYTHONDONTWRITEBYTECODE": ""}

    def installed(self) -> dict[str, str]:
        """Versions by name in lower case."""
        listed = run_uv("pip", "list", "--python", self.python, "--format", "json")
        return {one["name"].lower(): one["version"] for one in json.loads(listed)}


def make_environment(stack: Stack, dialect: str, folder: Path) -> Environment:
    """Make a stack's environment in `folder`, with the driver for one kind of database."""
    environment = Environment(folder)
    run_uv("venv", "--python", require_python(stack.python, is_optional=stack.is_optional), folder)
    run_uv("pip", "install", "--python", environment.python, *stack.requirements, *stack.driver(dialect))
    return environment


def run_uv(*arguments: object) -> str:
    """The output of a uv command that must go well."""
    # SQLAlchemy 1.2 has no wheels; without its optional parts in C, building it needs no compiler.
    result = run(uv.find_uv_bin(), *arguments, cwd=Path.cwd(), env={"DISABLE_SQLALCHEMY_CEXT": "1"})
    assert result.returncode == 0, result.output
    return result.stdout


@cache
def find_python(version: str) -> str | None:
    """A Python of this version ("3.7") that runs; what is on PATH may be pyenv's shim for one that is not chosen."""
    candidates = [sys.executable, shutil.which(f"python{version}")]
    if pyenv := shutil.which("pyenv"):
        root = Path(run(pyenv, "root", cwd=Path.cwd()).stdout.strip())
        candidates += [str(path) for path in sorted(root.glob(f"versions/{version}.*/bin/python"))]
    check = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    return next((one for one in candidates if one and run(one, "-c", check, cwd=Path.cwd()).returncode == 0), None)


def require_python(version: str, *, is_optional: bool = False) -> str:
    """The same; skips the test, or fails it under REQUIRE_PYTHONS=1, where there is none that has to be there."""
    if python := find_python(version):
        return python
    words = f"no Python {version}, neither on PATH as python{version} nor among pyenv's:  pyenv install {version}"
    if os.environ.get("REQUIRE_PYTHONS") == "1" and not is_optional:
        pytest.fail(words)
    pytest.skip(words)
