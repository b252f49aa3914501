"""Write a Flask project of any number of Python files, as large applications are: models among much that is none.

Of 10,000 files, 50 declare models, one makes the application, a third are tests, one in six reads the database, and some merely
say "Flask" in a comment. Sizes are those of Python files in general: half below 6 kB, a few of 100 kB. The same each time.
"""

from __future__ import annotations

import random
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

MODEL_FILES = 50
PACKAGES = 40
TYPICAL_SIZE = 6_000  # bytes, as the median of the standard library and of installed packages
MODEL_METHODS_SIZE = 2_000
WORDS = ("order", "item", "price", "stock", "label", "total", "place", "day", "owner", "line", "note", "batch", "offer", "rate")

APPLICATION = """\
from flask import Flask

from shop import config
from shop.extensions import db


def create_app():
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    from shop import models  # noqa: F401

    with app.app_context():
        db.create_all()
    return app
"""
CONFIG = 'SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"\n'
EXTENSIONS = "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n"
MODEL = """\
from shop.extensions import db


class Model{number}(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)


"""
QUERYING = """\
from flask import current_app, request

from shop.extensions import db
from shop.models.model_{number} import Model{number}


"""
TEST = """\
import pytest

from shop import create_app


@pytest.fixture
def app():
    return create_app()


def test_home(app):
    assert app.test_client().get("/").status_code == 200


"""
MENTIONING = '"""Called by the Flask application; see the SQLAlchemy documentation for the query."""\n\n'
PLAIN = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
FUNCTION = '''\
def {name}_{number}({first}, {second}=None):
    """Work out the {first} of a {second}, as the {name} has it."""
    result = {{}}
    for position, each in enumerate({first}):
        if {second} is not None and each.{name} > {second}:
            logger.info("%s is above %s", each.{name}, {second})
            continue
        result[position] = each.{name} * {number} + len(result)
    return sorted(result.items(), key=lambda pair: pair[1])


'''


def write(folder: Path, files: int) -> None:
    """Write the project; `files` is the number of its Python files, at least 100."""
    chance = random.Random(files)
    models = [f"model_{number}" for number in range(MODEL_FILES)]
    contents = {
        "shop/__init__.py": APPLICATION,
        "shop/config.py": CONFIG,
        "shop/extensions.py": EXTENSIONS,
        "shop/models/__init__.py": "".join(f"from shop.models import {name}  # noqa: F401\n" for name in models),
    }
    for number, name in enumerate(models):
        contents[f"shop/models/{name}.py"] = MODEL.format(number=number) + PLAIN + _functions(chance, MODEL_METHODS_SIZE)
    for path, start in _others(chance, files - len(contents)):
        contents[path] = start + _functions(chance)
    contents["requirements.txt"] = "Flask\nFlask-SQLAlchemy\n"
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")


def _others(chance: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """The path and the first lines of each file that declares nothing."""
    packages = [f"{top}/{name}" for name in (f"part_{number}" for number in range(PACKAGES)) for top in ("shop", "tests")]
    yield from ((f"{package}/__init__.py", "") for package in packages)
    for number in range(count - len(packages)):
        kind, package = chance.random(), f"part_{chance.randrange(PACKAGES)}"
        if kind < 1 / 3:
            yield f"tests/{package}/test_{number}.py", TEST + PLAIN
        elif kind < 1 / 2:
            yield f"shop/{package}/views_{number}.py", QUERYING.format(number=chance.randrange(MODEL_FILES)) + PLAIN
        elif kind < 0.51:
            yield f"shop/{package}/service_{number}.py", MENTIONING + PLAIN
        else:
            yield f"shop/{package}/{chance.choice(WORDS)}_{number}.py", PLAIN


def _functions(chance: random.Random, typical_size: int = TYPICAL_SIZE) -> str:
    """Functions of some kilobytes altogether."""
    size = min(chance.lognormvariate(0, 1) * typical_size, 100_000)
    written = []
    while size > 0:
        name, first, second = chance.sample(WORDS, 3)
        written.append(FUNCTION.format(name=name, first=first, second=second, number=chance.randrange(1000)))
        size -= len(written[-1])
    return "".join(written)


def add_environment(folder: Path, name: str) -> None:
    """Put a virtual environment into the project, with the packages that run this, as a team that committed its own."""
    packages = Path(sysconfig.get_path("purelib"))
    shutil.copytree(packages, folder / name / "lib/python3/site-packages", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / name / "pyvenv.cfg").write_text("include-system-site-packages = false\n", encoding="utf-8")


def add_node_modules(folder: Path, packages: int) -> None:
    """Put `packages` JavaScript packages there, each with ten files and the Python file that node-gyp brings."""
    for number in range(packages):
        package = folder / f"node_modules/package-{number}"
        (package / "lib").mkdir(parents=True)
        for part in range(10):
            (package / f"lib/part{part}.js").write_text("module.exports = {};\n" * 50, encoding="utf-8")
        (package / "gyp_main.py").write_text(PLAIN + FUNCTION.format(name="a", first="b", second="c", number=1), encoding="utf-8")
