"""Which Python runs the project."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from hooks.base.errors import FlaskTooOld, NoInterpreter, SqlalchemyTooOld
from hooks.base.facts import Tried
from hooks.environment.distributions import NoAnswer, probe
from hooks.environment.interpreter import find_interpreter
from hooks.wording.reasons import explain
from tests.wheels import add_distributions, make_environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

BOTH = {"Flask": "3.1.0", "Flask-SQLAlchemy": "3.1.1"}
NOWHERE = {"PATH": "/nowhere"}


def stand_in(path: Path, output: str, status: int = 0) -> Path:
    """A program that prints `output`, whatever it is asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / f"{path.name}.txt").write_text(output)
    path.write_text(f"#!/bin/sh\nwhile read -r line; do echo \"$line\"; done < '{path}.txt'\nexit {status}\n")
    path.chmod(0o755)
    return path


def said(version: tuple[int, ...], **more: object) -> str:
    """What a Python answers when it is asked about itself."""
    distributions = [["Flask", "1.0", [], False, ""], ["Flask-SQLAlchemy", "2.1", [], False, ""]]
    answer = {"version": version, "prefix": "/p", "executable": "/p/python", "distributions": distributions}
    return json.dumps({**answer, "has_pip": False, "is_externally_managed": False, **more}) + "\n"


@pytest.mark.parametrize("answer", ["nowhere/bin/python", "/nowhere/venv"])
def test_named_python_that_is_not_there(tmp_path: Path, answer: str):
    """The message says that nothing is there, not that packages are missing."""
    with pytest.raises(NoInterpreter) as stopped:
        find_interpreter(tmp_path, answer, NOWHERE)

    assert explain(stopped.value) == (
        "error: no-python\n"
        f"  -d python={answer} names no file and no folder that is there.\n"
        "  Nothing was changed.\n"
        "  Name the project's Python or virtual environment, and run again:  -d python=..."
    )


@pytest.mark.parametrize("folder", [".venv", "venv", "env", "my-python"])
def test_environment_in_the_project(tmp_path: Path, folder: str):
    """An environment in the project's own folder is found under any name."""
    python = make_environment(tmp_path / folder, {**BOTH, "zope.interface": "5.0"})

    interpreter = find_interpreter(tmp_path, "auto", NOWHERE)

    assert (interpreter.path, interpreter.found_by) == (str(python), folder)
    assert interpreter.version == sys.version_info[:2]
    assert interpreter.installed == {"flask": "3.1.0", "flask-sqlalchemy": "3.1.1", "zope-interface": "5.0"}
    assert (interpreter.has_pip, interpreter.is_externally_managed) == (False, False)


def test_environment_of_windows_and_of_old_virtualenv(tmp_path: Path):
    """Scripts/python.exe counts, and an environment that has only an activate script."""
    stand_in(tmp_path / "python36" / "Scripts" / "python.exe", said((3, 8, 1)))
    (tmp_path / "python36" / "Scripts" / "activate").touch()

    assert find_interpreter(tmp_path, "auto", NOWHERE).found_by == "python36"


def test_order(tmp_path: Path):
    """VIRTUAL_ENV before .venv before venv before the parent's, each only when Flask and Flask-SQLAlchemy are there."""
    root = tmp_path / "shop"
    for name, folder in {"active": "active", "dot": "shop/.venv", "plain": "shop/venv", "parent": ".venv"}.items():
        stand_in(tmp_path / folder / "bin" / "python", said((3, 9, 0), executable=name))
    environ = {**NOWHERE, "VIRTUAL_ENV": str(tmp_path / "active")}

    assert find_interpreter(root, "auto", environ).path == "active"
    assert find_interpreter(root, "auto", NOWHERE).path == "dot"
    stand_in(root / ".venv" / "bin" / "python", said((3, 9, 0), distributions=[]))
    assert find_interpreter(root, "auto", NOWHERE).path == "plain"
    (root / "venv" / "bin" / "python").unlink()
    found = find_interpreter(root, "", NOWHERE)
    assert (found.path, found.found_by) == ("parent", "../.venv")


