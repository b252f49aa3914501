"""Which files declare the project's dependencies."""

from __future__ import annotations

import codecs
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hooks.base.facts import Declaration, DeclarationForm
from hooks.detect.dependencies import find_declarations, specifiers

R, P, POETRY = DeclarationForm.REQUIREMENTS, DeclarationForm.PEP621, DeclarationForm.POETRY
BOTH = ("flask", "flask-sqlalchemy")


def found(root: Path, files: Mapping[str, str | bytes], project: str = "") -> tuple[Declaration, ...]:
    """Write the files, and look from the folder `project`."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    here = root / project
    listed = sorted(one.relative_to(here).as_posix() for one in here.rglob("*") if one.is_file() and ".git" not in one.parts)
    return find_declarations(here, listed)


FOUND = {
    "requirements.txt": ({"requirements.txt": "Flask\nFlask_SQLAlchemy\n"}, [Declaration("requirements.txt", R, 2, BOTH)]),
    "other names": (
        {"reqs.txt": "flask", "dev-requirements.txt": "flask", "requirements_prod.txt": "flask", "Requirements.txt": "flask"},
        [
            Declaration(path, R, 1, ("flask",))
            for path in ("Requirements.txt", "dev-requirements.txt", "reqs.txt", "requirements_prod.txt")
        ],
    ),
    "UTF-16": (
        {"requirements.txt": codecs.BOM_UTF16_LE + "Flask==2.0\r\nFlask-SQLAlchemy==2.5\r\n".encode("utf-16-le")},
        [Declaration("requirements.txt", R, 2, BOTH)],
    ),
    "an environment of conda": (
        {"environment.yml": "dependencies:\n  - python=3.9\n  - pip:\n    - Flask==2.0\n    - Flask-SQLAlchemy\n"},
        [Declaration("environment.yml", DeclarationForm.CONDA, 5, BOTH)],
    ),
    "a dependency group": (
        {"pyproject.toml": '[project]\nname = "shop"\n\n[dependency-groups]\nweb = ["flask", "flask-sqlalchemy"]\n'},
        [Declaration("pyproject.toml", P, 5, BOTH)],
    ),
    "a group of Poetry": (
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "*"\n\n[tool.poetry.group.web.dependencies]\nflask = "*"\n'},
        [Declaration("pyproject.toml", POETRY, 5, ("flask",))],
    ),
    "UTF-16 without a mark": (
        {"requirements.txt": "Flask==2.0\r\n".encode("utf-16-le")},
        [Declaration("requirements.txt", R, 1, ("flask",))],
    ),
    "a byte-order mark": ({"requirements.txt": codecs.BOM_UTF8 + b"flask\n"}, [Declaration("requirements.txt", R, 1, ("flask",))]),
    "a tree of files": (
        {
            "requirements.txt": "-r requirements/prod.txt\n",
            "requirements/prod.txt": "-r common.txt\ngunicorn\nflask\n",
            "requirements/common.txt": "flask-sqlalchemy\nflask-migrate\n",
            "requirements/dev.txt": "pytest\n",
        },
        [
            Declaration("requirements/common.txt", R, 1, ("flask-migrate", "flask-sqlalchemy")),
            Declaration("requirements/prod.txt", R, 3, ("flask", "gunicorn"), ("flask-migrate", "flask-sqlalchemy")),
        ],
    ),
    "a file of any name that another includes": (
        {"requirements.txt": "-r pinned/web.list\n", "pinned/web.list": "# web\nflask==1\n"},
        [Declaration("pinned/web.list", R, 2, ("flask",))],
    ),
    "files that include each other": (
        {"requirements.txt": "-r requirements-dev.txt\nflask", "requirements-dev.txt": "-r requirements.txt\npytest\n"},
        [Declaration("requirements.txt", R, 2, ("flask",), ("pytest",))],
    ),
    "compiled": (
        {
            "requirements.in": "flask\nflask-sqlalchemy\n",
            "requirements.txt": "flask==3 \\\n  --hash=sha256:a\nflask-sqlalchemy==3\n    # via x\n",
        },
        [Declaration("requirements.in", R, 2, BOTH), Declaration("requirements.txt", R, 3, BOTH)],
    ),
    "PEP 621": (
        {"pyproject.toml": '[project]\ndependencies = ["flask", "flask-sqlalchemy>=3"]\n'},
        [Declaration("pyproject.toml", P, 2, BOTH)],
    ),
    "setuptools reads a file": (
        {
            "pyproject.toml": '[tool.setuptools.dynamic]\ndependencies = {file = ["needs.txt"]}\n[project]\nname="x"\n',
            "needs.txt": "flask\n",
        },
        [Declaration("needs.txt", R, 1, ("flask",))],
    ),
    "Poetry": (
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.8"\nflask = "^2"\n', "poetry.lock": 'name = "flask"\n'},
        [Declaration("pyproject.toml", POETRY, 3, ("flask",))],
    ),
    "Pipfile and requirements": (
        {"Pipfile": '[packages]\nflask = "*"\n', "Pipfile.lock": "{}", "requirements.txt": "flask\n"},
        [Declaration("Pipfile", DeclarationForm.PIPFILE, 2, ("flask",)), Declaration("requirements.txt", R, 1, ("flask",))],
    ),
    "setup.cfg": (
        {"setup.cfg": "[options]\ninstall_requires =\n  flask\n", "setup.py": "setup()\n"},
        [Declaration("setup.cfg", DeclarationForm.SETUP_CFG, 3, ("flask",))],
    ),
    "setup.py that reads requirements.txt": (
        {"setup.py": "setup(install_requires=open('requirements.txt').read())\n", "requirements.txt": "flask\n"},
        [Declaration("requirements.txt", R, 1, ("flask",))],
    ),
    "the top before what is deeper": (
        {
            "requirements.txt": "flask-sqlalchemy\n",
            "worker/requirements.txt": "flask-sqlalchemy\n",
            "docs/requirements.txt": "flask\n",
        },
        [Declaration("requirements.txt", R, 1, ("flask-sqlalchemy",))],
    ),
    "deeper, when the top has none": (
        {"backend/requirements.txt": "flask\n", "package.json": "{}", "docs/requirements.txt": "flask\n"},
        [Declaration("backend/requirements.txt", R, 1, ("flask",))],
    ),
    "only an extension": (
        {"requirements.txt": "zip\nFlask-AppBuilder==4\n"},
        [Declaration("requirements.txt", R, 2, ("flask-appbuilder", "zip"))],
    ),
    "an extension beside Flask": (
        {"requirements.txt": "flask-login\n", "setup.cfg": "[options]\ninstall_requires = flask\n"},
        [Declaration("setup.cfg", DeclarationForm.SETUP_CFG, 2, ("flask",))],
    ),
    "deeper, when only that names Flask-SQLAlchemy": (
        {"backend/requirements.txt": "flask-sqlalchemy\n", "requirements.txt": "flask\n"},
        [Declaration("backend/requirements.txt", R, 1, ("flask-sqlalchemy",)), Declaration("requirements.txt", R, 1, ("flask",))],
    ),
}
NOT_FOUND = {
    "no file": {},
    "others' names": {"requirements.txt": "flaskless\nquart\nnot-flask\n"},
    "constraints": {
        "constraints.txt": "flask==2\n",
        "requirements.txt": "-c constraints.txt\n",
        "requirements/constraints.txt": "flask\n",
    },
    "locks": {"poetry.lock": 'name = "flask"\n', "Pipfile.lock": '{"flask": 1}', "uv.lock": 'name = "flask"\n'},
    "some text file": {"notes.txt": "flask\n", "robots.txt": "flask\n"},
    "a broken file": {"pyproject.toml": '[project\ndependencies = ["flask"]\n', "setup.py": "print 'flask'\n"},
    "optional": {"pyproject.toml": '[project.optional-dependencies]\nweb = ["flask"]\n'},
    "for development": {"Pipfile": '[dev-packages]\nflask = "*"\n'},
    "of the documentation": {"docs/requirements.txt": "flask\n", "tests/requirements.txt": "flask\n"},
    "in a comment": {"requirements.txt": "# flask\n"},
    "an include that is not there": {"requirements.txt": "-r nothing.txt\n-r https://example.com/r.txt\n"},
}


@pytest.mark.parametrize("files, expected", FOUND.values(), ids=FOUND.keys())
def test_declarations(tmp_path: Path, files: Mapping[str, str | bytes], expected: list[Declaration]):
    """The files that name Flask or Flask-SQLAlchemy themselves, with line and names."""
    assert list(found(tmp_path, files)) == expected


@pytest.mark.parametrize("files", NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_no_declaration(tmp_path: Path, files: Mapping[str, str]):
    """Files that merely mention Flask, fix versions or serve something else declare nothing."""
    assert found(tmp_path, files) == ()


def test_requirements_of_a_parent_folder(tmp_path: Path):
    """In a repository of many applications the nearest folder above counts, up to the repository's top."""
    (tmp_path / "outside.txt").touch()
    files = {
        "repo/requirements.txt": "flask\n",
        "repo/apps/requirements/base.txt": "flask-sqlalchemy\n",
        "repo/apps/shop/app.py": "",
    }
    assert found(tmp_path, files, "repo/apps/shop") == ()

    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)

    assert found(tmp_path, files, "repo/apps/shop") == (Declaration("../requirements/base.txt", R, 1, ("flask-sqlalchemy",)),)
    (tmp_path / "repo/apps/requirements/base.txt").unlink()
    assert find_declarations(tmp_path / "repo/apps/shop", ["app.py"]) == (Declaration("../../requirements.txt", R, 1, ("flask",)),)
    assert find_declarations(tmp_path / "repo/apps/shop", []) == find_declarations(tmp_path / "repo/apps/shop", ["app.py"])


