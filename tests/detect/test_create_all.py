"""When each `create_all` runs."""

from __future__ import annotations

import pytest

from hooks.base.facts import CreateAll, CreateAllRole
from hooks.detect.app import find_apps
from hooks.detect.calls import CallGraph
from hooks.detect.create_all import find_create_all
from hooks.detect.database import find_databases
from tests.detect.tools import Text

START_UP, COMMAND, TEST = CreateAllRole.START_UP, CreateAllRole.COMMAND, CreateAllRole.TEST
HEAD = """from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
db = SQLAlchemy(app)
"""


def calls(text: Text) -> tuple[CreateAll, ...]:
    """The `create_all` calls of a project made of text."""
    index = text.index
    return find_create_all(index, find_databases(index), CallGraph(index), find_apps(index))


def roles(files: dict[str, str]) -> list[CreateAllRole]:
    """The roles of the calls, in order."""
    return [call.role for call in calls(Text(files))]


def test_spans_and_names():
    """The call, the statement that holds it, the object as written and the function are given."""
    text = Text({"app.py": HEAD + "def setup():\n    done = db.create_all(\n        bind=None)\n"})

    assert calls(text) == (
        CreateAll(
            call=text.span("app.py", "db.create_all(\n        bind=None)"),
            statement=text.span("app.py", "done = db.create_all(\n        bind=None)"),
            where=text.at("app.py", 6),
            role=COMMAND,
            db="db",
            function="setup",
        ),
    )


def test_package_that_nothing_seems_to_import():
    """Whatever imports a model in the package runs its `__init__.py`; a script in it is run by hand."""
    package = {"model/__init__.py": "from app import db\ndb.create_all()\n", "model/user.py": "from app import db\n"}
    script = {"tools/__init__.py": "", "tools/create_tables.py": "from app import db\ndb.create_all()\n"}

    assert roles({"app.py": HEAD, **package}) == [START_UP]
    assert roles({"app.py": HEAD, **script}) == [COMMAND]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("db.create_all()", id="module level"),
        pytest.param("with app.app_context():\n    db.create_all()", id="in an application context"),
        pytest.param("try:\n    db.create_all()\nexcept Exception:\n    raise", id="in a try"),
        pytest.param("if True: db.create_all()", id="in a branch"),
        pytest.param("class Setup:\n    db.create_all()", id="in a class body"),
        pytest.param("def setup():\n    db.create_all()\nsetup()", id="function called at module level"),
        pytest.param("def a():\n    db.create_all()\ndef b():\n    a()\nb()", id="two functions deep"),
        pytest.param("@app.before_first_request\ndef setup():\n    db.create_all()", id="before_first_request"),
        pytest.param("@bp.before_app_first_request\ndef setup():\n    db.create_all()", id="before_app_first_request"),
        pytest.param("@app.before_request\ndef setup():\n    db.create_all()", id="before_request"),
        pytest.param("def setup():\n    db.create_all()\napp.before_first_request(setup)", id="handed to before_first_request"),
        pytest.param("app.before_first_request(db.create_all)", id="the method handed over"),
        pytest.param("if __name__ == '__main__':\n    db.create_all()\n    app.run()", id="main that runs the application"),
        pytest.param("if __name__ == '__main__':\n    db.create_all()\n    socketio.run(app)", id="main that runs socketio"),
        pytest.param("if __name__ == '__main__':\n    db.create_all()\n    serve(app, port=1)", id="main that runs waitress"),
        pytest.param("def main():\n    db.create_all()\n    app.run()\nif __name__ == '__main__':\n    main()", id="main function"),
        pytest.param("class Setup:\n    def __init__(self):\n        db.create_all()\nSetup()", id="constructor"),
        pytest.param("class Setup:\n    @classmethod\n    def go(cls):\n        db.create_all()\nSetup.go()", id="classmethod"),
        pytest.param("class Setup:\n    def go(self):\n        db.create_all()\nSetup().go()", id="method"),
        pytest.param("db.metadata.create_all(bind=db.engine)", id="through the metadata"),
        pytest.param("def setup():\n    db.create_all()\nThread(target=setup).start()", id="in a thread"),
        pytest.param("def setup():\n    db.create_all()\nfor step in (setup, print):\n    step()", id="called by a loop"),
    ],
)
def test_runs_at_start_up(source: str):
    """Whatever loading the application, its first request or running it as a script comes to is START_UP."""
    assert roles({"app.py": HEAD + source}) == [START_UP]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("@app.cli.command()\ndef initdb():\n    db.create_all()", id="app.cli.command"),
        pytest.param("@click.command('initdb')\n@with_appcontext\ndef initdb():\n    db.create_all()", id="click.command"),
        pytest.param("@manager.command\ndef initdb():\n    db.create_all()", id="Flask-Script"),
        pytest.param("def initdb():\n    db.create_all()\napp.cli.add_command(initdb)", id="add_command"),
        pytest.param("@app.route('/createdb')\ndef createdb():\n    db.create_all()", id="a view"),
        pytest.param("def createdb():\n    db.create_all()\napp.add_url_rule('/x', view_func=createdb)", id="add_url_rule"),
        pytest.param("def helper():\n    db.create_all()", id="a helper that nobody calls"),
        pytest.param("if __name__ == '__main__':\n    db.create_all()", id="main that does not serve"),
        pytest.param("if __name__ == '__main__':\n    db.create_all()\n    manager.run()", id="main that runs commands"),
        pytest.param("class C(Command):\n    def run(self):\n        db.create_all()", id="a command class"),
        pytest.param("@app.cli.command()\ndef c():\n    go()\ndef go():\n    db.create_all()", id="reached from a command only"),
        pytest.param("def a():\n    b()\ndef b():\n    a()\n    db.create_all()", id="functions that call each other only"),
        pytest.param("def c():\n    db.create_all()\nfor f in [c]:\n    app.cli.command()(f)", id="registered by a loop"),
        pytest.param("@app.shell_context_processor\ndef c():\n    db.create_all()", id="shell"),
        pytest.param(
            "def build():\n    db.drop_all()\n    db.create_all()\n"
            "if __name__ == '__main__':\n    if not os.path.exists('shop.db'):\n        build()\n    app.run()",
            id="behind drop_all(), where there is no database file yet",
        ),
        pytest.param("if __name__ == '__main__':\n    db.drop_all()\n    db.create_all()\n    app.run()", id="behind drop_all()"),
    ],
)
def test_runs_when_somebody_asks(source: str):
    """Commands, views, helpers, scripts that do not serve, and what makes a database anew are COMMAND."""
    assert roles({"app.py": HEAD + source}) == [COMMAND]


