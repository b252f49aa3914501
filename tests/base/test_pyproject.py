"""pyproject.toml and Pipfile: the whole file before, the whole file after."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hooks.base.facts import DeclarationForm
from hooks.edit.core.splice import Reason
from hooks.edit.files.requirements import ByHand, declare
from tests.edit.test_requirements import DIRECT, check, declaration

PEP621, POETRY, PIPFILE = DeclarationForm.PEP621, DeclarationForm.POETRY, DeclarationForm.PIPFILE

EDITS = {
    "PEP 735, a group of its own": (
        PEP621,
        """\
        [project]
        name = "shop"
        dependencies = ["click"]

        [dependency-groups]
        test = ["pytest", {include-group = "web"}]
        web = ["flask>=3", "flask-sqlalchemy>=3.1", {include-group = "base"}]
        """,
        """\
        [project]
        name = "shop"
        dependencies = ["click"]

        [dependency-groups]
        test = ["pytest", {include-group = "web"}]
        web = ["flask>=3", "flask-migrate>=4.1.0", "flask-sqlalchemy>=3.1", "python-dotenv>=1.2.4", {include-group = "base"}]
        """,
    ),
    "Poetry, a group of its own": (
        POETRY,
        """\
        [tool.poetry.dependencies]
        python = "^3.10"
        requests = "*"

        [tool.poetry.group.test.dependencies]
        pytest = "*"

        [tool.poetry.group.web.dependencies]
        flask = "^3.0"
        flask-sqlalchemy = "^3.1"
        """,
        """\
        [tool.poetry.dependencies]
        python = "^3.10"
        requests = "*"

        [tool.poetry.group.test.dependencies]
        pytest = "*"

        [tool.poetry.group.web.dependencies]
        flask = "^3.0"
        flask-migrate = "^4.1.0"
        flask-sqlalchemy = "^3.1"
        python-dotenv = "^1.2.4"
        """,
    ),
    "Poetry, the main table before a group": (
        POETRY,
        """\
        [tool.poetry.group.db.dependencies]
        flask-sqlalchemy = "^3.1"

        [tool.poetry.dependencies]
        flask = "^3.0"
        """,
        """\
        [tool.poetry.group.db.dependencies]
        flask-sqlalchemy = "^3.1"

        [tool.poetry.dependencies]
        flask = "^3.0"
        flask-migrate = "^4.1.0"
        python-dotenv = "^1.2.4"
        """,
    ),
    "PEP 621, many lines": (
        PEP621,
        """\
        [project]
        name = "shop"
        dependencies = [
            "flask>=2.2",
            "flask-sqlalchemy>=3.0",
        ]
        """,
        """\
        [project]
        name = "shop"
        dependencies = [
            "flask>=2.2",
            "flask-migrate>=4.1.0",
            "flask-sqlalchemy>=3.0",
            "python-dotenv>=1.2.4",
        ]
        """,
    ),
    "PEP 621, comments and no trailing comma": (
        PEP621,
        """\
        [project]  # [the] project
        dependencies = [  # what it needs, "really"
          'zip',
          'Flask-SQLAlchemy == 3.1.1', # the database
          # and the web
          'Flask[async] == 3.1'  # last
        ]

        [project.optional-dependencies]
        test = ["pytest"]
        """,
        """\
        [project]  # [the] project
        dependencies = [  # what it needs, "really"
          'zip',
          'Flask-SQLAlchemy == 3.1.1', # the database
          'Flask-Migrate == 4.1.0',
          'python-dotenv == 1.2.4',
          # and the web
          'Flask[async] == 3.1'  # last
        ]

        [project.optional-dependencies]
        test = ["pytest"]
        """,
    ),
    "PEP 621, the last without a comma": (
        PEP621,
        """\
        [project]
        dependencies = [
            "zip",
            "flask-sqlalchemy"  # db
        ]
        """,
        """\
        [project]
        dependencies = [
            "zip",
            "flask-sqlalchemy",  # db
            "flask-migrate",
            "python-dotenv"
        ]
        """,
    ),
    "PEP 621, one line": (
        PEP621,
        """\
        [project]
        dependencies = ["flask~=3.0", "flask-sqlalchemy~=3.1"]
        """,
        """\
        [project]
        dependencies = ["flask~=3.0", "flask-migrate~=4.1", "flask-sqlalchemy~=3.1", "python-dotenv~=1.2"]
        """,
    ),
    "PEP 621, several on a line": (
        PEP621,
        """\
        [project]
        dependencies = [
            "zip", "flask-sqlalchemy",
            "flask", "wheel",
        ]
        """,
        """\
        [project]
        dependencies = [
            "zip", "flask-sqlalchemy", "flask-migrate", "python-dotenv",
            "flask", "wheel",
        ]
        """,
    ),
    "PEP 621, commas first": (
        PEP621,
        """\
        [project]
        dependencies = [
            "zip"
            , "flask-sqlalchemy"
            , "flask"
        ]
        """,
        """\
        [project]
        dependencies = [
            "zip"
            , "flask-sqlalchemy", "flask-migrate", "python-dotenv"
            , "flask"
        ]
        """,
    ),
    "PEP 621, sorted before the first": (
        PEP621,
        """\
        [project]
        dependencies = [
            "flask-sqlalchemy",
            "zip",
        ]
        """,
        """\
        [project]
        dependencies = [
            "flask-migrate",
            "flask-sqlalchemy",
            "python-dotenv",
            "zip",
        ]
        """,
    ),
    "Poetry 2": (
        PEP621,
        """\
        [project]
        dependencies = [
            "zip",
            "flask-sqlalchemy (>=3.1.1,<4.0.0)"
        ]
        """,
        """\
        [project]
        dependencies = [
            "zip",
            "flask-sqlalchemy (>=3.1.1,<4.0.0)",
            "flask-migrate (>=4.1.0,<5.0.0)",
            "python-dotenv (>=1.2.4,<2.0.0)"
        ]
        """,
    ),
    "PEP 621, a marker with quotes": (
        PEP621,
        """\
        [project]
        dependencies = ["zip", "flask-sqlalchemy>=3; python_version>='3.9'"]
        """,
        """\
        [project]
        dependencies = ["zip", "flask-sqlalchemy>=3; python_version>='3.9'", "flask-migrate>=4.1.0; python_version>='3.9'", \
"python-dotenv>=1.2.4; python_version>='3.9'"]
        """,
    ),
    "PEP 621, dotted key": (
        PEP621,
        """\
        project.name = "shop"
        project.dependencies = ["flask-sqlalchemy"]
        """,
        """\
        project.name = "shop"
        project.dependencies = ["flask-sqlalchemy", "flask-migrate", "python-dotenv"]
        """,
    ),
    "Poetry": (
        POETRY,
        """\
        [tool.poetry]
        description = '''[tool.poetry.dependencies]
        flask = "0"'''

        [tool.poetry.dependencies]
        python = "^3.8"
        Flask = "^2.0"
        Flask-SQLAlchemy = {version = "^2.5", extras = ["x"]}

        [tool.poetry.dev-dependencies]
        pytest = "*"
        """,
        """\
        [tool.poetry]
        description = '''[tool.poetry.dependencies]
        flask = "0"'''

        [tool.poetry.dependencies]
        python = "^3.8"
        Flask = "^2.0"
        Flask-Migrate = "^4.1.0"
        Flask-SQLAlchemy = {version = "^2.5", extras = ["x"]}
        python-dotenv = "^1.2.4"

        [tool.poetry.dev-dependencies]
        pytest = "*"
        """,
    ),
    "Poetry, aligned and a git dependency": (
        POETRY,
        """\
        [tool.poetry.dependencies]
        zip              = "1.0"
        flask-sqlalchemy = "3.1.1"
        flask            = { git = "https://example.com/flask.git" }
        """,
        """\
        [tool.poetry.dependencies]
        zip              = "1.0"
        flask-sqlalchemy = "3.1.1"
        flask-migrate    = "4.1.0"
        python-dotenv    = "1.2.4"
        flask            = { git = "https://example.com/flask.git" }
        """,
    ),
    "Poetry, a sub-table": (
        POETRY,
        """\
        [tool.poetry.dependencies]
        zip = "*"
        flask = "^3.0"

        [tool.poetry.dependencies.flask-sqlalchemy]
        version = "^3.1"
        """,
        """\
        [tool.poetry.dependencies]
        zip = "*"
        flask = "^3.0"
        flask-migrate = "^4.1.0"
        python-dotenv = "^1.2.4"

        [tool.poetry.dependencies.flask-sqlalchemy]
        version = "^3.1"
        """,
    ),
    "Pipfile": (
        PIPFILE,
        """\
        [[source]]
        url = "https://pypi.org/simple"

        [dev-packages]
        flask-sqlalchemy = "*"

        [packages]
        flask = "*"
        flask-sqlalchemy = "*"
        "psycopg2" = "~=2.8"
        """,
        """\
        [[source]]
        url = "https://pypi.org/simple"

        [dev-packages]
        flask-sqlalchemy = "*"

        [packages]
        flask = "*"
        flask-migrate = "*"
        flask-sqlalchemy = "*"
        "psycopg2" = "~=2.8"
        python-dotenv = "*"
        """,
    ),
    "Pipfile, quoted keys and pins": (
        PIPFILE,
        """\
        [packages]
        "zip"='*'
        "flask-sqlalchemy"='==2.5'
        "flask"='==2.0'""",
        """\
        [packages]
        "zip"='*'
        "flask-sqlalchemy"='==2.5'
        "flask-migrate"='==4.1.0'
        "python-dotenv"='==1.2.4'
        "flask"='==2.0'""",
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("form, before, after", EDITS.values(), ids=EDITS.keys())
def test_toml(form: DeclarationForm, before: str, after: str, newline: str):
    """The new requirement stands in the same array or table, written as its neighbour is."""
    check(dedent(before).replace("\n", newline), dedent(after).replace("\n", newline), form=form, path="pyproject.toml")


UNTOUCHED = {
    "broken": (PEP621, b'[project]\ndependencies = ["flask-sqlalchemy"\n'),
    "a string without end": (PEP621, b'[project]\ndependencies = ["flask-sqlalchemy]\n'),
    "no such table": (POETRY, b'[tool.poetry.group.dev.dependencies]\nflask-sqlalchemy = "*"\n'),
    "only in a group for tests": (PEP621, b'[dependency-groups]\ntest = ["flask-sqlalchemy"]\n'),
    "only in an optional group": (PEP621, b'[project.optional-dependencies]\nweb = ["flask-sqlalchemy"]\n'),
    "only in a sub-table": (POETRY, b'[tool.poetry.dependencies.flask]\nversion = "*"\n'),
}


@pytest.mark.parametrize("form, raw", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_toml_left_alone(form: DeclarationForm, raw: bytes):
    """What cannot be followed is not edited; the lines to add are handed on."""
    result = declare(raw, declaration(raw, form), DIRECT)

    assert isinstance(result, ByHand)
    assert (result.reason, result.lines) == (Reason.CANNOT_BE_EDITED_SAFELY, "Flask-Migrate==4.1.0\npython-dotenv==1.2.4\n")