@pytest.mark.parametrize(
    "declaring", ["requirements/docs.txt", "requirements/tests.txt", "requirements-dev.txt", "lint-requirements.txt"]
)
def test_tests_and_pages_of_a_parent_folder(tmp_path: Path, declaring: str):
    """What they need is declared for whoever works on the whole."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    assert found(tmp_path, {declaring: "flask-sqlalchemy\n", "apps/shop/app.py": ""}, "apps/shop") == ()


@pytest.mark.parametrize("folder", ["examples/shop", "docs/tutorial/shop", "tests/shop"])
def test_library_around_an_example(tmp_path: Path, folder: str):
    """It does not come to need Flask-Migrate because an example does."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    assert found(tmp_path, {"requirements.txt": "flask-sqlalchemy\n", f"{folder}/app.py": ""}, folder) == ()


def test_own_requirements_before_a_parents(tmp_path: Path):
    """A folder with a declaration of its own is not helped by those above."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    assert found(tmp_path, {"requirements.txt": "flask\n", "shop/requirements.txt": "flask\n"}, "shop") == (
        Declaration("requirements.txt", R, 1, ("flask",)),
    )


def test_versions_that_they_ask_for(tmp_path: Path):
    """As pip understands them: Poetry's caret and what asks for any are left out."""
    files: dict[str, str | bytes] = {
        "requirements.txt": "Flask==2.0\nFlask-SQLAlchemy\nFlask_Migrate == 2.5.2 ; python_version > '3'\n",
        "pyproject.toml": '[tool.poetry.dependencies]\nFlask-SQLAlchemy = "^3.0"\npython-dotenv = ">=1.0,<2"\nalembic = "1"\n',
    }

    declarations = found(tmp_path, files)

    assert specifiers(tmp_path, declarations) == {"python-dotenv": "<2,>=1.0", "flask": "==2.0", "flask-migrate": "==2.5.2"}
