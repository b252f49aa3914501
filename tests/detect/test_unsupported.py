"""What a refusal names when there is no Flask-SQLAlchemy."""

from __future__ import annotations

import pytest

from hooks.detect.unsupported import find_others
from tests.detect.tools import Text


@pytest.mark.parametrize(
    ("imports", "line"),
    [
        pytest.param(
            "from sqlalchemy.ext.declarative import declarative_base", "Base = declarative_base()", id="old declarative base"
        ),
        pytest.param("from sqlalchemy.orm import DeclarativeBase", "class Base(DeclarativeBase): pass", id="new declarative base"),
        pytest.param("from sqlalchemy import orm", "class Base(orm.DeclarativeBase): pass", id="through its module"),
        pytest.param("from quart import Quart", "app = Quart(__name__)", id="Quart"),
        pytest.param("import quart", "class App(quart.Quart): pass", id="subclass of Quart"),
        pytest.param("from sqlalchemy import create_engine", "engine = create_engine('sqlite://')", id="an engine"),
        pytest.param("from flask_mongoengine import MongoEngine", "db = MongoEngine()", id="MongoEngine"),
        pytest.param("from flask_sqlalchemy_lite import SQLAlchemy", "db = SQLAlchemy()", id="Flask-SQLAlchemy-Lite"),
    ],
)
def test_what_is_there_instead(imports: str, line: str):
    """The line that shows it is given."""
    text = Text({"db.py": f"{imports}\n{line}\n"})

    assert find_others(text.index) == (text.at("db.py", 2),)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from sqlalchemy.orm import DeclarativeBase", id="only imported"),
        pytest.param("def declarative_base(): pass\nBase = declarative_base()", id="an own function"),
        pytest.param("# Quart(__name__)", id="a comment"),
        pytest.param("from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()", id="Flask-SQLAlchemy itself"),
    ],
)
def test_what_is_nothing_else(source: str):
    """Imports, own functions and comments show nothing."""
    assert find_others(Text({"db.py": source}).index) == ()


def test_tests_do_not_count():
    """What tests use tells nothing about the project."""
    assert find_others(Text({"tests/test_db.py": "from quart import Quart\napp = Quart('x')\n"}).index) == ()