def test_none_has_both(tmp_path: Path):
    """The error tells every Python that was tried, how it was found and what it lacks."""
    root = tmp_path / "shop"
    make_environment(root / ".venv", {"Flask": "3.1.0"})
    stand_in(root / "venv" / "bin" / "python", said((2, 7, 18)))
    stand_in(root / "env" / "bin" / "python", "no answer\n", status=3)
    path = stand_in(tmp_path / "bin" / "python3", said((3, 12, 1), distributions=[]))

    with pytest.raises(NoInterpreter) as raised:
        find_interpreter(root, "auto", {"PATH": str(tmp_path / "bin")})

    assert raised.value.tried == (
        Tried(str(root / ".venv/bin/python"), ".venv", "has no Flask-SQLAlchemy"),
        Tried(str(root / "venv/bin/python"), "venv", "is Python 2.7.18; 3.7 is the oldest that can be used"),
        Tried(str(root / "env/bin/python"), "env", "gave no answer"),
        Tried(str(path), "python3 on PATH", "has no Flask and no Flask-SQLAlchemy"),
    )


def test_flask_without_its_command(tmp_path: Path):
    """The project's own Flask is told to be too old; a newer one elsewhere is not the project's."""
    make_environment(tmp_path / ".venv", {"Flask": "0.10.1", "Flask-SQLAlchemy": "2.1"})
    make_environment(tmp_path / "venv", {"Flask": "3.1.0", "Flask-SQLAlchemy": "3.1.1"})

    with pytest.raises(FlaskTooOld) as raised:
        find_interpreter(tmp_path, "auto", NOWHERE)

    assert (raised.value.python, raised.value.version) == (str(tmp_path / ".venv/bin/python"), "0.10.1")


def test_sqlalchemy_that_the_checks_do_not_know(tmp_path: Path):
    """It is told before anything is installed, for which an Alembic of its time would be chosen."""
    make_environment(tmp_path / ".venv", {"Flask": "1.1.1", "Flask-SQLAlchemy": "2.1", "SQLAlchemy": "1.0.12"})

    with pytest.raises(SqlalchemyTooOld) as raised:
        find_interpreter(tmp_path, "auto", NOWHERE)

    assert (raised.value.python, raised.value.version) == (str(tmp_path / ".venv/bin/python"), "1.0.12")


@pytest.mark.parametrize("version", ["0.11", "0.12.5", "1.0", "3.1.3", "of-a-fork"])
def test_flask_with_its_command(version: str, tmp_path: Path):
    """From 0.11 on, and where the version is not one."""
    make_environment(tmp_path / ".venv", {"Flask": version, "Flask-SQLAlchemy": "2.1"})

    assert find_interpreter(tmp_path, "auto", NOWHERE).installed["flask"] == version


def test_answer_is_the_only_candidate(tmp_path: Path):
    """`-d python=` takes a Python, an environment's folder or a command; what it names is used, or the run ends."""
    stand_in(tmp_path / ".venv" / "bin" / "python", said((3, 9, 0), executable="dot"))
    other = stand_in(tmp_path / "other" / "bin" / "python", said((3, 9, 0), executable="other"))
    stand_in(tmp_path / "bin" / "python3.99", said((3, 99, 0), executable="command"))
    environ = {"PATH": str(tmp_path / "bin")}

    assert find_interpreter(tmp_path, "other", environ).path == "other"
    assert find_interpreter(tmp_path, "other/bin/python", environ).path == "other"
    assert find_interpreter(tmp_path, str(other), environ).path == "other"
    assert find_interpreter(tmp_path, "python3.99", environ).path == "command"
    with pytest.raises(NoInterpreter) as raised:
        find_interpreter(tmp_path, "missing", environ)
    assert raised.value.tried == (
        Tried(str(tmp_path / "missing"), "-d python=missing", "cannot be started: No such file or directory"),
    )


