"""The Python edits of a plan, together and in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.base.facts import Answers
from hooks.detect.project import detect
from hooks.edit.core.splice import Reason
from hooks.edit.python.changes import PythonChanges, Variant, python_changes
from hooks.planning.plan import make_plans

APP = """\
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
def create_app(config="config.Config"):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    return app
"""
CONFIG = """\
import os
class Config:
    SQLALCHEMY_DATABASE_URI = {value}
"""
TESTS = """\
from config import Config
class TestConfig(Config):
    TESTING = True
"""


def changes(root: Path, value: str, variant: Variant) -> PythonChanges:
    """What the retrofit would change in a project whose tests inherit the value of another file."""
    (root / "tests").mkdir()
    for path, text in {"app.py": APP, "config.py": CONFIG.format(value=value), "tests/conftest.py": TESTS}.items():
        (root / path).write_text(text)
    project = detect(root)
    return python_changes(root, project, make_plans(project, Answers())[0], variant)


def test_tests_of_another_file_keep_the_value(tmp_path: Path) -> None:
    """The base class follows the variable; the class for tests keeps what it inherited, wherever it stands."""
    found = changes(tmp_path, '"sqlite:///shop.db"', Variant())

    assert found.files["config.py"].decode() == CONFIG.format(value='os.environ.get("DATABASE_URL", "sqlite:///shop.db")')
    assert found.files["tests/conftest.py"].decode() == TESTS.replace(
        "    TESTING", '    SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"\n    TESTING'
    )


def test_a_value_that_tests_cannot_keep_stays(tmp_path: Path) -> None:
    """Where the class for tests cannot have the value of its own, the base does not follow the variable either."""
    found = changes(tmp_path, 'os.path.join("sqlite:///", "shop.db")', Variant())

    assert set(found.files) == {"app.py"}
    assert [untouched.reason for untouched in found.untouched] == [Reason.CANNOT_BE_EDITED_SAFELY]


def test_at_the_attachment(tmp_path: Path) -> None:
    """In that variant the variable is read before the database is attached, and the config stays as it is."""
    found = changes(tmp_path, '"sqlite:///shop.db"', Variant(at_attachment=True))

    assert set(found.files) == {"app.py"}
    assert found.files["app.py"].decode() == APP.replace(
        "from flask_sqlalchemy", "from flask_migrate import Migrate\nfrom flask_sqlalchemy"
    ).replace("db = SQLAlchemy()\n", "db = SQLAlchemy()\nmigrate = Migrate()\n").replace(
        "    db.init_app(app)\n",
        '    if os.environ.get("DATABASE_URL") and not app.testing:\n'
        '        app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]\n'
        "    db.init_app(app)\n    migrate.init_app(app, db)\n",
    )


BOUND = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_BINDS"] = {"users": "sqlite:///users.db"}
db = SQLAlchemy(app)
class User(db.Model):
    __bind_key__ = "users"
    id = db.Column(db.Integer, primary_key=True)
with app.app_context():
    db.create_all()
"""
ALL_ASKED = """\
    if not any(db.inspect(engine).get_table_names() for engine in db.engines.values()):
        db.create_all()
"""


def test_create_all_that_stays_asks_every_database(tmp_path: Path) -> None:
    """With binds the default database may have no table ever; Flask-SQLAlchemy 2 cannot be asked, so the call is left alone."""
    (tmp_path / "app.py").write_text(BOUND)
    project = detect(tmp_path)
    plan = make_plans(project, Answers())[0]

    newer = python_changes(tmp_path, project, plan, Variant(keep_create_all=True))
    older = python_changes(tmp_path, project, plan, Variant(keep_create_all=True, has_engines=False))

    assert ALL_ASKED in newer.files["app.py"].decode()
    assert "\n    db.create_all()\n" in older.files["app.py"].decode()
    assert Reason.CANNOT_BE_EDITED_SAFELY in [untouched.reason for untouched in older.untouched]


IN_A_SCHEMA = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql:///shop"
db = SQLAlchemy(app)
class User(db.Model):
    __table_args__ = {"schema": "shop"}
    id = db.Column(db.Integer, primary_key=True)
with app.app_context():
    db.create_all()
