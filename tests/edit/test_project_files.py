"""The small files beside the code, where what is written depends on the project's stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.base.facts import Answers, App, AppKind, Declaration, DeclarationForm, Interpreter, Project
from hooks.edit.files.project_files import project_files
from tests.planning.test_plan import SHOP, app, make_plan, with_

FLASK_0 = Interpreter("python", "test", (3, 7), {"flask": "0.12.5", "flask-sqlalchemy": "2.1"})
FLASK_1 = Interpreter("python", "test", (3, 7), {"flask": "1.0.4", "flask-sqlalchemy": "2.3.2"})
OBJECT = app("shop/__init__.py", "shop")
MADE = app("run.py", "run", made_by="shop:create_app")
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
