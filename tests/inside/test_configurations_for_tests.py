"""Which configurations for tests follow the variable: every spelling, built in the guarded process."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.inside import tools

TOKEN = "nowhere-5f0c"
URL = "SQLALCHEMY_DATABASE_URI"
EDITED = """\
import os

class Config:
    SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
"""

# One module each, with the edited base above it: the configuration for tests has inherited what follows the variable.
HOLDERS = {
    "attribute": "class QA(Config):\n    TESTING = True\n",
    "annotated": "class QA(Config):\n    TESTING: bool = True\n",
    "computed": "class QA(Config):\n    TESTING = not False\n",
    "mixin first": "class On:\n    TESTING = True\nclass QA(On, Config):\n    pass\n",
    "mixin last": "class On:\n    TESTING = True\nclass QA(Config, On):\n    pass\n",
    "setattr": "class QA(Config):\n    pass\nsetattr(QA, 'TESTING', True)\n",
    "set in a loop": "class QA(Config):\n    pass\nfor name in ('TESTING', 'DEBUG'):\n    setattr(QA, name, True)\n",
    "decorator": "def on(owner):\n    owner.TESTING = True\n    return owner\n@on\nclass QA(Config):\n    pass\n",
    "metaclass": "class Meta(type):\n    TESTING = True\nclass QA(Config, metaclass=Meta):\n    pass\n",
    "metaclass that fills": (
        "class Meta(type):\n    def __new__(meta, name, bases, space):\n"
        "        return super().__new__(meta, name, bases, dict(space, TESTING=True))\n"
        "class QA(Config, metaclass=Meta):\n    pass\n"
    ),
    "init_subclass": (
        "class Base(Config):\n    def __init_subclass__(cls, testing=False, **more):\n        cls.TESTING = testing\n"
        "class QA(Base, testing=True):\n    pass\n"
    ),
    "type()": "QA = type('QA', (Config,), {'TESTING': True, '__module__': __name__})\n",
    "property": "class QA(Config):\n    @property\n    def TESTING(self):\n        return True\n",
    "property for the URL": (
        "class QA(Config):\n    TESTING = True\n    @property\n"
        "    def SQLALCHEMY_DATABASE_URI(self):\n        return Config.SQLALCHEMY_DATABASE_URI\n"
    ),
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass Fields:\n    SQLALCHEMY_DATABASE_URI: str = "
        "Config.SQLALCHEMY_DATABASE_URI\n    TESTING: bool = False\n@dataclass\nclass QA(Fields):\n    TESTING: bool = True\n"
    ),
    "dataclass without default": (
        "from dataclasses import dataclass, field\n@dataclass\nclass QA:\n    SQLALCHEMY_DATABASE_URI: str = "
        "field(default_factory=lambda: Config.SQLALCHEMY_DATABASE_URI)\n    TESTING: bool = field(default_factory=lambda: True)\n"
    ),
    "pydantic": (
        "from pydantic import BaseModel\nclass Fields(BaseModel):\n    SQLALCHEMY_DATABASE_URI: str = "
        "Config.SQLALCHEMY_DATABASE_URI\n    TESTING: bool = False\nclass QA(Fields):\n    TESTING: bool = True\n"
    ),
    "set in __init__": "class QA(Config):\n    TESTING = False\n    def __init__(self):\n        self.TESTING = True\nqa = QA()\n",
    "unpacked": "COMMON = {'SQLALCHEMY_DATABASE_URI': Config.SQLALCHEMY_DATABASE_URI}\nQA = {**COMMON, 'TESTING': True}\n",
    "dict()": "COMMON = dict(SQLALCHEMY_DATABASE_URI=Config.SQLALCHEMY_DATABASE_URI)\nQA = dict(COMMON, TESTING=True)\n",
    "union": "COMMON = {'SQLALCHEMY_DATABASE_URI': Config.SQLALCHEMY_DATABASE_URI}\nQA = COMMON | {'TESTING': True}\n",
    "update": "QA = {'SQLALCHEMY_DATABASE_URI': Config.SQLALCHEMY_DATABASE_URI}\nQA.update({'TESTING': True})\n",
    "copy": "QA = dict(vars(Config))\nQA['TESTING'] = True\n",
    "nested": "ALL = {'qa': {'SQLALCHEMY_DATABASE_URI': Config.SQLALCHEMY_DATABASE_URI, 'TESTING': True}}\n",
    "settings module": "SQLALCHEMY_DATABASE_URI = Config.SQLALCHEMY_DATABASE_URI\nTESTING = 1 > 0\n",
    "globals": "SQLALCHEMY_DATABASE_URI = Config.SQLALCHEMY_DATABASE_URI\nglobals().update(TESTING=True)\n",
    "binds": "class QA:\n    TESTING = True\n    SQLALCHEMY_BINDS = {'logs': Config.SQLALCHEMY_DATABASE_URI}\n",
}
APP = """\
import json, os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_migrate import Migrate
import config

