"""Where a repository says which application to run."""

from __future__ import annotations

import pytest

from hooks.base.facts import FlaskAppHint
from hooks.detect.hints import find_hints
from tests.detect.tools import Text


def hints(text: Text) -> tuple[FlaskAppHint, ...]:
    """The hints of a project made of text."""
    return find_hints(text.files, text.read)


@pytest.mark.parametrize(
    ("path", "line", "spec"),
    [
        pytest.param(".flaskenv", "FLASK_APP=shop", "shop", id="flaskenv"),
        pytest.param(".flaskenv", "FLASK_APP=\"shop:create_app('dev')\"", "shop:create_app('dev')", id="factory with arguments"),
        pytest.param(".env.example", "export FLASK_APP=run.py", "run.py", id="example"),
        pytest.param("Dockerfile", "ENV FLASK_APP shop.wsgi", "shop.wsgi", id="Dockerfile with a space"),
        pytest.param("Dockerfile", "ENV FLASK_APP=shop.wsgi:app FLASK_ENV=x", "shop.wsgi:app", id="Dockerfile with an equals sign"),
        pytest.param("Dockerfile", 'CMD ["gunicorn", "--log-file=-", "shop.wsgi:app"]', "shop.wsgi:app", id="Dockerfile CMD"),
        pytest.param("docker-compose.yml", "      FLASK_APP: app/main.py", "app/main.py", id="compose mapping"),
        pytest.param("docker-compose.prod.yml", "      - FLASK_APP=shop", "shop", id="compose list"),
        pytest.param("compose.yaml", "    command: gunicorn -w 2 -b :8000 app:app", "app:app", id="compose command"),
        pytest.param("Procfile", "web: gunicorn shop.wsgi:app --log-file -", "shop.wsgi:app", id="Procfile"),
        pytest.param(
            "Procfile", 'web: gunicorn "shop:create_app()" -b 0.0.0.0:$PORT', "shop:create_app()", id="Procfile with a factory"
        ),
        pytest.param("Procfile", "web: waitress-serve --port=$PORT wsgi:application", "wsgi:application", id="waitress"),
        pytest.param("Makefile", "\tFLASK_APP=shop flask run", "shop", id="Makefile"),
        pytest.param("Makefile", "\tflask --app shop.web run", "shop.web", id="--app"),
        pytest.param("README.md", "    $ export FLASK_APP=flaskr", "flaskr", id="README"),
        pytest.param("README.md", "> set FLASK_APP=flaskr", "flaskr", id="README for Windows"),
        pytest.param("start.sh", "exec gunicorn --bind 0.0.0.0:80 run:app", "run:app", id="script"),
        pytest.param("tox.ini", "    FLASK_APP = shop", "shop", id="tox"),
        pytest.param(".github/workflows/ci.yml", "          FLASK_APP: shop", "shop", id="CI"),
        pytest.param("uwsgi.ini", "module = wsgi:app", "wsgi:app", id="uwsgi"),
        pytest.param(".vscode/launch.json", '    "FLASK_APP": "shop/app.py",', "shop/app.py", id="VS Code"),
    ],
)
def test_places_that_name_an_application(path: str, line: str, spec: str):
    """Each file that people or servers start from is read for it."""
    text = Text({path: f"first line\n{line}\n"})

    assert hints(text) == (FlaskAppHint(spec, text.at(path, 2)),)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(".flaskenv", "# FLASK_APP=shop", id="comment"),
        pytest.param(".flaskenv", "FLASK_APP=", id="empty"),
        pytest.param("Dockerfile", "ENV FLASK_APP=$APP", id="a variable"),
        pytest.param("Dockerfile", "RUN pip install gunicorn", id="only installed"),
        pytest.param("Procfile", "web: python app.py", id="plain Python"),
        pytest.param("docker-compose.yml", "    image: postgres:latest", id="an image"),
        pytest.param("README.md", "gunicorn listens on http://localhost:8000", id="an address"),
        pytest.param("README.md", "export FLASK_APP=your_app_name", id="a placeholder"),
        pytest.param("notes.txt", "FLASK_APP=shop", id="another file"),
        pytest.param("shop/app.py", "FLASK_APP=shop", id="source"),
    ],
)
def test_places_that_do_not(path: str, line: str):
    """Comments, placeholders and other files say nothing."""
    assert hints(Text({path: line})) == ()


def test_order_of_trust():
    """What flask itself reads comes before what runs in production, and that before what people are told to type."""
    text = Text(
        {
            "README.md": "FLASK_APP=readme\n",
            "Procfile": "web: gunicorn procfile:app\n",
            "deep/Procfile": "web: gunicorn deep:app\n",
            ".flaskenv": "FLASK_APP=flaskenv\n",
        }
    )

    assert [hint.spec for hint in hints(text)] == ["flaskenv", "procfile:app", "readme"]


def test_env_file_that_git_ignores():
    """flask reads .env though git does not list it."""
    text = Text({".env": "SECRET=x\nFLASK_APP=shop\n"})

    assert find_hints([], text.read) == (FlaskAppHint("shop", text.at(".env", 2)),)
