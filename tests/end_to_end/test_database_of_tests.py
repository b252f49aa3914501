"""A suite that drops all tables is run before and after, with DATABASE_URL naming a database with rows: the rows stay."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end import tools

MODELS = """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
"""
FACTORY = """\
from flask import Flask

import config
from models import db


def create_app(name="development"):
    app = Flask(__name__)
    {configure}
    db.init_app(app)
    return app
"""
FIXTURE = """\
import pytest

from app import create_app
from models import Item, db


@pytest.fixture
def app():
    app = create_app({name})
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.drop_all()
"""
TEST = """\
from models import Item, db


def test_items(app):
    db.session.add(Item(name="test"))
    db.session.commit()
    assert app.testing
"""
LATE = """\
import unittest

from app import app
from models import Item, db


class ItemTest(unittest.TestCase):
    def setUp(self):
        app.config["TESTING"] = True
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        self.context = app.app_context()
        self.context.push()
        db.create_all()

    def tearDown(self):
        db.session.remove()
        db.drop_all()
        self.context.pop()

    def test_items(self):
        db.session.add(Item(name="test"))
        db.session.commit()
"""
PROJECTS = {
    "a metaclass sets TESTING": {
        "config.py": (
            "class Fast(type):\n    def __init__(cls, *rest):\n        for flag in ('TESTING', 'PROPAGATE_EXCEPTIONS'):\n"
            "            setattr(cls, flag, True)\n\n\nclass Config:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n\n\n"
            "class QA(Config, metaclass=Fast):\n    pass\n\n\nconfigs = {'development': Config, 'qa': QA}\n"
        ),
        "app.py": FACTORY.format(configure="app.config.from_object(config.configs[name])"),
        "tests/conftest.py": FIXTURE.format(name="'qa'"),
        "tests/test_items.py": TEST,
    },
    "an unpacked dict": {
        "config.py": (
            "COMMON = {'SQLALCHEMY_DATABASE_URI': 'sqlite:///dev.db'}\n"
            "configs = {'development': COMMON, 'qa': {**COMMON, 'TESTING': True}}\n"
        ),
        "app.py": FACTORY.format(configure="app.config.from_mapping(config.configs[name])"),
        "tests/conftest.py": FIXTURE.format(name="'qa'"),
        "tests/test_items.py": TEST,
    },
    "a conftest.py imports the settings before a test builds the application as it is": {
        "config.py": "class Config:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n",
        "app.py": FACTORY.format(
            configure="app.config.from_object(config.Config)\n    if isinstance(name, dict):\n        app.config.update(name)"
        ),
        "tests/conftest.py": FIXTURE.format(name="{'TESTING': True, 'SQLALCHEMY_DATABASE_URI': 'sqlite://'}"),
        "tests/test_items.py": TEST,
        "tests/test_settings.py": (
            "from app import create_app\nfrom models import db\n\n\ndef test_settings():\n    app = create_app()\n"
            "    with app.app_context():\n        db.create_all()\n        db.drop_all()\n"
        ),
    },
    "a fixture that only a plugin can make, beside one that builds the application as it is": {
        "config.py": "class Config:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n",
        "app.py": FACTORY.format(configure="app.config.from_object(config.Config)"),
        "tests/conftest.py": FIXTURE.format(name="").replace(
            "@pytest.fixture\n",
            "@pytest.fixture\ndef stored(record_testsuite_property):\n    return record_testsuite_property\n\n\n@pytest.fixture\n",
        ),
        "tests/test_items.py": TEST.replace("assert app.testing", "assert app.config")
        + "\n\ndef test_stored(stored):\n    assert stored\n",
    },
    "configured after it was attached": {
        "config.py": "SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n",
        "app.py": FACTORY.format(configure="app.config.from_object(config)") + "\n\napp = create_app()\n",
        "tests/__init__.py": "",
        "tests/test_items.py": LATE,
    },
}


def rows(path: Path) -> list[tuple[object, ...]]:
    """The items in a database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, name FROM item").fetchall()


@pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS)
def test_suite_that_drops_its_tables(files: dict[str, str], tmp_path: Path) -> None:
    """Neither before nor after does the suite reach the database that DATABASE_URL names; the application does after."""
    real, root = tmp_path / "real.db", tmp_path / "shop"
    with closing(sqlite3.connect(real)) as connection:
        connection.executescript(
            "CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20));INSERT INTO item (name) VALUES ('ada'), ('bob');"
        )
    for path, text in {"models.py": MODELS, "requirements.txt": "Flask-SQLAlchemy\n", ".gitignore": "instance/\n", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    tools.commit_all(root, "as it was")
    variable = {"DATABASE_URL": f"sqlite:///{real}", "PYTHONPATH": str(root)}

    def suite() -> tools.Result:
        return tools.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=root, env=variable)

    before = suite()
    assert (before.returncode, rows(real)) == (0, [(1, "ada"), (2, "bob")]), before.output
    result = tools.run_copier(root)
    assert result.returncode == 0, tools.said(result)
    after = suite()

    used = "from app import create_app\nfrom models import Item\nwith create_app().app_context(): print(Item.query.count())"
    assert (after.returncode, rows(real)) == (0, [(1, "ada"), (2, "bob")]), after.output + tools.git(root, "diff")
    assert tools.run(sys.executable, "-c", used, cwd=root, env=variable).stdout == "2\n", tools.git(root, "diff")
    words = tools.said(result)
    assert "for tests, built with DATABASE_URL set" in words, words
    assert "could not be built" not in words, words


def test_application_that_becomes_one_for_tests_too_late(tmp_path: Path) -> None:
    """No edit keeps what the factory makes for tests from the variable: a refusal that names it, and nothing is changed."""
    configure = "app.config.from_object(config)\n    db.init_app(app)\n    if testing:\n        app.config['TESTING'] = True"
    factory = (
        FACTORY.format(configure=configure)
        .replace('name="development"', "testing=False")
        .replace("    db.init_app(app)\n    return", "    return")
    )
    files = {"config.py": "SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n", "app.py": factory, "models.py": MODELS}
    for path, text in {**files, "requirements.txt": "Flask-SQLAlchemy\n", ".gitignore": "instance/\n"}.items():
        (tmp_path / path).write_text(text)
    tools.commit_all(tmp_path, "as it was")
    before = tools.tree_bytes(tmp_path)

    result = tools.run_copier(tmp_path)

    assert result.returncode == 1, result.output
    assert tools.said(result).partition("\nerror: ")[2] == (
        "tests-would-follow\n"
        "  With our edits these configurations for tests would use the database that DATABASE_URL names; today they do not.\n"
        "  Tests that drop or fill tables would do that in this database:\n"
        "    create_app(testing=True)\n"
        "  Nothing was changed.\n"
        "  Give each a SQLALCHEMY_DATABASE_URI of its own, set before the database is attached, and run again.\n"
    )
    assert tools.tree_bytes(tmp_path) == before