FACTORY = """from flask import Flask
from .ext import db
{imports}
def create_app():
    app = Flask(__name__)
    db.init_app(app)
    {body}
    return app
"""
EXT = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"


@pytest.mark.parametrize(
    ("imports", "body", "helper"),
    [
        pytest.param("", "db.create_all()", "", id="in the factory"),
        pytest.param(
            "from .setup import setup", "setup(app)", "def setup(app):\n    db.create_all()", id="in a helper of another module"
        ),
        pytest.param(
            "from . import setup", "setup.setup(app)", "def setup(app):\n    db.create_all()", id="helper through its module"
        ),
        pytest.param(
            "", "from .setup import *\n    setup(app)", "def setup(app):\n    db.create_all()", id="import inside the factory"
        ),
        pytest.param("", "from . import setup", "db.create_all()", id="module imported inside the factory"),
        pytest.param("from . import setup", "pass", "db.create_all()", id="module imported beside the factory"),
    ],
)
def test_reached_from_a_factory(imports: str, body: str, helper: str):
    """What a factory calls or imports runs at start-up."""
    files = {
        "shop/__init__.py": FACTORY.format(imports=imports, body=body),
        "shop/ext.py": EXT,
        "shop/setup.py": f"from .ext import db\n{helper}\n",
    }

    assert roles(files) == [START_UP]


def test_command_defined_inside_a_factory():
    """A command that a factory registers still runs only when asked for."""
    body = "@app.cli.command()\n    def initdb():\n        db.create_all()"

    assert roles({"shop/__init__.py": FACTORY.format(imports="", body=body), "shop/ext.py": EXT}) == [COMMAND]


@pytest.mark.parametrize("name", ["create_db.py", "seed.py", "init_db.py", "scripts/reset_database.py", "populate.py"])
@pytest.mark.parametrize(
    "source", ["from app import app, db\ndb.create_all()", "from app import create_app, db\napp = create_app()\ndb.create_all()"]
)
def test_script_that_nothing_imports(name: str, source: str):
    """The module level of a script beside the application is COMMAND, also where it makes an application for itself."""
    app = HEAD + "def create_app():\n    return Flask(__name__)\n"

    assert roles({"app.py": app, name: source}) == [COMMAND]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"wsgi.py": "from app import create_app, db\napp = create_app()\ndb.create_all()"}, id="entry point"),
        pytest.param({"run.py": "from app import app, db\ndb.create_all()\napp.run()"}, id="module level that serves"),
        pytest.param(
            {"views.py": "from app import db\ndb.create_all()", "run.py": "import views\nfrom app import app\napp.run()"},
            id="imported",
        ),
    ],
)
def test_module_that_start_up_loads(files: dict[str, str]):
    """The module level of what serves, or of what that imports, is START_UP."""
    app = HEAD + "def create_app():\n    return Flask(__name__)\n"

    assert roles({"app.py": app, **files}) == [START_UP]


