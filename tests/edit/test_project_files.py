"""The small files beside the code, where what is written depends on the project's stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hooks.base.facts import Answers, App, AppKind, Config, Declaration, DeclarationForm, FlaskAppHint, Interpreter, Project
from hooks.base.location import Location
from hooks.edit.files.project_files import project_files
from tests.end_to_end.tools import git
from tests.planning.test_plan import SHOP, app, make_plan, with_

FLASK_0 = Interpreter("python", "test", (3, 7), {"flask": "0.12.5", "flask-sqlalchemy": "2.1"})
FLASK_1 = Interpreter("python", "test", (3, 7), {"flask": "1.0.4", "flask-sqlalchemy": "2.3.2"})
OBJECT = app("shop/__init__.py", "shop")
MADE = app("run.py", "run", made_by="shop:create_app")
SAID = FlaskAppHint("shop", Location(".env", 1, "FLASK_APP=shop"))
WRAPPED = app("shop/__init__.py", "shop", "connexion_app", AppKind.WRAPPED, inner="app")


def flaskenv_and_note(project: Project, interpreter: Interpreter, tmp_path: Path) -> tuple[bool, list[str]]:
    """Whether .flaskenv is written, and what is noted about FLASK_APP."""
    made = project_files(tmp_path, project, make_plan(project, Answers()), interpreter, {})
    return ".flaskenv" in made.files, [note for note in made.notes if "FLASK_APP" in note]


def test_flask_1_reads_flaskenv(tmp_path: Path) -> None:
    """From Flask 1.0 on the file says it, and nothing need be noted."""
    assert flaskenv_and_note(SHOP, FLASK_1, tmp_path) == (True, [])


@pytest.mark.parametrize(
    ("apps", "path"),
    [
        pytest.param((OBJECT,), "shop/__init__.py", id="object"),
        pytest.param((*SHOP.apps, MADE), "run.py", id="made by a factory"),
        pytest.param((WRAPPED,), "shop/__init__.py", id="wrapped"),
    ],
)
def test_flask_0_is_told_the_file(apps: tuple[App, ...], path: str, tmp_path: Path) -> None:
    """It reads no .flaskenv, so none is written, and it finds no module of the working directory but by its path."""
    expected = f"Flask 0.12.5 reads no .flaskenv; say in each shell:  export FLASK_APP={path}"

    assert flaskenv_and_note(with_(SHOP, apps=apps), FLASK_0, tmp_path) == (False, [expected])


def test_flask_0_calls_no_factory(tmp_path: Path) -> None:
    """Where there is a factory alone, the note has the line that makes an application with it."""
    assert flaskenv_and_note(SHOP, FLASK_0, tmp_path) == (
        False,
        [
            "Flask 0.12.5 calls no factory; make a file wsgi.py with  from shop import create_app; app = create_app()"
            "  and say in each shell:  export FLASK_APP=wsgi.py"
        ],
    )


def test_only_what_is_declared_is_told(tmp_path: Path) -> None:
    """setuptools, by which an old Flask finds `flask db`, is needed and comes from elsewhere."""
    text = "Flask==1.0.4\nFlask-Migrate==2.0.2\nFlask-SQLAlchemy==2.3.2\n"
    (tmp_path / "requirements.txt").write_text(text)
    names = ("flask", "flask-migrate", "flask-sqlalchemy")
    project = with_(SHOP, declarations=(Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 3, names),))
    old = Interpreter("python", "test", (3, 7), {**FLASK_1.installed, "flask-migrate": "2.0.2"})

    made = project_files(tmp_path, project, make_plan(project, Answers()), old, {"python-dotenv": "0.21.1"})

    assert made.files["requirements.txt"].decode() == text + "python-dotenv==0.21.1\n"
    assert ("requirements.txt", "declares python-dotenv") in made.done


def test_env_in_git_is_its_own_example(tmp_path: Path) -> None:
    """A tracked .env holds what everybody has, and nothing is copied to it; one that is not tracked gets an example beside it."""
    git(tmp_path, "init", "-q")
    (tmp_path / ".env").write_text("FLASK_APP=shop\n")
    project = with_(SHOP, files=(*SHOP.files, ".env"))

    def made() -> dict[str, bytes]:
        return project_files(tmp_path, project, make_plan(project, Answers()), FLASK_1, {}).files

    assert ".env.example" in made()
    git(tmp_path, "add", ".env")
    assert ".env.example" not in made()


@pytest.mark.parametrize(("text", "expected"), [("DATABASE_URL=\n", False), ("OTHER=\n", True)])
def test_settings_to_copy_under_another_name(text: str, expected: bool, tmp_path: Path) -> None:
    """A file such as local.env that has the variable is the example already."""
    (tmp_path / "local.env").write_text(text)
    project = with_(SHOP, files=(*SHOP.files, "local.env"))

    made = project_files(tmp_path, project, make_plan(project, Answers()), FLASK_1, {})

    assert (".env.example" in made.files) is expected


@pytest.mark.parametrize("hints", [pytest.param((), id="with .flaskenv"), pytest.param((SAID,), id="FLASK_APP is said")])
def test_dotenv_of_those_who_develop(hints: tuple[FlaskAppHint, ...], tmp_path: Path) -> None:
    """What a file for tests has is not asked for again, unless FLASK_APP is said in a file that has to be read wherever it runs."""
    (tmp_path / "requirements.txt").write_text("Flask==1.0.4\nFlask-SQLAlchemy==2.3.2\n")
    (tmp_path / "requirements-test.txt").write_text("python-dotenv\n")
    declaration = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 2, ("flask", "flask-sqlalchemy"))
    files = (*SHOP.files, "requirements.txt", "requirements-test.txt")
    project = with_(SHOP, files=files, declarations=(declaration,), hints=hints)

    made = project_files(tmp_path, project, make_plan(project, Answers()), FLASK_1, {})

    assert (b"python-dotenv" in made.files["requirements.txt"]) is not bool(hints)


def test_variable_without_effect(tmp_path: Path) -> None:
    """Nothing shows a variable that the application does not follow."""
    plan = make_plan(SHOP, Answers())

    assert ".env.example" in project_files(tmp_path, SHOP, plan, FLASK_1, {}).files
    assert ".env.example" not in project_files(tmp_path, SHOP, plan, FLASK_1, {}, is_followed=False).files


@pytest.mark.parametrize(
    ("variables", "schemes", "why"),
    [
        (("DATABASE_URL",), (), "The database"),
        (("DATABASE_URL",), ("sqlite",), "The database, where it is not the configured one"),
        (("DATABASE_URL",), ("postgresql",), "The database, where it is not the configured one"),
        (("DATABASE_URL",), ("postgres", "postgresql"), "The database"),
        (("DB_URI",), (), "Comes before DB_URI, which works as before"),
    ],
)
def test_why_the_variable_is_shown(variables: tuple[str, ...], schemes: tuple[str, ...], why: str, tmp_path: Path) -> None:
    """What else names the database, if anything does."""
    sites = tuple(replace(site, variables=variables, schemes=schemes) for site in SHOP.config.sites)
    project = with_(SHOP, config=Config(sites))

    made = project_files(tmp_path, project, make_plan(project, Answers()), FLASK_1, {})

    assert made.files[".env.example"].decode().splitlines()[0] == f"# {why}:"
