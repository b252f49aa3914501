"""The job, or why there is none."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hooks.base.facts import Answers, Declaration, DeclarationForm, Demand, Interpreter
from hooks.base.location import Location
from hooks.ci.facts import Ci, Job
from hooks.ci.job import Circumstances, NoJob, bare_environ, hidden, make_job
from hooks.ci.services import kind_of, make_service
from tests.planning.test_plan import SHOP, make_plan

FILE = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 1, ("flask", "flask-migrate", "flask-sqlalchemy"))
NEEDED = Demand(("DATABASE_URL", "SECRET_KEY", "SMTP_PORT", "TOKEN"), Location("shop/config.py", 3))
PROJECT = replace(SHOP, declarations=(FILE,), demands=(NEEDED,))
PYTHON = Interpreter("python", ".venv", (3, 11), {})
ON_SQLITE = Circumstances("sqlite", "SQLite 3.40")
ON_POSTGRESQL = Circumstances("postgresql+psycopg", "PostgreSQL 16.2 (Debian 16.2-1)")


def job(now: Circumstances, ci: Ci = Ci()) -> Job:  # noqa: B008 - frozen
    return make_job(PROJECT, make_plan(PROJECT, Answers()), PYTHON, ci, now)


def test_variables_that_the_application_needs():
    """As CI sets them already, else placeholders; the database is named by its own."""
    assert job(ON_SQLITE, Ci(values={"TOKEN": "t", "OTHER": "o"})).environ == {
        "SECRET_KEY": "not-a-secret",
        "SMTP_PORT": "8000",
        "TOKEN": "t",
    }


@pytest.mark.parametrize(
    ("here", "code", "gone"),
    [
        pytest.param({"SECRET_KEY": "s", "TOKEN": "t"}, "os.environ['TOKEN']\n", {"TOKEN"}, id="named in the code"),
        pytest.param({"TOKEN": "t"}, "class Settings(BaseSettings):\n    token: str\n", {"TOKEN"}, id="a field of the settings"),
        pytest.param({"TOKEN": "t"}, "TOKENS = 3\n", None, id="named nowhere"),
        pytest.param({"PATH": "/bin", "HOME": "/root"}, "PATH, HOME = 1, 2\n", None, id="what every machine has"),
        pytest.param(
            {"DATABASE_URL": "x", "FLASK_APP": "y"}, "DATABASE_URL, FLASK_APP = 1, 2\n", None, id="what the job sets itself"
        ),
        pytest.param({}, "import os\n", None, id="nothing set"),
    ],
)
def test_what_ci_has_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: dict[str, str], code: str, gone: set[str] | None):
    """What only this machine has, and the code speaks of, is not set there; what the job sets is."""
    (tmp_path / "shop.py").write_text(code)
    project = replace(PROJECT, root=str(tmp_path), files=("shop.py", ".gitignore"), demands=())
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in here.items():
        monkeypatch.setenv(name, value)

    found = bare_environ(tmp_path, project, "DATABASE_URL", Ci())

    kept = {name: value for name, value in here.items() if name not in (gone or ())}
    assert found == (None if gone is None else {**kept, "PYTHONDONTWRITEBYTECODE": "1"})


def test_a_file_that_ci_has_not(tmp_path: Path):
    """A `.env` that git does not have is empty there; one of the repository's is as it is."""
    (tmp_path / ".env").write_text("TOKEN=t\n")
    project = replace(PROJECT, root=str(tmp_path), files=(), demands=())

    assert hidden(tmp_path, project) == {".env": b""}
    assert bare_environ(tmp_path, project, "DATABASE_URL", Ci()) is not None
    assert hidden(tmp_path, replace(project, files=(".env",))) == {}


