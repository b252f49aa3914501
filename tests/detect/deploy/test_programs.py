"""What a command runs in the end."""

from __future__ import annotations

import pytest

from hooks.base.formats.shell import commands
from hooks.detect.deploy.programs import programs


def run_by(text: str) -> list[str]:
    """The programs of a shell text, each as one string."""
    return [" ".join(words) for command in commands(text) for words, _ in programs(command)]


@pytest.mark.parametrize(
    "text",
    [
        "flask db init",
        "FLASK_APP=shop flask db init",
        "env FLASK_APP=shop FLASK_ENV=x flask db init",
        "exec flask db init",
        "sudo -E flask db init",
        ".venv/bin/flask db init",
        r"venv\Scripts\flask.exe db init",
        "flask --app shop db init",
        "flask --app=shop --debug db init",
        "flask -A 'shop:create_app()' -e .env db init",
        'flask "db init"',
        "python -m flask db init",
        "/usr/bin/python3.11 -u -X dev -m flask --app shop db init",
        "poetry run flask db init",
        "poetry -C api run flask db init",
        "pipenv run python -m flask db init",
        "uv run --extra web --no-dev flask db init",
        "conda run -n shop flask db init",
        "docker exec -it shop_web flask db init",
        "docker run --rm -v $PWD:/app -e A=b shop flask db init",
        "docker compose -f prod.yml exec -T web flask db init",
        "docker-compose run --rm --user root web flask db init",
        "$(COMPOSE) exec $(SERVICE) uv run flask --app run.py db init",
        "kubectl exec -it shop-0 -c web -- flask db init",
        "fly ssh console -a shop -C 'flask db init'",
        "heroku run --app shop flask db init",
        'heroku run "flask db init" -a shop',
        "dokku run shop flask db init",
        "railway run flask db init",
        "sh -c 'flask db init'",
        'bash -lc "cd /srv && exec flask db init" x',
        "bash -o pipefail -c 'flask db init'",
        "./wait-for-it.sh db:5432 -t 30 -- flask db init",
        "gosu www flask db init",
        "@flask db init",
        "-@$(FLASK) db init",
        "$(LOCAL_PYTHON) -m flask db init",
        "${VENV_PYTHON} -m flask db init",
        "$PYTHON_BIN -m flask db init",
        "if ! flask db init; then",
        "(cd api; flask db init)",
    ],
)
def test_wrapped(text: str):
    """The same program under everything that people put around it."""
    assert "flask db init" in [words.partition(" -a shop")[0] for words in run_by(text)]


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        pytest.param("npx sequelize db init", ["npx sequelize db init"], id="node"),
        pytest.param("superset db upgrade", ["superset db upgrade"], id="superset"),
        pytest.param("airflow db init", ["airflow db init"], id="airflow"),
        pytest.param("echo flask db init", ["echo flask db init"], id="echo"),
        pytest.param("# flask db init", [], id="comment"),
        pytest.param("docker compose up -d", [], id="compose up"),
        pytest.param("docker build -t flask .", [], id="build"),
        pytest.param("poetry install", ["poetry install"], id="installing"),
        pytest.param("./boot.sh flask db init", ["./boot.sh flask db init"], id="arguments of a script"),
        pytest.param("python manage.py migrate", ["python manage.py migrate"], id="Django"),
        pytest.param("sh entrypoint.sh", ["entrypoint.sh"], id="script"),
        pytest.param("$(FLASK) run --port 5", ["flask run --port 5"], id="a variable, and its run"),
        pytest.param("$(PY) manage.py run -h ::", ["python manage.py run -h ::"], id="a variable, and a script's run"),
        pytest.param("python -c 'import flask'", ["python -c import flask"], id="code"),
    ],
)
def test_others(text: str, ran: list[str]):
    """Another program stays what it is."""
    assert run_by(text) == ran


def test_here_documents_are_handed_on():
    """What a here-document holds is no command of the shell's: it is the input of the program before it."""
    text = "poetry run python - <<'END'\nfrom app import db\nflask db init\nEND\nflask run\n"

    assert [given for command in commands(text) for given in programs(command)] == [
        (("python", "-"), "from app import db\nflask db init"),
        (("flask", "run"), ""),
    ]
