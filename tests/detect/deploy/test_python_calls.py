"""What an application and its start scripts do to the migrations by themselves, in Python."""

from __future__ import annotations

import pytest

from hooks.detect.app import find_apps
from hooks.detect.calls import CallGraph
from hooks.detect.create_all import StartUp
from hooks.detect.deploy.creators import Creators
from hooks.detect.deploy.find_deploy import find_deploy
from hooks.detect.deploy.python_calls import find_python_calls
from tests.detect.tools import Text

APP = "from flask import Flask\nfrom flask_migrate import Migrate, init, migrate, upgrade\napp = Flask(__name__)\n"
START = """
import subprocess
from flask_migrate import migrate, upgrade
from app import app

def main():
    with app.app_context():
        migrate()
        upgrade()
    subprocess.run(["gunicorn", "app:app"])

if __name__ == "__main__":
    main()
"""
COMMAND = """
import click
import flask_migrate
from app import app

@app.cli.command("deploy")
def deploy():
    flask_migrate.migrate(message="deploy")
"""
PLAIN = "from flask import Flask\napp = Flask(__name__)\n"


def found(**files: str) -> list[tuple[str, str, int, str]]:
    """(what, file, line, when) of all in a repository; "__" stands for "/" and the last "_" for a dot in a name."""
    text = Text({name.replace("__", "/").replace("_py", ".py"): code for name, code in files.items()})
    index = text.index
    graph = CallGraph(index)
    calls = find_python_calls(index, graph, StartUp(index, graph, find_apps(index), frozenset()))
    steps = find_deploy(text.files, text.read, Creators(), in_python=calls).steps
    return [
        (step.does.value, step.where.path, step.where.line, step.place.value) for step in steps if step.where.path.endswith(".py")
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"app_py": APP + "with app.app_context():\n    init()\n    migrate()\n    upgrade()\n"},
            [("init", "app.py", 5, "start"), ("migrate", "app.py", 6, "start"), ("upgrade", "app.py", 7, "start")],
            id="as the application loads",
        ),
        pytest.param(
            {"app_py": "import flask_migrate as fm\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n"
             "    fm.stamp(revision='head')\n    return app\n"},
            [("stamp", "app.py", 5, "start")],
            id="in the factory, by the module",
        ),
        pytest.param(
            {"app_py": PLAIN, "start_py": START, "Dockerfile": 'FROM python\nCMD ["python", "start.py"]\n'},
            [("migrate", "start.py", 7, "start"), ("upgrade", "start.py", 8, "start")],
            id="a script that an image starts",
        ),
        pytest.param(
            {"app_py": PLAIN, "scripts__start_py": START, "Procfile": "release: python -m scripts.start\nweb: gunicorn app:app\n"},
            [("migrate", "scripts/start.py", 7, "release"), ("upgrade", "scripts/start.py", 8, "release")],
            id="a module that a release runs",
        ),
        pytest.param(
            {"app_py": PLAIN, "cli_py": COMMAND, "Procfile": "web: flask deploy && gunicorn app:app\n"},
            [("migrate", "cli.py", 7, "start")],
            id="a command that the server's line runs",
        ),
        pytest.param(
            {"app_py": PLAIN + "import os\nos.system('flask db migrate && flask db upgrade')\n"},
            [("migrate", "app.py", 4, "start"), ("upgrade", "app.py", 4, "start")],
            id="by a shell",
        ),
        pytest.param(
            {"app_py": PLAIN + "from subprocess import run\nrun(['python', '-m', 'flask', 'db', 'init'])\n"},
            [("init", "app.py", 4, "start")],
            id="by a process",
        ),
    ],
)  # fmt: skip
def test_at_start(files: dict[str, str], expected: list[tuple[str, str, int, str]]):
    """Each call by its line, at the time at which the repository has it run."""
    assert found(**files) == expected


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"app_py": PLAIN, "cli_py": COMMAND}, id="a command that somebody gives"),
        pytest.param({"app_py": PLAIN, "start_py": START}, id="a script that nothing names"),
        pytest.param({"app_py": PLAIN, "start_py": START, "README.md": "```\npython start.py\n```\n"}, id="a script of the README"),
        pytest.param({"app_py": PLAIN, "tests__test_it_py": START, "Dockerfile": "CMD pytest tests"}, id="tests"),
        pytest.param(
            {"app_py": APP + "import os\nwith app.app_context():\n    if not os.path.exists('migrations'):\n        init()\n"},
            id="only where there is no migrations/",
        ),
        pytest.param({"app_py": APP + "with app.app_context():\n    init(directory='other')\n"}, id="another directory"),
        pytest.param({"app_py": APP + "migrate.init_app(app)\nMigrate(app)\n"}, id="attaching"),
        pytest.param({"app_py": PLAIN + "def init(): pass\ndef migrate(): pass\ninit()  # flask_migrate\n"}, id="own functions"),
        pytest.param({"app_py": PLAIN + "import subprocess\nsubprocess.run(['flask', 'db', 'current'])\n"}, id="looking"),
        pytest.param({"app_py": PLAIN + "import subprocess\nsubprocess.run(command)  # flask db init\n"}, id="unknown command"),
    ],
)  # fmt: skip
def test_left_alone(files: dict[str, str]):
    """What no start comes to, and what does nothing to the migrations."""
    assert found(**files) == []