db, migrate = SQLAlchemy(), Migrate()
configs = {"development": config.Config, "qa": config.QA}

def create_app(config_name=None, testing=False, settings=None):
    app = Flask(__name__)
    app.config.from_object(configs[config_name or os.environ.get("APP_SETTINGS", "development")])
    app.config["TESTING"] = app.config["TESTING"] or testing
    app.config.from_mapping(settings or {})
    db.init_app(app)
    migrate.init_app(app, db)
    return app
"""
CONFIG = EDITED + "class QA(Config):\n    pass\nQA.TESTING = True\n"
OWN = EDITED + "class QA(Config):\n    TESTING = True\n    SQLALCHEMY_DATABASE_URI = 'sqlite://'\n"

# What a file of tests does to have its application: each follows with CONFIG above.
SUITES = {
    "fixture": "import pytest\nfrom app import create_app\n@pytest.fixture\ndef app():\n    return create_app('qa')\n",
    "fixture that yields": (
        "import pytest\nfrom app import create_app, db\n@pytest.fixture(scope='session')\ndef app():\n    app = create_app()\n"
        "    with app.app_context():\n        db.create_all()\n        yield app\n        db.drop_all()\n"
    ),
    "fixtures that need one another": (
        "from pytest import fixture\nfrom app import create_app\n@fixture(params=['qa'])\ndef name(request):\n"
        "    return request.param\n@fixture\ndef client(name, monkeypatch, tmp_path):\n    return create_app(name).test_client()\n"
    ),
    "configured too late": (
        "import pytest\nfrom app import create_app\n@pytest.fixture\ndef app():\n    app = create_app()\n"
        "    app.config.update(TESTING=True, SQLALCHEMY_DATABASE_URI='sqlite://')\n    return app\n"
    ),
    "fixture that fails later": (
        "import pytest\nfrom app import create_app\n@pytest.fixture\ndef client():\n    made = create_app()\n    made.nothing()\n"
    ),
    "setUp": (
        "import unittest\nfrom app import create_app, db\nclass Shop(unittest.TestCase):\n    def setUp(self):\n"
        "        self.app = create_app()\n        self.app.config['TESTING'] = True\n"
    ),
    "setUp with a class of its own": (
        "import unittest\nfrom config import Config\nfrom app import create_app, configs\nclass Shop(unittest.TestCase):\n"
        "    def setUp(self):\n        class Mine(Config):\n            TESTING = True\n        configs['mine'] = Mine\n"
        "        self.client = create_app('mine').test_client()\n"
    ),
    "setUpClass": (
        "from unittest import TestCase\nfrom app import create_app\nclass Shop(TestCase):\n    @classmethod\n"
        "    def setUpClass(cls):\n        cls.app = create_app(testing=True)\n"
    ),
    "pushed context": (
        "from unittest import TestCase\nfrom app import create_app\nclass Shop(TestCase):\n    def setUp(self):\n"
        "        create_app().app_context().push()\n"
    ),
    "setup_method": (
        "from app import create_app\nclass TestShop:\n    def setup_method(self, method):\n        self.app = create_app('qa')\n"
    ),
    "setup_module": "from app import create_app\ndef setup_module(module):\n    module.client = create_app('qa').test_client()\n",
    "module": "from app import create_app\napp = create_app()\n",
    "function": "from app import create_app\ndef make():\n    return create_app(settings={'TESTING': True})\n",
    "environment": (
        "import os\nos.environ['APP_SETTINGS'] = 'qa'\nimport pytest\nfrom app import create_app\n@pytest.fixture\ndef app():\n"
        "    return create_app()\n"
    ),
    "module that fails after it": (
        "from app import create_app\napp = create_app()\napp.config['SQLALCHEMY_DATABASE_URI'] = 'x'\napp.nothing()\n"
    ),
    "module that waits for its server": (
        "import sys, time\nfrom app import create_app\napp = create_app()\nfor _ in range(5):\n    time.sleep(5)\nsys.exit(4)\n"
    ),
    "pytest_configure": (
        "import os, pytest\ndef pytest_configure(config):\n    os.environ['APP_SETTINGS'] = 'qa'\n@pytest.fixture\n"
        "def app():\n    from app import create_app\n    return create_app()\n"
    ),
    "monkeypatched environment": (
        "import pytest\nfrom app import create_app\n@pytest.fixture\ndef app(monkeypatch):\n"
        "    monkeypatch.setenv('APP_SETTINGS', 'qa')\n    return create_app()\n"
    ),
}


def look(root: Path, files: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """What the guarded process says of the configurations for tests of a project whose edits are written already."""
    tools.write_project(root, files)
    given = {"modules": [], "environments": [], "test_files": [], "token": TOKEN, "probe_url": f"sqlite:////nowhere/{TOKEN}.db"}
    app = {"module": "app", "name": "create_app", "kind": "factory"}
    return tools.hear(root, mode="for-tests", load_on="empty", create_all="run", app=app, **{**given, **more}).one("for-tests")


def suite(path: str, *calls: str, conftests: tuple[str, ...] = ()) -> dict[str, Any]:
    """A file of tests as the request has it."""
    return {"path": path, "conftests": list(conftests), "calls": list(calls)}


def test_every_spelling_of_a_configuration_for_tests(tmp_path: Path) -> None:
    """Whatever ends with TESTING true and has inherited the edited URL is found; what has a URL of its own does not follow."""
    names = {f"settings_{number}": code for number, code in enumerate(HOLDERS.values())}
    own = {
        f"own_{number}": code.replace("Config.SQLALCHEMY_DATABASE_URI", "'sqlite://'").replace("Config", "Other")
        for number, code in enumerate(HOLDERS.values())
    }
    other = "class Other:\n    SQLALCHEMY_DATABASE_URI = 'sqlite://'\n"
    files = {f"{name}.py": EDITED + code for name, code in names.items()}
    files |= {f"{name}.py": other + code for name, code in own.items()}
    files["app.py"] = "from flask import Flask\ndef create_app():\n    return Flask('shop')\n"

    found = look(tmp_path, files, modules=sorted(files))["built"]

    follow = {one["path"].removesuffix(".py") for one in found if one["follows"]}
    keep = {one["path"].removesuffix(".py") for one in found if not one["follows"]}
    assert [id for id, name in zip(HOLDERS, names, strict=True) if name not in follow] == []
    assert [id for id, name in zip(HOLDERS, own, strict=True) if name not in keep or name in follow] == []
    assert not keep & set(names)


def test_every_way_in_which_tests_have_their_application(tmp_path: Path) -> None:
    """What a suite builds is looked at, and found to follow; nothing of it is left in the tree."""
    paths = {f"tests/test_{number}.py": code for number, code in enumerate(SUITES.values())}
    files = {"app.py": APP, "config.py": CONFIG, "tests/__init__.py": "", **paths}

    said = look(tmp_path, files, test_files=[suite(path) for path in paths])

    assert said["failed"] == []
    follow = {one["path"] for one in said["built"] if one["follows"]}
    assert [id for id, path in zip(SUITES, paths, strict=True) if path not in follow] == []
    assert sorted(path.name for path in tmp_path.rglob("*.db")) == []


def test_suites_whose_configuration_keeps_its_url(tmp_path: Path) -> None:
    """The same suites with a class of their own: those that name it do not follow, those that build the ordinary application do."""
    ordinary = {
        "fixture that yields", "configured too late", "fixture that fails later", "setUp", "setUp with a class of its own",
        "setUpClass", "pushed context", "module", "module that fails after it", "module that waits for its server", "function",
    }  # fmt: skip
    paths = {f"tests/test_{number}.py": code for number, code in enumerate(SUITES.values())}
    files = {"app.py": APP, "config.py": OWN, "tests/__init__.py": "", **paths}

    said = look(tmp_path, files, test_files=[suite(path) for path in paths])

    follow = {one["path"] for one in said["built"] if one["follows"]}
    assert {id for id, path in zip(SUITES, paths, strict=True) if path in follow} == ordinary


@pytest.mark.parametrize(
    ("more", "name"),
    [
        pytest.param({"environments": [["APP_SETTINGS", "qa"]]}, "APP_SETTINGS=qa", id="variable"),
        pytest.param({}, "create_app(testing=True)", id="keyword"),
        pytest.param(
            {"test_files": [suite("tests/test_a.py", "create_app('qa')")]}, "tests/test_a.py: create_app('qa')", id="call"
        ),
        pytest.param(
            {"test_files": [suite("tests/test_a.py", "create_app(settings=SETTINGS)")]},
            "tests/test_a.py: create_app(settings=SETTINGS)",
            id="call with a name of the tests",
        ),
    ],
)
def test_arguments_and_variables(tmp_path: Path, more: dict[str, Any], name: str) -> None:
    """What a test passes to the factory, or the environment says, makes a configuration for tests."""
    files = {"app.py": APP, "config.py": CONFIG, "tests/test_a.py": "from app import create_app\nSETTINGS = {'TESTING': True}\n"}

    built = {one["name"]: one for one in look(tmp_path, files, **more)["built"]}

    assert (built[name]["testing"], built[name]["follows"]) == (True, True)


def test_what_cannot_be_built_is_named(tmp_path: Path) -> None:
    """A fixture that needs what is not there, a file that cannot be imported, one that hangs: each with its reason."""
    files = {
        "app.py": APP,
        "config.py": CONFIG,
        "tests/test_a.py": "import pytest\n@pytest.fixture\ndef app(live_server):\n    return 1\n",
        "tests/test_b.py": "import not_installed\n",
        "tests/test_c.py": "from app import create_app\nimport os\nos._exit(3)\n",
    }

    said = look(tmp_path, files, test_files=[suite(f"tests/test_{one}.py") for one in "abc"])

    assert said["failed"] == [
        ["tests/test_a.py: app", "NotBuilt: the fixture live_server is not one of the project's"],
        ["tests/test_b.py", "ModuleNotFoundError: No module named 'not_installed'"],
        ["tests/test_c.py", "the process that built it ended"],
    ]


def test_fixtures_that_make_no_application(tmp_path: Path) -> None:
    """One that is given its application, or has nothing to do with any, is not named where it cannot be built."""
    conftest = (
        "import pytest\nfrom app import create_app\nfrom seeds import seed\n"
        "@pytest.fixture\ndef made():\n    app = create_app('qa')\n    raise TypeError('create_all() of another version')\n"
        "@pytest.fixture\ndef products(made):\n    with made.app_context():\n        return seed()\n"
        "@pytest.fixture(autouse=True)\ndef folder(request):\n    request.getfixturevalue('tmpdir').as_cwd()\n"
    )
    files = {"app.py": APP, "config.py": CONFIG, "seeds.py": "def seed():\n    return []\n", "tests/conftest.py": conftest}

    said = look(tmp_path, files, test_files=[suite("tests/conftest.py")])

    assert said["failed"] == []
    assert ("tests/conftest.py: made", True) in {(one["name"], one["follows"]) for one in said["built"]}


def test_without_pytest(tmp_path: Path) -> None:
    """Fixtures are known where the project's environment has no pytest."""
    files = {
        "app.py": APP,
        "config.py": CONFIG,
        "tests/test_a.py": "import pytest\nfrom app import create_app\n@pytest.fixture(scope='module')\ndef app():\n"
        "    return create_app('qa')\n@pytest.mark.parametrize('a', [1])\ndef test_a(app, a):\n    pass\n",
        "pytest.py": "raise ImportError('not installed')\n",
    }

    said = look(tmp_path, files, test_files=[suite("tests/test_a.py")])

    assert said["failed"] == []
    assert ("tests/test_a.py: app", True) in {(one["name"], one["follows"]) for one in said["built"]}


