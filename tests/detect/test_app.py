"""Which Flask applications a source defines."""

from __future__ import annotations

import pytest

from hooks.base.facts import App, AppKind
from hooks.detect.app import find_apps
from tests.detect.tools import Text

OBJECT, FACTORY, WRAPPED = AppKind.OBJECT, AppKind.FACTORY, AppKind.WRAPPED


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("from flask import Flask\napp = Flask(__name__)", id="plain"),
        pytest.param("from flask import Flask as F\napp = F('literal')", id="aliased class"),
        pytest.param("import flask\napp = flask.Flask(__name__.split('.')[0])", id="through the package"),
        pytest.param("import flask as f\napp = f.Flask(__name__)", id="aliased package"),
        pytest.param("from flask import *\napp = Flask(__name__)", id="import *"),
        pytest.param("from flask import Flask\napp: Flask = Flask(__name__)", id="annotated"),
        pytest.param("from apiflask import APIFlask\napp = APIFlask(__name__)", id="APIFlask"),
        pytest.param("from flask import Flask\nclass Shop(Flask): pass\napp = Shop(__name__)", id="subclass"),
        pytest.param("from flask import Flask\ndef c(a): return a\napp = c(Flask(__name__))", id="handed through a function"),
        pytest.param("from flask import Flask\napp = Flask(__name__) if True else None", id="conditional"),
    ],
)
def test_object_in_every_spelling(line: str):
    """A module-level name bound to a Flask object is an OBJECT, however Flask was imported."""
    text = Text({"shop.py": line})
    last = len(line.splitlines())

    assert find_apps(text.index) == (App("shop", "app", OBJECT, text.at("shop.py", last)),)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from quart import Quart\napp = Quart(__name__)  # not Flask", id="Quart"),
        pytest.param("class Flask: pass\napp = Flask()", id="own class of that name"),
        pytest.param("from flask import Flask, Blueprint\nbp = Blueprint('x', __name__)", id="blueprint"),
        pytest.param("from flask import Flask, current_app as app", id="current_app"),
        pytest.param(
            "from flask import Flask\ndef main():\n    app = Flask(__name__)\n    app.run()", id="local and never returned"
        ),
        pytest.param("from flask import Flask\nif __name__ == '__main__':\n    app = Flask(__name__)", id="only as a script"),
        pytest.param("app = 'Flask(__name__)'", id="a string"),
        pytest.param(
            "from flask import Flask\nfrom w import Middleware\nwsgi = Middleware(Flask(__name__).wsgi_app)", id="wsgi_app"
        ),
        pytest.param("from flask import Flask\ndef app():\n    yield Flask(__name__)", id="generator"),
    ],
)
def test_what_only_looks_like_an_application(source: str):
    """Nothing that a module-level name of Flask's kind does not lead to is an application."""
    assert find_apps(Text({"shop.py": source}).index) == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("app = Flask(__name__)\n    return app", id="local name"),
        pytest.param("return Flask(__name__)", id="at once"),
        pytest.param("app = Flask(__name__)\n    return app, 1", id="tuple"),
        pytest.param("with open('x') as f:\n        app = Flask(__name__)\n    return app", id="with block"),
        pytest.param("app = shape(Flask(__name__))\n    return app", id="through another function"),
    ],
)
def test_factory_under_any_name(body: str):
    """A function that returns a Flask object is a FACTORY, whatever its name."""
    text = Text({"shop.py": f"from flask import Flask\ndef shape(app):\n    return app\ndef build_it():\n    {body}\n"})

    assert find_apps(text.index) == (App("shop", "build_it", FACTORY, text.at("shop.py", 4)),)


def test_factory_that_asks_another_factory():
    """The outer factory is made by the inner one, so both are one application."""
    text = Text(
        {
            "shop/base.py": "from flask import Flask\ndef make(name):\n    return Flask(name)\n",
            "shop/__init__.py": "from .base import make\ndef create_app():\n    app = make('shop')\n    return app\n",
        }
    )

    assert find_apps(text.index) == (
        App("shop", "create_app", FACTORY, text.at("shop/__init__.py", 2), made_by="shop.base:make"),
        App("shop.base", "make", FACTORY, text.at("shop/base.py", 2), arguments="'shop'"),
    )


def test_object_made_by_a_factory():
    """`app = create_app("development")` in wsgi.py is an object, and tells what the factory is called with."""
    text = Text(
        {
            "shop/__init__.py": "from flask import Flask\ndef create_app(config):\n    return Flask(__name__)\n",
            "wsgi.py": "from shop import create_app\napp = create_app('development')\n",
        }
    )

    assert find_apps(text.index) == (
        App("shop", "create_app", FACTORY, text.at("shop/__init__.py", 2), arguments="'development'"),
        App("wsgi", "app", OBJECT, text.at("wsgi.py", 2), made_by="shop:create_app"),
    )