"""
SCHEMA_ASKED = """\
    if not any(db.inspect(db.engine).get_table_names(schema) for schema in (None, "shop")):
        db.create_all()
"""


def test_create_all_that_stays_asks_every_schema(tmp_path: Path) -> None:
    """Where all models are in a schema of their own, the default one may have no table ever."""
    (tmp_path / "app.py").write_text(IN_A_SCHEMA)
    project = detect(tmp_path)

    found = python_changes(tmp_path, project, make_plans(project, Answers())[0], Variant(keep_create_all=True))

    assert SCHEMA_ASKED in found.files["app.py"].decode()


FALLING_BACK = """\
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
def ensure_db():
    # Make the database where there is none.
    try:
        {call}
    except Exception as error:
        app.logger.error("no database: %s", error)
        {handled}
with app.app_context():
    ensure_db()
"""


def test_create_all_whose_handler_makes_the_database(tmp_path: Path) -> None:
    """It stays for a database without tables, with its handler and what is said there."""
    (tmp_path / "app.py").write_text(FALLING_BACK.format(call="db.create_all()", handled="create_database()"))
    project = detect(tmp_path)

    found = python_changes(tmp_path, project, make_plans(project, Answers())[0], Variant())

    kept = "if not db.inspect(db.engine).get_table_names():\n            db.create_all()"
    expected = FALLING_BACK.format(call=kept, handled="create_database()")
    assert found.files["app.py"].decode() == wired(expected)


def test_create_all_whose_handler_reports(tmp_path: Path) -> None:
    """It goes with its handler, and with the function that held nothing else."""
    (tmp_path / "app.py").write_text(FALLING_BACK.format(call="db.create_all()", handled="raise"))
    project = detect(tmp_path)

    found = python_changes(tmp_path, project, make_plans(project, Answers())[0], Variant())

    assert found.files["app.py"].decode() == wired(FALLING_BACK.partition("def ensure_db")[0])


def wired(code: str) -> str:
    """With Flask-Migrate attached."""
    return code.replace("from flask_sqlalchemy", "from flask_migrate import Migrate\nfrom flask_sqlalchemy").replace(
        "db = SQLAlchemy(app)\n", "db = SQLAlchemy(app)\nmigrate = Migrate(app, db)\n"
    )


DATABASE = '''\
from flask_sqlalchemy import SQLAlchemy

from settings import logger

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def create_database(app):
    """Create the tables."""
    with app.app_context():
        db.create_all()
        logger.info("Database initialized.")


def find(number):
    return db.session.get(User, number)
'''
FACTORY = """\
from flask import Flask

from settings import URL, logger
from shop.database import db, find


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = URL
    logger.info("shop")
    db.init_app(app)
    app.add_url_rule("/<int:number>", view_func=find)
    return app
"""
SETTINGS = """\
import logging

URL = "sqlite:///shop.db"
logger = logging.getLogger("shop")
"""
MAIN = """\
from settings import logger
from shop import create_app
from shop.database import create_database