@pytest.mark.parametrize(
    ("ci", "here", "compose", "value"),
    [
        pytest.param("shop.config.Testing", "shop.config.Local", "shop.config.Dev", "shop.config.Testing", id="as CI sets it"),
        pytest.param("", "shop.config.Local", "shop.config.Dev", "shop.config.Local", id="as in this run"),
        pytest.param("", "", "shop.config.Dev", "shop.config.Dev", id="as compose sets it"),
        pytest.param("", "s3cret", "$SETTINGS", None, id="what names no module of the project"),
        pytest.param("", "os.path", "", None, id="a module of others"),
    ],
)
def test_the_variable_that_chooses_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, here: str, compose: str, value: str | None
):
    """Without it the application would start on a database in memory, or not at all; a placeholder would name no configuration."""
    (tmp_path / "compose.yml").write_text(f"services:\n  web:\n    environment:\n      - APP_SETTINGS={compose}\n")
    monkeypatch.setenv("APP_SETTINGS", here)
    files = (*SHOP.files, "shop/config.py", "compose.yml")
    project = replace(PROJECT, root=str(tmp_path), files=files, demands=(), choosers=("APP_SETTINGS",))

    found = make_job(project, make_plan(project, Answers()), PYTHON, Ci(values={"APP_SETTINGS": ci}), ON_SQLITE)

    assert found.environ.get("APP_SETTINGS") == value


def test_an_application_that_needs_its_tables():
    """They are made by `flask db upgrade`, on the empty database of the job, before the application is loaded for the check."""
    assert job(replace(ON_SQLITE, needs_tables=True)).runs == ("flask db upgrade", "python -m migrations.adopt check")


@pytest.mark.parametrize(
    ("named", "python"),
    [
        pytest.param((), "3.11", id="none"),
        pytest.param(("3.9", "3.11"), "3.11", id="among them"),
        pytest.param(("2.7", "3.9", "3.10"), "3.9", id="others"),
        pytest.param(("3.6",), "3.11", id="too old"),
    ],
)
def test_python(named: tuple[str, ...], python: str):
    """The one that everything was proven with, unless the repository names others only."""
    assert job(ON_SQLITE, Ci(pythons=named)).python == python


@pytest.mark.parametrize(
    ("now", "why"),
    [
        pytest.param(replace(ON_SQLITE, starts=False), "the application does not start on an empty database", id="does not start"),
        pytest.param(
            replace(ON_POSTGRESQL, follows_variable=False),
            "the application does not follow DATABASE_URL, which would name the database there",
            id="does not follow",
        ),
        pytest.param(
            replace(ON_POSTGRESQL, databases=2),
            "the application has several databases, of which the job would start one",
            id="binds",
        ),
        pytest.param(Circumstances("oracle+cx_oracle"), "there is no service for oracle", id="Oracle"),
    ],
)
def test_no_job(now: Circumstances, why: str):
    """A job that could not go well is not written."""
    with pytest.raises(NoJob, match=f"^{why}$"):
        job(now)


POSTGRESQL = "://postgres:not-a-secret@{host}:5432/postgres"
MYSQL = "://root:not-a-secret@{host}:3306/project"


@pytest.mark.parametrize(
    ("driver", "server", "images", "image", "url"),
    [
        pytest.param("postgresql", "PostgreSQL 12.9", [], "postgres:12", f"postgresql{POSTGRESQL}", id="PostgreSQL"),
        pytest.param("postgresql", "PostgreSQL 9.6.24", [], "postgres:9.6", f"postgresql{POSTGRESQL}", id="PostgreSQL 9"),
        pytest.param("postgres", "", [], "postgres:17", f"postgresql{POSTGRESQL}", id="unknown version"),
        pytest.param(
            "postgresql+psycopg",
            "PostgreSQL 15.1",
            ["redis:7", "postgis/postgis:15-3.3"],
            "postgis/postgis:15-3.3",
            f"postgresql+psycopg{POSTGRESQL}",
            id="the image of the repository",
        ),
        pytest.param(
            "postgresql",
            "PostgreSQL 14.2",
            ["bitnami/postgresql:14"],
            "postgres:14",
            f"postgresql{POSTGRESQL}",
            id="other variables",
        ),
        pytest.param("mysql", "MySQL 8.0.36", [], "mysql:8.0", f"mysql{MYSQL}", id="MySQL"),
        pytest.param("mysql+pymysql", "MariaDB 10.11.6", [], "mariadb:10.11", f"mysql+pymysql{MYSQL}", id="MariaDB"),
    ],
)
def test_services(driver: str, server: str, images: list[str], image: str, url: str):
    """The server's version, or the image that the repository runs."""
    found = make_service(kind_of(driver, server), driver, server, images)

    assert (found.image, found.url) == (image, url)
