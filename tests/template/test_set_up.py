"""`make db-setup`: a colleague's fresh clone becomes an application that runs."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from adopt.commands.set_up import declared
from tests.servers import engine_for
from tests.template.project import Project
from tests.template.test_adopt import write_baseline
from tests.wheels import make_wheel

# Where the database makes no difference: `database_url` is on SQLite.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PACKAGES = site.getsitepackages()[0]  # in the place of an index: what the project needs can be imported without being installed


def set_up(project: Project, expect: int = 0, **environment: str) -> str:
    """What `python3 migrations/adopt.py setup` says; both streams."""
    ended = subprocess.run(
        [sys.executable, project.folder / "migrations" / "adopt.py", "setup"],
        cwd=project.folder.parent,
        env={**os.environ, "FLASK_APP": "shop", "PYTHONPATH": PACKAGES, "PIP_NO_INDEX": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == expect, ended.stdout
    return ended.stdout


@pytest.fixture
def clone(database_url: str, tmp_path: Path) -> Project:
    """A project with a baseline, settings to copy and a requirement; no environment, and an empty or absent database."""
    project = Project(tmp_path / "clone", database_url)
    write_baseline(project)
    wheel = make_wheel(tmp_path, "shop-extra", "1.0")
    project.write("requirements.txt", f"{wheel}\n")
    project.write(".env.sample", f"DATABASE_URL={database_url}\n")
    return project


def test_fresh_clone(clone):
    """Environment, packages, settings and tables are there afterwards, and a second run changes nothing."""
    first = set_up(clone)
    second = set_up(clone)

    wheel = (clone.folder / "requirements.txt").read_text().strip()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert first.splitlines()[:4] == [
        f"environment  .venv, made with Python {version}",
        "packages     installed from requirements.txt",
        ".env         copied from .env.sample; your own values go there",
        "database     python -m migrations.adopt --upgrade",
    ]
    assert first.splitlines()[-1] == "next         run the application:  .venv/bin/python -m flask run"
    assert second.splitlines()[:2] == ["environment  .venv/bin/python", "database     python -m migrations.adopt --upgrade"]
    assert list((clone.folder / ".venv").rglob("shop_extra.py")), wheel
    assert (clone.folder / ".venv" / ".gitignore").read_text() == "*\n"
    assert set(inspect(engine_for(clone.database_url)).get_table_names()) == {"users", "alembic_version"}


@on_sqlite
def test_requirements_for_tests(clone):
    """What people who develop install is installed with the rest: the settings for development may name its extensions."""
    clone.write("requirements-test.txt", f"{make_wheel(clone.folder.parent, 'shop-debug', '1.0')}\n")

    said = set_up(clone)

    assert said.splitlines()[1] == "packages     installed from requirements.txt, requirements-test.txt"
    assert list((clone.folder / ".venv").rglob("shop_debug.py"))


@pytest.mark.parametrize("name", ["requirements-test.txt", "requirements_test.txt", "requirements-dev.txt", "dev-requirements.txt"])
def test_names_of_requirements_for_tests(name: str, tmp_path: Path, monkeypatch):
    """Whatever their file is called; without the application's own there is nothing to install."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).touch()

    alone = declared()
    (tmp_path / "requirements.txt").touch()

    assert (alone, declared()) == ((), ("-r", "requirements.txt", "-r", name))


@on_sqlite
def test_requirements_above_the_project(clone, tmp_path: Path):
    """A project in a folder of a repository takes those at its top; without a repository, nothing above it counts."""
    (clone.folder / "requirements.txt").rename(tmp_path / "requirements.txt")

    refused = set_up(clone, expect=2)
    shutil.rmtree(clone.folder / ".venv")
    (tmp_path / ".git").mkdir()
    said = set_up(clone)

    assert "error: no-requirements" in refused
    assert said.splitlines()[1] == "packages     installed from ../requirements.txt"


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A project without any environment, on a SQLite file that is not there."""
    return Project(tmp_path / "bare", f"sqlite:///{tmp_path}/bare.db")


def test_database_that_nobody_answers_for(bare):
    """What is missing is said, then where to fill in another one, and how to go on."""
    write_baseline(bare)

    output = set_up(bare, expect=2, VIRTUAL_ENV=sys.prefix, DATABASE_URL="postgresql://postgres@127.0.0.1:9/shop")

    assert "error: database-unreachable" in output
    assert output.splitlines()[-1] == "next         put that right, or fill in .env, then:  make db-setup"


def test_no_file_says_what_is_needed(bare):
    """The environment is kept, and what is missing is named."""
    output = set_up(bare, expect=2, PYTHONPATH="")

    assert output.splitlines()[1:] == [
        "error: no-requirements",
        "  No file says what the project needs: requirements.txt, requirements/dev.txt, requirements/base.txt, "
        "requirements.in, pyproject.toml or setup.py.",
        "  Install them in .venv/bin/python and run again:  make db-setup",
    ]


def test_tool_that_is_not_there(bare):
    """A lock file names the tool that makes the environment; where it is absent, no other environment is made."""
    bare.write("poetry.lock", "")

    output = set_up(bare, expect=2, PYTHONPATH="", PATH=str(bare.folder / "nothing"))

    assert output.splitlines() == [
        "error: no-poetry",
        "  The project uses poetry, which is not on PATH.",
        "  Install it, or make .venv yourself, and run again:  make db-setup",
    ]
    assert not (bare.folder / ".venv").exists()


@pytest.mark.parametrize("tool", ["poetry", "pdm", "uv"])
def test_tool_without_a_lock_file(bare, tool: str):
    """A table of its own in pyproject.toml tells of a tool that is on PATH, where no requirements.txt says otherwise."""
    write_baseline(bare)
    bare.write("pyproject.toml", f"[tool.{tool}]\n")
    bare.write(tool, f'#!/bin/sh\nshift 2\nexec {sys.executable} "$@"\n')
    (bare.folder / tool).chmod(0o755)

    path = f"{bare.folder}{os.pathsep}{os.environ['PATH']}"
    output = set_up(bare, PATH=path, DATABASE_URL=f"sqlite:///{bare.folder}/bare.db")

    assert output.splitlines()[0] == f"environment  that of {tool}"
    assert not (bare.folder / ".venv").exists()


@on_sqlite
def test_tool_that_is_not_there_beside_requirements(clone):
    """The same packages are in requirements.txt: they are installed in an environment that Python makes."""
    clone.write("Pipfile", "")

    assert set_up(clone).splitlines()[1] == "packages     installed from requirements.txt"
    assert (clone.folder / ".venv").exists()


def test_requirement_that_cannot_be_had(bare):
    """pip's own words come first, then what to do; its exit status is ours."""
    bare.write("requirements.txt", "no-such-distribution-anywhere\n")

    output = set_up(bare, expect=1, PYTHONPATH="")

    assert "No matching distribution found for no-such-distribution-anywhere" in output
    assert output.splitlines()[-3].startswith("error: not-installed")
    assert output.splitlines()[-1] == "  Put that right and run again:  make db-setup"


def test_flask_migrate_is_not_declared(bare):
    """An environment without Flask-Migrate is of no use to the migrations."""
    bare.write("requirements.txt", f"{make_wheel(bare.folder, 'shop-extra', '1.0')}\n")

    output = set_up(bare, expect=2, PYTHONPATH="")

    assert output.splitlines()[-3:] == [
        "error: not-installed",
        "  Flask-Migrate cannot be imported by .venv/bin/python.",
        "  Declare Flask-Migrate where the project declares Flask, and run again:  make db-setup",
    ]
    assert not (bare.folder / "bare.db").exists()
