"""What Python would call each file, and which file an import means."""

from __future__ import annotations

import pytest

from hooks.detect.modules import Modules
from tests.detect.tools import Text


def modules(files: dict[str, str]) -> Modules:
    """The modules of a project made of text."""
    return Text(files).index.modules


@pytest.mark.parametrize(
    ("files", "path", "name", "root"),
    [
        pytest.param({"app.py": ""}, "app.py", "app", "", id="at the root"),
        pytest.param({"shop/__init__.py": ""}, "shop/__init__.py", "shop", "", id="a package"),
        pytest.param(
            {"shop/__init__.py": "", "shop/web/a.py": ""}, "shop/web/a.py", "shop.web.a", "", id="no __init__ below a package"
        ),
        pytest.param({"api/models/user.py": ""}, "api/models/user.py", "api.models.user", "", id="a namespace package"),
        pytest.param({"src/shop/__init__.py": ""}, "src/shop/__init__.py", "shop", "src", id="src layout"),
        pytest.param({"src/app.py": ""}, "src/app.py", "app", "src", id="script in src"),
        pytest.param(
            {"src/app.py": "from src.models import db", "src/models.py": ""},
            "src/models.py",
            "src.models",
            "",
            id="src by its name",
        ),
        pytest.param(
            {"run.py": "from src.app import app", "src/app.py": "from .models import db", "src/models.py": ""},
            "src/app.py",
            "src.app",
            "",
            id="src by its name in a script beside it",
        ),
        pytest.param(
            {"test_app.py": "from src.app import app", "src/app.py": "from models import db", "src/models.py": ""},
            "src/app.py",
            "app",
            "src",
            id="src whose modules import each other by bare names",
        ),
        pytest.param(
            {"backend/app.py": "from models import db", "backend/models.py": ""},
            "backend/app.py",
            "app",
            "backend",
            id="bare imports",
        ),
        pytest.param(
            {"backend/app.py": "import models", "backend/models/__init__.py": ""},
            "backend/models/__init__.py",
            "models",
            "backend",
            id="package beside a script",
        ),
        pytest.param(
            {"server/code/shop/__init__.py": "from shop.web import x", "server/code/shop/web.py": ""},
            "server/code/shop/web.py",
            "shop.web",
            "server/code",
            id="a package that imports itself by name",
        ),
        pytest.param({"01-start/app.py": ""}, "01-start/app.py", "app", "01-start", id="folder that is no identifier"),
        pytest.param(
            {"backend/app.py": "import email, redis\nfrom config import X", "backend/email.py": "", "config.py": ""},
            "backend/app.py",
            "backend.app",
            "",
            id="standard library and root modules are no evidence",
        ),
    ],
)
def test_name_and_import_root(files: dict[str, str], path: str, name: str, root: str):
    """The name is relative to the folder that has to be on `sys.path`."""
    found = modules(files)

    assert (found.name(path), found.import_root(path)) == (name, root)


def test_same_name_in_two_folders():
    """Two modules that scripts call by one name are told apart by their folders."""
    found = modules(
        {
            "one/app.py": "from models import x",
            "one/models.py": "",
            "2-two/app.py": "from models import x",
            "2-two/models.py": "",
        }
    )

    assert (found.name("one/app.py"), found.name("2-two/app.py")) == ("one.app", "2-two/app")


@pytest.mark.parametrize(
    ("dotted", "importer", "path"),
    [
        pytest.param("shop", "run.py", "shop/__init__.py", id="package"),
        pytest.param("shop.ext", "run.py", "shop/ext.py", id="module"),
        pytest.param("ns.deep", "run.py", "ns/deep", id="folder without __init__"),
        pytest.param("ns.deep.x", "run.py", "ns/deep/x.py", id="module in it"),
        pytest.param("lib", "run.py", "src/lib.py", id="below src"),
        pytest.param("models", "backend/app.py", "backend/models.py", id="beside the script"),
        pytest.param("ext", "shop/web.py", "shop/ext.py", id="beside a script in a package"),
        pytest.param("both", "run.py", "both/__init__.py", id="package before module"),
        pytest.param("flask", "run.py", None, id="installed"),
        pytest.param("flask_sqlalchemy", "shop/web.py", None, id="installed, and a module of that name beside"),
        pytest.param("models", "run.py", None, id="not on the path from here"),
    ],
)
def test_file_of_an_absolute_import(dotted: str, importer: str, path: str | None):
    """The import root comes first, then the project's root, `src`, and the script's own folder."""
    found = modules(
        dict.fromkeys(
            [
                "run.py",
                "shop/__init__.py",
                "shop/ext.py",
                "shop/web.py",
                "shop/flask_sqlalchemy.py",
                "ns/deep/x.py",
                "src/lib.py",
                "both.py",
                "both/__init__.py",
            ],
            "",
        )
        | {"backend/app.py": "import models", "backend/models.py": ""}
    )

    assert found.find(dotted, importer) == path


@pytest.mark.parametrize(
    ("dotted", "level", "importer", "path"),
    [
        ("ext", 1, "shop/web.py", "shop/ext.py"),
        ("", 1, "shop/web.py", "shop/__init__.py"),
        ("ext", 2, "shop/sub/a.py", "shop/ext.py"),
        ("sub.a", 1, "shop/__init__.py", "shop/sub/a.py"),
        ("missing", 1, "shop/web.py", None),
    ],
)
def test_file_of_a_relative_import(dotted: str, level: int, importer: str, path: str | None):
    """Dots count folders from the importing file."""
    found = modules(dict.fromkeys(["shop/__init__.py", "shop/ext.py", "shop/web.py", "shop/sub/a.py"], ""))

    assert found.relative(dotted, level, importer) == path


def test_module_hidden_by_a_package():
    """app.py beside app/__init__.py can never be imported."""
    found = modules(dict.fromkeys(["app.py", "app/__init__.py", "other.py"], ""))

    assert (found.is_shadowed("app.py"), found.is_shadowed("other.py")) == (True, False)