def test_fixtures_of_a_plugin(tmp_path: Path) -> None:
    """What conftest.py takes its fixtures from is imported too."""
    fixtures = "import pytest\nfrom app import create_app\n@pytest.fixture\ndef made():\n    return create_app('qa')\n"
    conftest = (
        "import pytest\npytest_plugins = ['shop_fixtures']\n@pytest.fixture\ndef client(made):\n    return made.test_client()\n"
    )
    files = {"app.py": APP, "config.py": CONFIG, "shop_fixtures.py": fixtures, "tests/conftest.py": conftest}

    said = look(tmp_path, files, test_files=[suite("tests/conftest.py")])

    assert said["failed"] == []
    assert ("tests/conftest.py: client", True) in {(one["name"], one["follows"]) for one in said["built"]}


def test_server_is_not_connected_to_and_the_tree_stays(tmp_path: Path) -> None:
    """A suite that drops and creates while it is set up reaches nothing, and what it writes is taken away."""
    after = (
        "import unittest\nfrom app import create_app, db\nclass Shop(unittest.TestCase):\n    def setUp(self):\n"
        "        self.app = create_app()\n        open('written.txt', 'w').close()\n        with self.app.app_context():\n"
        "            db.drop_all()\n            db.create_all()\n"
    )
    files = {"app.py": APP, "config.py": CONFIG, "tests/test_a.py": textwrap.dedent(after)}
    tools.write_project(tmp_path, files)
    before = tools.tree(tmp_path)

    said = look(
        tmp_path, files, test_files=[suite("tests/test_a.py")], probe_url=f"postgresql+psycopg2://nobody@127.0.0.1:1/{TOKEN}"
    )

    assert [one["follows"] for one in said["built"] if one["path"] == "tests/test_a.py"] == [True]
    assert tools.tree(tmp_path) == before
