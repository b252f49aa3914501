"""What keeps an app from loading is told as facts, with the place in the project's own code."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.base.redaction import redaction
from hooks.inside.base.messages import Failed, data_of
from hooks.inside.load import causes
from tests.inside import tools

pytestmark = pytest.mark.usefixtures("from_nothing")  # how the process starts is what these are about

FACTORY = """
    import os
    from flask import Flask
    from flask_migrate import Migrate
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()
    DEFAULT = "sqlite:///" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "shop.db")

    class Wrapper:
        def __init__(self, app):
            self.app = app

    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    def create_app(name, debug=False, *, url=DEFAULT):
        app = Flask(name)
        app.config["SQLALCHEMY_DATABASE_URI"] = url
        app.debug = debug
        db.init_app(app)
        Migrate(app, db)
        return app

    def with_context(script_info):
        return create_app("shop")

    def with_a_tuple():
        return create_app("shop"), db

    def nothing():
        return None

    wrapped = Wrapper(create_app("shop"))
"""


@pytest.mark.parametrize(
    "app",
    [
        {"name": "create_app", "kind": "factory", "arguments": "'shop', debug=True"},
        {"name": "create_app", "kind": "factory", "arguments": "__name__, url=DEFAULT"},
        {"name": "with_context", "kind": "factory"},
        {"name": "with_a_tuple", "kind": "factory"},
        {"name": "wrapped", "kind": "wrapped", "inner": "app"},
        {"name": "wrapped.app", "kind": "object"},
    ],
    ids=lambda app: app["name"] + app.get("arguments", ""),
)
def test_apps_are_found(tmp_path: Path, app: dict[str, str]) -> None:
    """Factories with literals, names and keywords, Flask's script_info, a tuple, a wrapper."""
    root = tools.write_project(tmp_path / "shop", {"shop.py": FACTORY})

    loaded = tools.hear(root, stamp=False, app={"module": "shop", **app}).one("loaded")

    assert loaded["url"] == f"sqlite:///{root}/shop.db"


def test_factory_that_returns_something_else(tmp_path: Path) -> None:
    """What came in place of a Flask object is named."""
    root = tools.write_project(tmp_path / "shop", {"shop.py": FACTORY})

    error = tools.hear(root, app={"module": "shop", "name": "nothing", "kind": "factory"}).one("error")

    assert (error["reason"], error["app"], error["type"]) == ("not-a-flask-app", "shop:nothing", "NoneType")


FAILURES = {
    "a missing variable": ("KEY = os.environ['SHOP_KEY']", {"exception": "KeyError: 'SHOP_KEY'", "missing_variable": "SHOP_KEY"}),
    "a variable that is None": (
        "URL = os.environ.get('SHOP_URL').replace('a', 'b')",
        {"exception": "AttributeError: 'NoneType' object has no attribute 'replace'", "missing_variable": "SHOP_URL"},
    ),
    "a missing variable, in a line that the retrofit has edited": (
        "URL = os.environ.get('DATABASE_URL') or os.environ['SHOP_DB']",
        {"exception": "KeyError: 'SHOP_DB'", "missing_variable": "SHOP_DB"},
    ),
    "a missing module": (
        "import shop_settings",
        {"exception": "ModuleNotFoundError: No module named 'shop_settings'", "missing_module": "shop_settings"},
    ),
    "a missing file": (
        "CONFIG = open('config.json').read()",
        {"exception": "FileNotFoundError: [Errno 2] No such file or directory: 'config.json'", "missing_file": "config.json"},
    ),
    "a key of their own": ("VALUE = {}['HOME']", {"exception": "KeyError: 'HOME'"}),
    "a plain error": ("VALUE = 1 / 0", {"exception": "ZeroDivisionError: division by zero"}),
}


ASKED_FOR = {
    "zxcvbn is required for PASSWORD_COMPLEXITY_CHECKER": "",
    "JWT_SECRET environment variable must be set.": "JWT_SECRET",
    "Environment variable 'shop_key' not set": "shop_key",
    "SECRET not found. Declare it as envvar or define a default value.": "SECRET",
    "SHOP_KEY is not set; see README": "SHOP_KEY",
    "Missing SHOP_KEY": "SHOP_KEY",
    "HOME and SHOP_KEY are required": "SHOP_KEY",
    "Database environment variables are not fully set.": "",
    "Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set.": "",
    "no SHOP_KEY in this world": "",
}


@pytest.mark.parametrize("message", ASKED_FOR)
def test_variables_that_messages_ask_for(message: str) -> None:
    """As libraries and people put it; words of the sentence are none."""
    assert causes.asked_for(message) == ASKED_FOR[message]