@pytest.mark.parametrize(
    "tool, mark, content, found_by",
    [
        ("poetry", "pyproject.toml", "[tool.poetry]\n", "poetry env info"),
        ("poetry", "poetry.lock", "", "poetry env info"),
        ("pipenv", "Pipfile", "", "pipenv --venv"),
        ("pdm", "pdm.lock", "", "pdm info"),
        ("", ".pdm-python", "{folder}/bin/python\n", ".pdm-python"),
    ],
)
def test_environment_that_a_tool_keeps(tmp_path: Path, tool: str, mark: str, content: str, found_by: str):
    """Poetry, Pipenv and PDM are asked, in projects that are theirs only."""
    folder, root = tmp_path / "kept", tmp_path / "shop"
    root.mkdir()
    python = stand_in(folder / "bin" / "python", said((3, 9, 0), executable="kept"))
    if tool:
        stand_in(tmp_path / "bin" / tool, f"Some remark\n{python if tool == 'pdm' else folder}\n")
    environ = {"PATH": str(tmp_path / "bin")}

    with pytest.raises(NoInterpreter):
        find_interpreter(root, "auto", environ)
    (root / mark).write_text(content.format(folder=folder))
    found = find_interpreter(root, "auto", environ)

    assert (found.path, found.found_by) == ("kept", found_by)


def test_conda_and_uv_variables(tmp_path: Path):
    """CONDA_PREFIX and UV_PROJECT_ENVIRONMENT name environments too."""
    stand_in(tmp_path / "conda" / "bin" / "python", said((3, 9, 0), executable="conda"))
    stand_in(tmp_path / "uv" / "bin" / "python", said((3, 9, 0), executable="uv"))
    root = tmp_path / "shop"
    root.mkdir()

    assert find_interpreter(root, "auto", {**NOWHERE, "CONDA_PREFIX": str(tmp_path / "conda")}).path == "conda"
    assert find_interpreter(root, "auto", {**NOWHERE, "UV_PROJECT_ENVIRONMENT": "../uv"}).path == "uv"


def test_packages_in_the_project_folder_do_not_count(tmp_path: Path):
    """A folder named like a package, or its build metadata, is not an installed package."""
    make_environment(tmp_path / ".venv", BOTH)
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    (tmp_path / "requests-1.0.dist-info").mkdir()
    (tmp_path / "requests-1.0.dist-info" / "METADATA").write_text("Name: requests\nVersion: 1.0\n")

    assert "requests" not in find_interpreter(tmp_path, "auto", NOWHERE).installed


def test_probe_reads_what_is_there(tmp_path: Path):
    """Version, requirements and origin; metadata of any age; remains without metadata are nothing."""
    python = make_environment(tmp_path / "e", BOTH)
    add_distributions(tmp_path / "e", {"alembic": "1.4.3"}, {"alembic": ["SQLAlchemy>=1.1.0", "Mako"]})
    (packages,) = (tmp_path / "e").glob("lib/python*/site-packages")
    (packages / "old_style-1.0-py3.7.egg-info").write_text("Metadata-Version: 1.0\nName: Old.Style\nVersion: 1.0\n")
    (packages / "remains-1.0.dist-info").mkdir()
    (packages / "flask_sqlalchemy-3.1.1.dist-info" / "direct_url.json").write_text("{}")
    (tmp_path / "src" / "shop.egg-info").mkdir(parents=True)
    (tmp_path / "src" / "shop.egg-info" / "PKG-INFO").write_text("Name: shop\nVersion: 0.1\n")
    (packages / "easy-install.pth").write_text(f"{tmp_path / 'src'}\n")

    found = probe(str(python), dict(os.environ), tmp_path)

    assert found.installed == {"flask": "3.1.0", "flask-sqlalchemy": "3.1.1", "alembic": "1.4.3", "old-style": "1.0", "shop": "0.1"}
    assert found.distributions["alembic"].requires == ("SQLAlchemy>=1.1.0", "Mako")
    assert sorted(name for name, one in found.distributions.items() if one.is_direct) == ["flask-sqlalchemy", "shop"]
    assert (found.prefix, found.executable) == (str(tmp_path / "e"), str(python))


def test_probe_of_something_else(tmp_path: Path):
    """A program that is no Python has no answer, and its last words are kept."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    with pytest.raises(NoAnswer, match="cannot be started: Permission denied"):
        probe(str(program), NOWHERE, tmp_path)
    program.chmod(0o755)
    with pytest.raises(NoAnswer, match="gave no answer: not today"):
        probe(str(program), NOWHERE, tmp_path)