@pytest.mark.parametrize(
    ("call", "arguments", "required"),
    [
        pytest.param("create_app('dev', debug=True)", "'dev', debug=True", (), id="position and keyword"),
        pytest.param("create_app(os.getenv('ENV') or 'dev')", "'dev'", (), id="fallback of or"),
        pytest.param("create_app(os.environ.get('ENV', 'dev'))", "'dev'", (), id="fallback of get"),
        pytest.param("create_app(NAME)", "'prod'", (), id="a constant of the module"),
        pytest.param("create_app({\n    'A': 1,\n})", "{ 'A': 1, }", (), id="dict over several lines"),
        pytest.param("create_app(os.environ['ENV'])", "", ("config",), id="only running can tell"),
        pytest.param("create_app(*arguments)", "", ("config",), id="starred"),
        pytest.param("create_app(debug=True)", "debug=True", ("config",), id="not all supplied"),
    ],
)
def test_arguments_are_those_of_the_entry_point(call: str, arguments: str, required: tuple[str, ...]):
    """Literals are taken over; what only running can tell leaves the parameter required."""
    text = Text(
        {
            "shop.py": "from flask import Flask\ndef create_app(config, debug=False):\n    return Flask(__name__)\n",
            "run.py": f"import os\nfrom shop import create_app\nNAME = 'prod'\nif __name__ == '__main__':\n    {call}.run()\n",
        }
    )

    assert find_apps(text.index) == (
        App("shop", "create_app", FACTORY, text.at("shop.py", 2), arguments=arguments, required=required),
    )


def test_calls_in_tests_tell_no_arguments():
    """What tests pass to the factory is theirs; their own objects are marked."""
    text = Text(
        {
            "shop.py": "from flask import Flask\ndef create_app(config):\n    return Flask(__name__)\n",
            "tests/test_shop.py": "from shop import create_app\nfrom flask import Flask\napp = create_app('testing')\n",
        }
    )

    assert find_apps(text.index) == (
        App("shop", "create_app", FACTORY, text.at("shop.py", 2), required=("config",)),
        App("tests.test_shop", "app", OBJECT, text.at("tests/test_shop.py", 3), in_tests=True, made_by="shop:create_app"),
    )


def test_connexion_with_its_flask_object():
    """The connexion application is WRAPPED; a name given to its Flask object is an OBJECT made by it."""
    text = Text({"config.py": "import connexion\nconnex = connexion.App(__name__)\napp = connex.app\ndb = SQLAlchemy(app)\n"})

    assert find_apps(text.index) == (
        App("config", "connex", WRAPPED, text.at("config.py", 2), inner="app"),
        App("config", "app", OBJECT, text.at("config.py", 3), made_by="config:connex"),
    )


def test_connexion_where_nothing_says_flask():
    """An application that no file calls Flask is found all the same."""
    text = Text(
        {"server.py": "from connexion import FlaskApp\ndef make():\n    application = FlaskApp(__name__)\n    return application\n"}
    )

    assert find_apps(text.index) == (App("server", "make", WRAPPED, text.at("server.py", 2), inner="app"),)


def test_dash_made_by_itself_and_on_an_application():
    """Dash has its Flask object in `server`; one that is put on an existing Flask object is no application of its own."""
    text = Text(
        {
            "alone.py": "import dash\napp = dash.Dash(__name__)\n",
            "on_top.py": "from flask import Flask\nfrom dash import Dash\nserver = Flask(__name__)\nboard = Dash(server=server)\n",
            "requirements.txt": "dash\n",
        }
    )

    assert find_apps(text.index) == (
        App("alone", "app", WRAPPED, text.at("alone.py", 2), inner="server"),
        App("on_top", "server", OBJECT, text.at("on_top.py", 3)),
    )


def test_imported_copies_are_aliases():
    """`from shop import app` in run.py is the same object under another name, and so is `application = app`."""
    text = Text(
        {
            "shop/__init__.py": "from flask import Flask\napp = Flask(__name__)\napplication = app\n",
            "run.py": "from shop import app\napp.run()\n",
            "other.py": "app = None\n",
        }
    )

    assert find_apps(text.index) == (
        App("shop", "app", OBJECT, text.at("shop/__init__.py", 2), aliases=(("run", "app"), ("shop", "application"))),
    )


def test_subclass_in_another_module():
    """A subclass of Flask makes applications wherever it is imported, though no file there says Flask."""
    text = Text(
        {
            "core/web.py": "import flask\nclass Web(flask.Flask):\n    pass\n",
            "main.py": "from core.web import Web\nserver = Web('x')\n",
        }
    )

    assert find_apps(text.index) == (App("main", "server", OBJECT, text.at("main.py", 2)),)


def test_attribute_of_an_instance():
    """`server = Server(); app = server.app` leads to what the class's constructor made."""
    text = Text(
        {
            "main.py": """
                from flask import Flask
                class Server:
                    def __init__(self):
                        self.app = Flask(__name__)
                server = Server()
                app = server.app
                """
        }
    )

    assert find_apps(text.index) == (App("main", "app", OBJECT, text.at("main.py", 6)),)