@pytest.mark.parametrize("failure", FAILURES)
def test_failures_are_theirs(tmp_path: Path, failure: str) -> None:
    """The exception, the last line of the project, and what was missing."""
    line, facts = FAILURES[failure]
    root = tools.write_project(tmp_path / "shop", {"app.py": "import config\n", "config.py": f"import os\n\n{line}\n"})

    error = tools.hear(root).one("error")

    assert error == data_of(Failed("app-failed-to-load", path="config.py", line=3, text=line, **facts))


def test_syntax_error_has_its_place(tmp_path: Path) -> None:
    """The line that cannot be parsed, not the import of its module."""
    root = tools.write_project(tmp_path / "shop", {"app.py": "import config\n", "config.py": "VALUE = 1\nprint 'python 2'\n"})

    error = tools.hear(root).one("error")

    assert (error["path"], error["line"], error["text"]) == ("config.py", 2, "print 'python 2'")


def test_packages_that_do_not_go_together(tmp_path: Path) -> None:
    """Flask itself cannot be imported, before any line of the application: that is no mistake of ours."""
    root = tools.shop(tmp_path / "shop")
    (tmp_path / "old" / "flask").mkdir(parents=True)
    (tmp_path / "old" / "flask" / "__init__.py").write_text("from markupsafe import soft_unicode\n")

    error = tools.hear(root, env={"PYTHONPATH": str(tmp_path / "old")}).one("error")

    assert error["reason"] == "packages-do-not-fit"
    assert "cannot import name 'soft_unicode' from 'markupsafe'" in error["exception"]


def test_lines_are_those_on_disk(tmp_path: Path) -> None:
    """An edit that adds lines does not shift the place that the user is sent to."""
    root = tools.write_project(tmp_path / "shop", {"app.py": "import os\nKEY = os.environ['SHOP_KEY']\n"})

    error = tools.hear(root, overlay={"app.py": "import os\nimport sys\n\nKEY = os.environ['SHOP_KEY']\n"}).one("error")

    assert (error["line"], error["text"]) == (2, "KEY = os.environ['SHOP_KEY']")


def test_line_that_the_edit_has_replaced(tmp_path: Path) -> None:
    """The line on disk is told: nobody finds ours in a file that is as it was."""
    root = tools.write_project(tmp_path / "shop", {"app.py": "import sys\n\nif sys:\n    make()\n"})

    edited = "import os\nimport sys\n\nif sys:\n    if not os.environ['SHOP_KEY']:\n        make()\n"
    error = tools.hear(root, overlay={"app.py": edited}).one("error")

    assert (error["path"], error["line"], error["text"]) == ("app.py", 4, "make()")


def test_passwords_in_their_errors_are_hidden(tmp_path: Path) -> None:
    """Neither the exception nor the line of source shows a password."""
    root = tools.write_project(tmp_path / "shop", {"app.py": "raise ValueError('postgresql://shop:ge:he/im@db/shop is down')\n"})

    heard = tools.hear(root)

    assert heard.one("error")["exception"] == "ValueError: postgresql://shop:***@db/shop is down"
    assert "he/im" not in redaction.masked(str(heard.events))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("db = SQLAlchemy(app)\nMigrate(app, db)", "db = SQLAlchemy()", "app-has-no-database"),
        ("Migrate(app, db)", "", "migrate-not-attached"),
        ("    name =", '    __bind_key__ = "elsewhere"\n    name =', "bind-not-configured"),
    ],
    ids=["nothing attached", "no Migrate", "a bind"],
)
def test_what_the_loaded_app_lacks(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """The app loads, but there is no one database to migrate."""
    root = tools.shop(tmp_path / "shop")
    source = (root / "app.py").read_text()
    assert old in source
    source = (
        source.replace("db = SQLAlchemy(app)", 'app.config["SQLALCHEMY_BINDS"] = {"other": URL}\ndb = SQLAlchemy(app)', 1)
        if "bind" in new
        else source
    )
    (root / "app.py").write_text(source.replace(old, new))

    error = tools.hear(root).one("error")

    assert error["reason"] == reason, error


def test_project_comes_before_our_modules(tmp_path: Path) -> None:
    """Names that this product uses for its own modules are free for the project's."""
    files = {f"{name}.py": f"MINE = {name!r}\n" for name in ("load", "record", "models", "stop", "session", "pipe", "run")}
    root = tools.shop(
        tmp_path / "shop", after="import load, record, models, stop, session, pipe, run\nassert models.MINE == 'models'\n"
    )
    tools.write_project(root, files)

    assert tools.hear(root, stamp=False).names == ["loaded", "verified"]


def test_dotenv_files_are_read(tmp_path: Path) -> None:
    """`.env` is loaded as the flask command does it."""
    root = tools.shop(tmp_path / "shop")
    (root / ".env").write_text(f"EXISTING_URL=sqlite:///{root}/dotenv.db\n")

    assert tools.hear(root, stamp=False).one("loaded")["url"] == f"sqlite:///{root}/dotenv.db"
