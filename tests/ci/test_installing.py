"""How the job installs the project: as the repository does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hooks.base.deploy_facts import Deploy, Place
from hooks.base.facts import Declaration, DeclarationForm, Interpreter
from hooks.ci.installing import find_way
from tests.planning.test_plan import SHOP

ALL = ("flask", "flask-migrate", "flask-sqlalchemy")
PYTHON = Interpreter("python", ".venv", (3, 11), {"flask": "3.1", "psycopg2-binary": "2.9"})
REQUIREMENTS, PEP621, PIPFILE = DeclarationForm.REQUIREMENTS, DeclarationForm.PEP621, DeclarationForm.PIPFILE


def declared(
    path: str, form: DeclarationForm = REQUIREMENTS, names: tuple[str, ...] = ALL, included: tuple[str, ...] = ()
) -> Declaration:
    return Declaration(path, form, 1, names, included)


def way(
    *declarations: Declaration,
    files: tuple[str, ...] = (),
    ci: str = "",
    image: str = "",
    found_by: str = ".venv",
    driver: tuple[str, ...] = (),
) -> list[str]:
    """The commands up to the check, with what runs it."""
    installs = [(Place.CI, tuple(ci.split()))] * bool(ci) + [(Place.IMAGE, tuple(image.split()))] * bool(image)
    deploy = Deploy(installs=tuple(installs))
    listed = (*SHOP.files, *files, *(one.path for one in declarations))
    project = replace(SHOP, files=listed, declarations=declarations, deploy=deploy)
    found = find_way(project, replace(PYTHON, found_by=found_by), driver)
    return [] if found is None else [*found.commands, f"{found.prefix}python"]


PIPPED = "python -m pip install"
FILE = declared("requirements.txt")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(way(FILE), [f"{PIPPED} -r requirements.txt", "python"], id="requirements"),
        pytest.param(way(declared("../requirements.txt")), [f"{PIPPED} -r ../requirements.txt", "python"], id="above"),
        pytest.param(
            way(declared("requirements/dev.txt", names=("pytest",), included=ALL), declared("requirements/prod.txt")),
            [f"{PIPPED} -r requirements/prod.txt", "python"],
            id="production before development",
        ),
        pytest.param(
            way(
                declared("requirements.txt"),
                declared("requirements-pg.txt", included=("psycopg2-binary",)),
                driver=("psycopg2-binary",),
            ),
            [f"{PIPPED} -r requirements-pg.txt", "python"],
            id="the one with the driver",
        ),
        pytest.param(
            way(FILE, driver=("psycopg2", "psycopg2-binary")),
            [f"{PIPPED} -r requirements.txt", f"{PIPPED} psycopg2-binary", "python"],
            id="a driver that nothing declares",
        ),
        pytest.param(
            way(declared("pyproject.toml", PEP621), files=("uv.lock",)),
            [f"{PIPPED} uv", "uv sync --locked", "uv run --no-sync python"],
            id="uv",
        ),
        pytest.param(
            way(declared("pyproject.toml", DeclarationForm.POETRY), files=("poetry.lock",)),
            [f"{PIPPED} poetry", "poetry install", "poetry run python"],
            id="Poetry",
        ),
        pytest.param(
            way(FILE, ci="poetry install"),
            [f"{PIPPED} -r requirements.txt", "python"],
            id="a tool that has nothing to read, behind an if of the Makefile",
        ),
        pytest.param(
            way(declared("pyproject.toml", PEP621), ci="pipenv install"),
            [f"{PIPPED} -e .", "python"],
            id="a tool for another form of declaration",
        ),
        pytest.param(
            way(declared("Pipfile", PIPFILE), files=("Pipfile.lock",)),
            [f"{PIPPED} pipenv", "pipenv install --deploy", "pipenv run python"],
            id="Pipenv",
        ),
        pytest.param(
            way(declared("Pipfile", PIPFILE)),
            [f"{PIPPED} pipenv", "pipenv install", "pipenv run python"],
            id="Pipenv without a lock",
        ),
        pytest.param(
            way(declared("pyproject.toml", PEP621), files=("pdm.lock",)),
            [f"{PIPPED} pdm", "pdm install", "pdm run python"],
            id="PDM",
        ),
        pytest.param(
            way(
                declared("Pipfile", PIPFILE),
                declared("pyproject.toml", PEP621),
                files=("Pipfile.lock", "uv.lock"),
                found_by="pipenv --venv",
            ),
            [f"{PIPPED} pipenv", "pipenv install --deploy", "pipenv run python"],
            id="the tool that keeps the environment",
        ),
        pytest.param(way(declared("setup.py", DeclarationForm.SETUP_PY)), [f"{PIPPED} -e .", "python"], id="setup.py"),
        pytest.param(way(declared("pyproject.toml", PEP621)), [f"{PIPPED} -e .", "python"], id="pyproject.toml"),
        pytest.param(
            way(declared("environment.yml", DeclarationForm.CONDA)),
            ["conda env create --name project --file environment.yml", "conda run --name project python"],
            id="conda",
        ),
        pytest.param(way(), [], id="nothing declared"),
        pytest.param(
            way(FILE, declared("Pipfile", PIPFILE), files=("Pipfile.lock",), ci="pip install -r requirements.txt pytest"),
            [f"{PIPPED} -r requirements.txt", "python"],
            id="as CI does",
        ),
        pytest.param(
            way(FILE, declared("base.txt"), image="pip install --no-cache-dir -r /srv/base.txt"),
            [f"{PIPPED} -r base.txt", "python"],
            id="as the image does",
        ),
        pytest.param(
            way(
                declared("pyproject.toml", DeclarationForm.POETRY),
                files=("poetry.lock",),
                ci="poetry install --no-root --with dev -v",
            ),
            [f"{PIPPED} poetry", "poetry install --no-root --with=dev", "poetry run python"],
            id="with the options of CI",
        ),
        pytest.param(
            way(declared("setup.py", DeclarationForm.SETUP_PY), ci="pip install -e .[dev]"),
            [f'{PIPPED} -e ".[dev]"', "python"],
            id="extras",
        ),
        pytest.param(
            way(FILE, ci="pip install -r docs/requirements.txt"),
            [f"{PIPPED} -r requirements.txt", "python"],
            id="something else in CI",
        ),
        pytest.param(way(FILE, ci="pip install ruff"), [f"{PIPPED} -r requirements.txt", "python"], id="a linter in CI"),
    ],
)
def test_ways(given: list[str], expected: list[str]):
    """CI's own way, then the image's, then lock files, then what declares the application's packages."""
    assert given == expected
