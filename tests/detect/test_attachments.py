"""Where `SQLAlchemy` objects meet an application."""

from __future__ import annotations

import pytest

from hooks.base.facts import Attachment
from hooks.detect.app import find_apps
from hooks.detect.attachments import find_attachments
from hooks.detect.calls import CallGraph
from hooks.detect.database import find_databases
from tests.detect.tools import Text

EXT = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"


def attachments(text: Text) -> tuple[Attachment, ...]:
    """The attachments of a project made of text."""
    index = text.index
    return find_attachments(index, find_databases(index), CallGraph(index), find_apps(index))


def test_created_attached():
    """`SQLAlchemy(app)` is created and attached in one."""
    text = Text({"app.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app)\n"})

    assert attachments(text) == (
        Attachment(text.span("app.py", "db = SQLAlchemy(app)"), text.at("app.py", 2), "app", "db", "app", "app:db", is_direct=True),
    )


@pytest.mark.parametrize(
    ("imports", "db"),
    [
        pytest.param("from shop.ext import db", "db", id="by name"),
        pytest.param("from shop.ext import db as database", "database", id="aliased"),
        pytest.param("import shop.ext", "shop.ext.db", id="by the module's path"),
        pytest.param("from shop import ext", "ext.db", id="by the module"),
        pytest.param("from .ext import *", "db", id="import *"),
        pytest.param("from . import db", "db", id="re-exported"),
    ],
)
def test_attached_in_a_factory(imports: str, db: str):
    """`db.init_app(app)` leads to the object through every way of importing it."""
    text = Text(
        {
            "shop/ext.py": EXT,
            "shop/__init__.py": "from .ext import db",
            "shop/web.py": f"{imports}\ndef create_app():\n    {db}.init_app(app=app)\n",
        }
    )

    assert attachments(text) == (
        Attachment(
            text.span("shop/web.py", f"{db}.init_app(app=app)"),
            text.at("shop/web.py", 3),
            "shop.web",
            db,
            "app",
            "shop.ext:db",
            is_direct=False,
            function="create_app",
        ),
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from flask_login import LoginManager\nlogin = LoginManager()\nlogin.init_app(app)", id="a login manager"),
        pytest.param("from flask_migrate import Migrate\nmigrate = Migrate()\nmigrate.init_app(app, db)", id="migrate"),
        pytest.param("from shop import ext\next.init_app(app)", id="a module's own init_app"),
        pytest.param("from flask_peewee.db import Database\ndb = Database()\ndb.init_app(app)", id="another package's db"),
        pytest.param("from shop.ext import db\ndb.init_app()", id="no application"),
        pytest.param("from shop.ext import db\ndb.create_all(app)", id="another method"),
        pytest.param("class Cache:\n    def init_app(self, app): pass\ndb = Cache()\ndb.init_app(app)", id="an own class"),
    ],
)
def test_init_app_of_something_else(source: str):
    """Only a `SQLAlchemy` object is attached."""
    text = Text({"shop/ext.py": EXT + "def init_app(app):\n    pass\n", "shop/web.py": source})

    assert attachments(text) == ()


def test_wrapper_module_with_its_own_init_app():
    """`ext.db.init_app(app)` of a module is a call; the attachment is the one inside."""
    text = Text(
        {
            "shop/ext/db/__init__.py": EXT + "def init_app(app):\n    db.init_app(app)\n",
            "shop/app.py": "from shop.ext import db\ndef create_app():\n    db.init_app(app)\n",
        }
    )

    assert attachments(text) == (
        Attachment(
            text.span("shop/ext/db/__init__.py", "db.init_app(app)"),
            text.at("shop/ext/db/__init__.py", 4),
            "shop.ext.db",
            "db",
            "app",
            "shop.ext.db:db",
            is_direct=False,
            function="init_app",
        ),
    )


def test_on_self_in_a_subclass_of_flask():
    """`self.db.init_app(self)` finds the class's attribute, inherited ones too."""
    text = Text(
        {
            "app.py": """
                from flask import Flask
                from flask_sqlalchemy import SQLAlchemy
                class Base(Flask):
                    db = SQLAlchemy()
                class Shop(Base):
                    def __init__(self):
                        self.db.init_app(self)
                """
        }
    )

    assert attachments(text) == (
        Attachment(
            text.span("app.py", "self.db.init_app(self)"),
            text.at("app.py", 7),
            "app",
            "self.db",
            "self",
            "app:Base.db",
            is_direct=False,
            function="Shop.__init__",
        ),
    )


