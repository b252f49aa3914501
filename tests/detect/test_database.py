"""Where `SQLAlchemy` objects of Flask-SQLAlchemy are created."""

from __future__ import annotations

import pytest

from hooks.base.facts import Database
from hooks.detect.database import find_databases
from tests.detect.tools import Text


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        pytest.param("from flask_sqlalchemy import SQLAlchemy", "db = SQLAlchemy()", id="plain"),
        pytest.param("import flask_sqlalchemy", "db = flask_sqlalchemy.SQLAlchemy()", id="through the package"),
        pytest.param("import flask_sqlalchemy as sa", "db = sa.SQLAlchemy()", id="aliased package"),
        pytest.param("from flask.ext.sqlalchemy import SQLAlchemy", "db = SQLAlchemy()", id="flask.ext"),
        pytest.param("from flask_sqlalchemy import *", "db = SQLAlchemy()", id="import *"),
        pytest.param("from flask_sqlalchemy import SQLAlchemy", "db: SQLAlchemy = SQLAlchemy()", id="annotated"),
        pytest.param("from flask_appbuilder import SQLA", "db = SQLA()", id="AppBuilder"),
        pytest.param(
            "from flask_sqlalchemy import SQLAlchemy\nclass Own(SQLAlchemy):\n    pass", "db = Own(metadata=None)", id="subclass"
        ),
        pytest.param(
            "from flask_sqlalchemy import SQLAlchemy",
            "db = SQLAlchemy(\n    metadata=MetaData(naming_convention={}),\n    session_options={'a': 1},\n)",
            id="over several lines",
        ),
        pytest.param(
            "from flask_sqlalchemy import SQLAlchemy\ndef make():\n    return SQLAlchemy()", "db = make()", id="by a function"
        ),
        pytest.param(
            "from flask_sqlalchemy import SQLAlchemy\ndef make():\n    x = SQLAlchemy()\n    return x",
            "db = make()",
            id="by a function's local",
        ),
    ],
)
def test_created_in_every_spelling(source: str, statement: str):
    """The object is known by the name it is bound to; the span covers the whole statement."""
    text = Text({"shop/ext.py": f"{source}\n{statement}\n"})
    line = len(source.splitlines()) + 1

    assert find_databases(text.index).facts() == (
        Database("shop.ext", "db", text.at("shop/ext.py", line), text.span("shop/ext.py", statement)),
    )


@pytest.mark.parametrize(
    ("call", "app"),
    [
        pytest.param("SQLAlchemy(app)", "app", id="position"),
        pytest.param("SQLAlchemy(app=app)", "app", id="keyword"),
        pytest.param("SQLAlchemy(connex.app, model_class=Base)", "connex.app", id="attribute"),
        pytest.param("SQLAlchemy(None)", "", id="None is no application"),
        pytest.param("SQLAlchemy(model_class=Base)", "", id="another keyword"),
    ],
)
def test_application_that_it_is_created_with(call: str, app: str):
    """`app` is the argument as written."""
    text = Text({"app.py": f"from flask_sqlalchemy import SQLAlchemy\ndb = {call}\n"})

    assert find_databases(text.index).facts() == (
        Database("app", "db", text.at("app.py", 2), text.span("app.py", f"db = {call}"), app=app),
    )


def test_names_that_are_not_module_level():
    """Class attributes, `self.db`, locals and globals of a function carry where they live."""
    text = Text(
        {
            "app.py": """
                from flask_sqlalchemy import SQLAlchemy
                class Ext:
                    db = SQLAlchemy()
                class Shop:
                    def __init__(self, app):
                        self.orm = SQLAlchemy(app)
                def create_app():
                    local = SQLAlchemy()
                def setup():
                    global shared
                    shared = SQLAlchemy()
                """
        }
    )

    assert find_databases(text.index).facts() == (
        Database("app", "Ext.db", text.at("app.py", 3), text.span("app.py", "db = SQLAlchemy()")),
        Database(
            "app",
            "self.orm",
            text.at("app.py", 6),
            text.span("app.py", "self.orm = SQLAlchemy(app)"),
            function="Shop.__init__",
            app="app",
        ),
        Database("app", "local", text.at("app.py", 8), text.span("app.py", "local = SQLAlchemy()"), function="create_app"),
        Database("app", "shared", text.at("app.py", 11), text.span("app.py", "shared = SQLAlchemy()"), function="setup"),
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from sqlalchemy import create_engine\ndb = create_engine('sqlite://')  # SQLAlchemy", id="plain engine"),
        pytest.param("import db\nfrom flask_sqlalchemy import SQLAlchemy", id="a module called db"),
        pytest.param("db = 'SQLAlchemy()'", id="a string"),
        pytest.param("from flask_sqlalchemy import SQLAlchemy\ndb: SQLAlchemy", id="an annotation"),
        pytest.param("from quart_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()", id="Quart"),
        pytest.param("from flask_sqlalchemy_lite import SQLAlchemy\ndb = SQLAlchemy()", id="Flask-SQLAlchemy-Lite"),
        pytest.param("class SQLAlchemy: pass\ndb = SQLAlchemy()", id="own class of that name"),
        pytest.param(
            "from flask_sqlalchemy import SQLAlchemy as B\nclass Own(B):\n    def __init__(self):\n        super().__init__()",
            id="super of a subclass",
        ),
    ],
)
def test_what_only_looks_like_a_database(source: str):
    """Another package's object, or a mere name, is none."""
    assert find_databases(Text({"shop.py": source}).index).facts() == ()


def test_database_of_the_tests():
    """One created in a test file is marked."""
    text = Text({"tests/conftest.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"})

    assert find_databases(text.index).facts() == (
        Database(
            "tests.conftest",
            "db",
            text.at("tests/conftest.py", 2),
            text.span("tests/conftest.py", "db = SQLAlchemy()"),
            in_tests=True,
        ),
    )


def test_two_ways_of_creating_one_object():
    """The branches of an `if` create one object; the first is where it is created."""
    text = Text(
        {
            "app.py": """
                from flask_sqlalchemy import SQLAlchemy
                if DEBUG:
                    db = SQLAlchemy(app)
                else:
                    db = SQLAlchemy(app, engine_options={})
                """
        }
    )

    assert find_databases(text.index).facts() == (
        Database("app", "db", text.at("app.py", 3), text.span("app.py", "db = SQLAlchemy(app)"), app="app"),
    )
