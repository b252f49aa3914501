"""What is to be built to see which database tests have, from text alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hooks.base.facts import App, AppKind, Project
from hooks.base.location import Location
from hooks.detect.built_by_tests import BuiltByTests, SuiteFile, built_by_tests

FACTORY = App("shop", "create_app", AppKind.FACTORY, Location("shop/__init__.py", 1))
FIXTURE = "import pytest\nfrom shop import create_app\n@pytest.fixture\ndef app():\n    return create_app('testing')\n"


def found(root: Path, files: Mapping[str, str], app: App = FACTORY) -> BuiltByTests:
    """What is to be built in a project of these files."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return built_by_tests(root, Project(root=str(root), files=tuple(sorted(files))), app)


def test_project_without_tests(tmp_path: Path):
    """Nothing is to be built, so that no process is started."""
    files = {"shop/__init__.py": "SQLALCHEMY_DATABASE_URI = 'sqlite://'\n", "latest.py": "contest = 1\n", "README": "TESTING"}

    assert found(tmp_path, files).is_empty


def test_fixtures_and_calls(tmp_path: Path):
    """conftest.py comes first, each file knows those above it, and what is called with literals or known names is a call."""
    test = (
        "from shop import create_app\nfrom config import QA\ndef test_a():\n"
        "    create_app(QA).test_client()\n    create_app({'A': [1]}).test_client()\n"
        "def test_b(tmp_path):\n    create_app(tmp_path)\n    create_app(make())\n"
    )
    files = {"shop/__init__.py": "TESTING = False\n", "tests/conftest.py": FIXTURE, "tests/api/test_a.py": test}

    assert found(tmp_path, files) == BuiltByTests(
        modules=("shop/__init__.py",),
        files=(
            SuiteFile("tests/conftest.py", (), ("create_app('testing')",)),
            SuiteFile("tests/api/test_a.py", ("tests/conftest.py",), ("create_app(QA)", "create_app({'A': [1]})")),
        ),
    )


@pytest.mark.parametrize(
    ("body", "is_built"),
    [
        ("assert create_app('development').testing is False", False),
        ("app = create_app('development')\n    assert app.config['DEBUG'] and not app.testing", False),
        ("create_app('development')\n    assert printed == ['development']", False),
        ("app = create_app('development')\n    app.test_client().get('/')", True),
        ("app = create_app('development')\n    with app.app_context():\n        pass", True),
        ("create_app('development')\n    db.drop_all()", True),
        ("assert routes_of(create_app('development')) == []", True),
    ],
)
def test_tests_of_settings(tmp_path: Path, body: str, is_built: bool):
    """What a test looks at no further than its settings is not one that tests use a database of."""
    files = {"tests/test_app.py": f"from shop import create_app, db\ndef test_config():\n    {body}\n"}

    calls = [call for file in found(tmp_path, files).files for call in file.calls]

    assert calls == ["create_app('development')"] * is_built


def test_files_that_build_nothing_and_files_that_are_alike(tmp_path: Path):
    """A file that only uses fixtures is left out; of those that set up in the same way one is built, and knows the others."""
    use = "def test_a(client):\n    assert client.get('/').status_code == 200\n"
    one = "from shop import app, db\nfrom shop.models import User\ndef test_a():\n    app.test_client()\n"
    two = one.replace("User", "Item").replace("db", "mail")
    app = replace(FACTORY, name="app", kind=AppKind.OBJECT)

    files = found(tmp_path, {"tests/test_0.py": use, "tests/test_1.py": one, "tests/test_2.py": two}, app).files

    assert files == (SuiteFile("tests/test_1.py", alike=("tests/test_2.py",)),)


def test_tests_of_other_names(tmp_path: Path):
    """A file with a fixture or a TestCase is one of tests, whatever its name; one that only runs tests is not."""
    files = {
        "spec/shop_spec.py": "import unittest\nclass Shop(unittest.TestCase):\n    def setUp(self):\n        pass\n",
        "checks.py": FIXTURE,
        "manage.py": "import unittest\nfrom shop import create_app\napp = create_app()\n",
        "shop/__init__.py": FIXTURE,
        "tests/support/apps.py": FIXTURE.replace("testing", "qa"),
        "tests/settings.py": "TESTING = True\n",
    }

    built = found(tmp_path, files)

    assert [one.path for one in built.files] == ["checks.py", "spec/shop_spec.py", "tests/support/apps.py"]
    assert built.modules == ("tests/settings.py", "shop/__init__.py")


def test_too_many_files(tmp_path: Path):
    """Those that are too many are named."""
    files = {
        f"tests/test_{number:02}.py": f"from shop import create_app\nA = {number}\nB = create_app({number})\n"
        for number in range(15)
    }

    built = found(tmp_path, files)

    assert (len(built.files), built.left_out) == (12, ("tests/test_12.py", "tests/test_13.py", "tests/test_14.py"))


@pytest.mark.parametrize(
    ("path", "text", "environments"),
    [
        pytest.param("tox.ini", "[testenv]\nsetenv =\n    APP_SETTINGS = qa\n", (("APP_SETTINGS", "qa"),), id="tox"),
        pytest.param("Makefile", "test:\n\tAPP_SETTINGS=qa pytest\n", (("APP_SETTINGS", "qa"),), id="make"),
        pytest.param(
            ".github/workflows/ci.yml", "env:\n  APP_SETTINGS: config.QA\n", (("APP_SETTINGS", "config.QA"),), id="workflow"
        ),
        pytest.param("tests/test_a.py", "os.environ['APP_SETTINGS'] = 'qa'\n", (("APP_SETTINGS", "qa"),), id="test"),
        pytest.param("conftest.py", "monkeypatch.setenv('APP_SETTINGS', 'qa')\n", (("APP_SETTINGS", "qa"),), id="monkeypatch"),
        pytest.param(
            "names.py", "import os\nos.getenv('APP_SETTINGS')\nNAMES = {'testing': 1}\n", (("APP_SETTINGS", "testing"),), id="name"
        ),
        pytest.param("tox.ini", "setenv =\n    OTHER_SETTINGS = qa\n", (), id="a variable that nothing reads"),
    ],
)
def test_variables_that_are_set_for_tests(tmp_path: Path, path: str, text: str, environments: tuple[tuple[str, str], ...]):
    """Those that the project reads to choose its configuration, with the values that tests give them."""
    files = {"shop/__init__.py": "import os\nCHOSEN = os.environ.get('APP_SETTINGS', 'config.Dev')\n", path: text}

    assert found(tmp_path, files).environments == environments