app = create_app()
create_database(app)
logger.info("started")
"""


def changes_of(root: Path, files: dict[str, str], **more: str) -> PythonChanges:
    """What the retrofit would change in a project of these files."""
    for path, text in {**files, **{name.replace("__", "/") + ".py": text for name, text in more.items()}}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    project = detect(root)
    return python_changes(root, project, make_plans(project, Answers())[0], Variant())


CALLED_ELSEWHERE = {"settings.py": SETTINGS, "shop/database.py": DATABASE, "shop/__init__.py": FACTORY, "main.py": MAIN}


def test_a_function_of_which_nothing_stays_goes_with_its_calls_elsewhere(tmp_path: Path) -> None:
    """It goes with the statement that calls it in another file, and with the imports that only they used."""
    found = changes_of(tmp_path, CALLED_ELSEWHERE)

    function = DATABASE[DATABASE.index("def create_database") : DATABASE.index("def find")]
    migrate = "from flask_migrate import Migrate\nfrom flask_sqlalchemy"
    assert found.files["shop/database.py"].decode() == DATABASE.replace(function, "").replace(
        "from flask_sqlalchemy", migrate
    ).replace("from settings import logger\n\n", "").replace("db = SQLAlchemy()\n", "db = SQLAlchemy()\nmigrate = Migrate()\n")
    assert found.files["main.py"].decode() == (
        'from settings import logger\nfrom shop import create_app\n\napp = create_app()\nlogger.info("started")\n'
    )
    assert found.emptied == ()


USED_ELSEWHERE = {
    "its value is used": MAIN.replace("create_database(app)", "made = create_database(app)"),
    "called with what does something": MAIN.replace("create_database(app)", "create_database(create_app())"),
    "handed on": MAIN.replace("create_database(app)", "create_database(app)\nprint(create_database)"),
    "spoken of": MAIN.replace("create_database(app)", "# create_database makes the tables\ncreate_database(app)"),
    "all that a function does": MAIN.replace("create_database(app)", "def start():\n    create_database(app)\nstart()"),
    "imported with a remark": MAIN.replace("import create_database", "import create_database  # noqa: I001"),
}


@pytest.mark.parametrize("main", USED_ELSEWHERE.values(), ids=USED_ELSEWHERE)
def test_a_function_that_another_file_needs_stays(tmp_path: Path, main: str) -> None:
    """It stays with nothing but its docstring in it, and is named with the lines that speak of it."""
    found = changes_of(tmp_path, {**CALLED_ELSEWHERE, "main.py": main})

    assert "main.py" not in found.files
    assert '\n    """Create the tables."""\n\n\ndef find' in found.files["shop/database.py"].decode()
    lines = [number for number, line in enumerate(main.splitlines(), 1) if "create_database" in line]
    (emptied,) = found.emptied
    assert (emptied.name, emptied.where.path) == ("create_database", "shop/database.py")
    assert [(one.path, one.line) for one in emptied.calls] == [("main.py", line) for line in lines]


def test_a_function_that_tests_or_a_page_name_stays(tmp_path: Path) -> None:
    """Tests make their tables by it, people are told to call it."""
    for name, text in (("tests/test_shop.py", MAIN), ("README.md", "Call `create_database`.\n")):
        found = changes_of(tmp_path / name.partition(".")[0], {**CALLED_ELSEWHERE, name: text})

        assert [one.name for one in found.emptied] == ["create_database"]


def named_create_all(files: dict[str, str]) -> dict[str, str]:
    """The same project, whose function is called as the method of the database is."""
    return {path: text.replace("create_database", "create_all") for path, text in files.items()}


TESTS_OF_DB = "from shop.database import db\n\n\ndef test_find():\n    db.create_all()\n    db.metadata.create_all(db.engine)\n"


def test_a_function_called_create_all_goes_though_tests_call_the_method(tmp_path: Path) -> None:
    """`db.create_all()` in tests, in a page and in migrations/ is not the project's own `create_all()`."""
    spoken = {
        "tests/test_shop.py": TESTS_OF_DB,
        "README.md": "Once it was `db.create_all()`.\n",
        "migrations/adopt.py": "create_all\n",
    }
    found = changes_of(tmp_path, {**named_create_all(CALLED_ELSEWHERE), **spoken})

    assert found.files["main.py"].decode() == (
        'from settings import logger\nfrom shop import create_app\n\napp = create_app()\nlogger.info("started")\n'
    )
    assert b"create_all" not in found.files["shop/database.py"]
    assert found.emptied == ()


def test_a_function_called_create_all_that_tests_call_stays(tmp_path: Path) -> None:
    """Its own name is a word, also as one of its module, and of a module that is called as the database is."""
    for number, (module, text) in enumerate(
        [
            ("shop/database.py", "from shop.database import create_all\n\ncreate_all(None)\n"),
            ("shop/database.py", "from shop import database\n\ndatabase.create_all(None)\n"),
            ("shop/db.py", "from shop import db\n\ndb.create_all(None)\n"),
        ]
    ):
        files = {**named_create_all(CALLED_ELSEWHERE), "tests/test_shop.py": text}
        files[module] = files.pop("shop/database.py")
        imported = module.removesuffix(".py").replace("/", ".")
        files = {path: raw.replace("shop.database", imported) for path, raw in files.items()}

        found = changes_of(tmp_path / str(number), files)

        (emptied,) = found.emptied
        assert {one.path for one in emptied.calls} >= {"main.py", "tests/test_shop.py"}