def test_handed_in_as_a_parameter():
    """A helper's parameter leads to what the project passes for it."""
    text = Text(
        {
            "shop/ext.py": EXT,
            "shop/setup.py": "def setup(app, database):\n    database.init_app(app)\n",
            "shop/web.py": "from shop.setup import setup\nfrom shop.ext import db\nsetup(app, database=db)\n",
        }
    )

    assert attachments(text) == (
        Attachment(
            text.span("shop/setup.py", "database.init_app(app)"),
            text.at("shop/setup.py", 2),
            "shop.setup",
            "database",
            "app",
            "shop.ext:db",
            is_direct=False,
            function="setup",
        ),
    )


def test_parameter_that_nobody_passes():
    """A parameter called db is a `SQLAlchemy` object of an unknown place."""
    text = Text({"setup.py": "def setup(app, db):\n    db.init_app(app)\n"})

    assert attachments(text) == (
        Attachment(
            text.span("setup.py", "db.init_app(app)"),
            text.at("setup.py", 2),
            "setup",
            "db",
            "app",
            "",
            is_direct=False,
            function="setup",
        ),
    )


def test_loop_over_extensions():
    """In `for extension in (login, db): extension.init_app(app)` the object is among the elements."""
    text = Text({"app.py": EXT + "for extension in (login, db):\n    extension.init_app(app)\n"})

    assert attachments(text) == (
        Attachment(
            text.span("app.py", "extension.init_app(app)"),
            text.at("app.py", 4),
            "app",
            "extension",
            "app",
            "app:db",
            is_direct=False,
        ),
    )


def test_only_reached_as_a_script():
    """What only `python app.py` reaches, through however many functions, is under main; what a factory also reaches is not."""
    text = Text(
        {
            "app.py": EXT
            + """
from flask import Flask
app = Flask(__name__)
def initialize(app):
    db.init_app(app)
def main():
    initialize(app)
if __name__ == "__main__":
    main()
"""
        }
    )
    both = Text({"app.py": text.files["app.py"] + "initialize(app)\n"})

    assert [place.under_main for place in attachments(text)] == [True]
    assert [place.under_main for place in attachments(both)] == [False]


def test_factory_that_only_a_script_calls():
    """What a factory attaches is not under main, though the project itself calls the factory only there: flask calls it, too."""
    text = Text(
        {
            "app.py": """
                from flask import Flask
                from flask_sqlalchemy import SQLAlchemy
                def create_app():
                    app = Flask(__name__)
                    db = SQLAlchemy(app)
                    return app
                if __name__ == "__main__":
                    create_app().run()
                """
        }
    )

    assert [place.under_main for place in attachments(text)] == [False]


def test_kept_on_the_application():
    """`app.db = SQLAlchemy(app)` is known by that name, and by a name given to it."""
    source = "from flask import Flask\napp = Flask('x')\napp.db = SQLAlchemy()\ndb = app.db\ndb.init_app(app)\n"
    text = Text({"app.py": f"from flask_sqlalchemy import SQLAlchemy\n{source}"})

    assert attachments(text) == (
        Attachment(
            text.span("app.py", "db.init_app(app)"), text.at("app.py", 6), "app", "db", "app", "app:app.db", is_direct=False
        ),
    )


def test_attached_in_tests_and_within_a_context():
    """Attachments of tests are marked; a `with app.app_context()` around changes nothing."""
    text = Text(
        {
            "shop.py": EXT + "def create_app():\n    with app.app_context():\n        db.init_app(app)\n",
            "tests/conftest.py": "from shop import db\ndb.init_app(app)\n",
        }
    )

    assert attachments(text) == (
        Attachment(
            text.span("shop.py", "db.init_app(app)"),
            text.at("shop.py", 5),
            "shop",
            "db",
            "app",
            "shop:db",
            is_direct=False,
            function="create_app",
        ),
        Attachment(
            text.span("tests/conftest.py", "db.init_app(app)"),
            text.at("tests/conftest.py", 2),
            "tests.conftest",
            "db",
            "app",
            "shop:db",
            is_direct=False,
            in_tests=True,
        ),
    )