@pytest.mark.parametrize(
    ("modules", "role"), [("login, database", START_UP), ("database,", START_UP), ("login,", COMMAND)], ids=["two", "one", "others"]
)
def test_modules_in_a_loop(modules: str, role: CreateAllRole):
    """A factory that goes over its modules calls the function of each one."""
    files = {
        "shop/__init__.py": "from flask import Flask\nfrom shop import ext\n"
        "def create_app():\n    app = Flask(__name__)\n    ext.add(app)\n    return app\n",
        "shop/ext/__init__.py": "from . import database, login\n"
        f"def add(app):\n    for one in ({modules}):\n        one.init_app(app)\n",
        "shop/ext/login.py": "def init_app(app):\n    pass\n",
        "shop/ext/database.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"
        "def init_app(app):\n    db.init_app(app)\n    db.create_all(app=app)\n",
    }

    assert roles(files) == [role]


def test_tests_create_their_own_tables():
    """A call in a test file is TEST, and a helper that only tests call is nobody's start-up."""
    files = {
        "app.py": HEAD + "def fresh():\n    db.create_all()\n",
        "tests/test_app.py": "from app import db, fresh\ndb.create_all()\nfresh()\n",
    }

    assert roles(files) == [COMMAND, TEST]


@pytest.mark.parametrize(
    ("path", "text", "role"),
    [
        ("test_db.py", "from app import db\ndb.create_all()\n", COMMAND),
        ("tests/test_db.py", "from app import db\ndb.create_all()\n", TEST),
        ("test_db.py", "from app import db\ndef test_it():\n    db.create_all()\n", TEST),
        ("test_db.py", "import unittest\nfrom app import db\ndb.create_all()\n", TEST),
        ("test_db.py", "from app import db\nclass TestDb:\n    def run(self):\n        db.create_all()\n", TEST),
        ("test_db.py", "from pytest import fixture\nfrom app import db\n@fixture\ndef it():\n    db.create_all()\n", TEST),
    ],
    ids=["script", "in a folder of tests", "function", "unittest", "class", "fixture"],
)
def test_script_that_is_only_called_test(path: str, text: str, role: CreateAllRole):
    """A file at the root named test_x.py that holds no test is a script like any other."""
    assert roles({"app.py": HEAD, path: text}) == [role]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from db import create_all\ncreate_all()", id="a function of that name"),
        pytest.param("import helpers\nhelpers.create_all()", id="a module's function"),
        pytest.param("class Factory:\n    def create_all(self): pass\nFactory().create_all()", id="an own class's method"),
        pytest.param("f = Factory()\nclass Factory:\n    def create_all(self): pass\nf.create_all()", id="an instance's method"),
        pytest.param("names = ['create_all']", id="a string"),
        pytest.param("db.drop_all()  # not create_all", id="drop_all"),
    ],
)
def test_other_functions_of_that_name(source: str):
    """Only SQLAlchemy's method is meant."""
    assert calls(Text({"app.py": HEAD + source, "helpers.py": "def create_all(): pass\n"})) == ()


SKETCH = """from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import DeclarativeBase, declarative_base
engine = create_engine("sqlite:///try.db")
"""
OWN_MODELS = "Base = declarative_base()\nclass Try(Base):\n    __tablename__ = 'try'\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(OWN_MODELS + "Base.metadata.create_all(engine)\n", id="declarative_base"),
        pytest.param(OWN_MODELS + "def main():\n    Base.metadata.create_all(bind=engine)\n", id="in a function"),
        pytest.param("class Base(DeclarativeBase):\n    pass\nBase.metadata.create_all(engine)\n", id="DeclarativeBase"),
        pytest.param("metadata = MetaData()\nmetadata.create_all(engine)\n", id="metadata"),
    ],
)
def test_script_with_models_and_an_engine_of_its_own(source: str):
    """It makes other tables in another database, and is no concern of the migrations."""
    assert roles({"app.py": HEAD + "db.create_all()\n", "sketches/one.py": SKETCH + source}) == [START_UP]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from models import Base\nBase.metadata.create_all(engine)\n", id="models from elsewhere"),
        pytest.param(OWN_MODELS + "from app import db\nBase.metadata.create_all(db.engine)\n", id="the application's engine"),
        pytest.param(OWN_MODELS + "from app import engine\nBase.metadata.create_all()\n", id="no engine named"),
        pytest.param("from app import db\ndb.metadata.create_all(engine)\n", id="the application's models"),
    ],
)
def test_script_that_shares_models_or_database(source: str):
    """It is named."""
    assert roles({"app.py": HEAD + "db.create_all()\n", "sketches/one.py": SKETCH + source}) == [START_UP, COMMAND]