def test_unpacked_tuple():
    """`app, db = create_app()` takes the element that is the application."""
    text = Text(
        {
            "shop.py": "from flask import Flask\ndef create_app():\n    return 1, Flask(__name__)\n",
            "wsgi.py": "from shop import create_app\nnumber, web = create_app()\n",
        }
    )

    assert find_apps(text.index) == (
        App("shop", "create_app", FACTORY, text.at("shop.py", 2)),
        App("wsgi", "web", OBJECT, text.at("wsgi.py", 2), made_by="shop:create_app"),
    )


def test_module_that_a_package_hides():
    """app.py beside a package app/ cannot be imported, so its object is none."""
    text = Text(
        {
            "app/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n",
            "app.py": "from app import create_app\napp = create_app()\n",
        }
    )

    assert find_apps(text.index) == (App("app", "create_app", FACTORY, text.at("app/__init__.py", 2)),)


def test_factory_that_finishes_the_modules_object():
    """`def create_app(): ...; return app` hands out the module's own object; a bare getter adds nothing."""
    text = Text(
        {
            "shop.py": """
                from flask import Flask
                app = Flask(__name__)
                def create_app():
                    app.config["A"] = 1
                    return app
                def get_app():
                    return app
                """
        }
    )

    assert find_apps(text.index) == (
        App("shop", "app", OBJECT, text.at("shop.py", 2)),
        App("shop", "create_app", FACTORY, text.at("shop.py", 3), made_by="shop:app"),
    )


@pytest.mark.parametrize(
    ("path", "folder"), [("shop/__init__.py", ""), ("src/shop/__init__.py", "src"), ("src/app.py", "src"), ("app.py", "")]
)
def test_folder(path: str, folder: str):
    """What has to be on `sys.path` for the module's name to mean this file."""
    (found,) = find_apps(Text({path: "from flask import Flask\napp = Flask(__name__)"}).index)

    assert found.folder == folder


@pytest.mark.parametrize(
    ("path", "rest", "aliases"),
    [
        pytest.param("wsgi.py", "", (("wsgi", "app"),), id="wsgi.py"),
        pytest.param("microblog.py", "", (("microblog", "app"),), id="nothing else"),
        pytest.param("reset.py", "with app.app_context():\n    app.db.drop_all()", (), id="a script that empties the database"),
        pytest.param("reset.py", "reset_database(app)", (), id="a script that works through a function"),
    ],
)
def test_scripts_that_import_the_application(path: str, rest: str, aliases: tuple[tuple[str, str], ...]):
    """A script that does its work when it is imported is no other name of the application."""
    text = Text({"shop/app.py": "from flask import Flask\napp = Flask(__name__)", path: f"from shop.app import app\n{rest}\n"})

    assert [app.aliases for app in find_apps(text.index)] == [aliases]


@pytest.mark.parametrize(
    ("path", "first", "rest", "aliases"),
    [
        pytest.param("app.py", "from api import *", "", (("app", "app"),), id="all of it"),
        pytest.param("app.py", "from models import *", "", (("app", "app"),), id="through another"),
        pytest.param("app.py", "from api import *", "app = None", (), id="another thing of that name"),
        pytest.param("app.py", "from other import *", "", (), id="all of a module without it"),
        pytest.param("fill.py", "from api import *", "with app.app_context():\n    app.db.drop_all()", (), id="a script"),
    ],
)
def test_scripts_that_import_all_of_the_module(path: str, first: str, rest: str, aliases: tuple[tuple[str, str], ...]):
    """`from api import *` in app.py is another name of the application, which has the routes of app.py as well."""
    text = Text(
        {
            "api.py": "from flask import Flask\napp = Flask(__name__)",
            "models.py": "from api import app",
            "other.py": "value = 1",
            path: f"{first}\n{rest}\n",
        }
    )

    (found,) = find_apps(text.index)

    assert [alias for alias in found.aliases if alias[0] != "models"] == list(aliases)


HOLDER = """
from flask import Flask
class Server:
    def __init__(self, name, flask_app=None):
        self.name, self.other = name, None
        self.web = flask_app
"""


def test_a_class_of_the_project_that_holds_the_application():
    """`Server("x", Flask(__name__))` keeps what it is given in an attribute: that is the Flask object."""
    text = Text({"app.py": HOLDER + "server = Server('x', flask_app=Flask(__name__))\n"})

    assert find_apps(text.index) == (App("app", "server", WRAPPED, text.at("app.py", 6), inner="web"),)


def test_a_class_that_is_given_an_application_that_has_a_name():
    """`Server("x", app)` adds no second one."""
    text = Text({"app.py": HOLDER + "app = Flask(__name__)\nserver = Server('x', app)\n"})

    assert [(app.name, app.kind) for app in find_apps(text.index)] == [("app", OBJECT)]
