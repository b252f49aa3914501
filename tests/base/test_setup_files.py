"""setup.py and setup.cfg: the whole file before, the whole file after."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hooks.base.facts import DeclarationForm
from hooks.edit.core.splice import Reason
from hooks.edit.files.requirements import ByHand, declare
from tests.edit.test_requirements import DIRECT, check, declaration

PY, CFG = DeclarationForm.SETUP_PY, DeclarationForm.SETUP_CFG

EDITS = {
    "a list in the call": (
        PY,
        """\
        # -*- coding: utf-8 -*-
        from setuptools import setup

        setup(
            name="caf\u00e9", install_requires=[
                "Flask",
                "Flask-SQLAlchemy",  # \u00e9
                "zip",
            ],
        )
        """,
        """\
        # -*- coding: utf-8 -*-
        from setuptools import setup

        setup(
            name="caf\u00e9", install_requires=[
                "Flask",
                "Flask-Migrate",
                "Flask-SQLAlchemy",  # \u00e9
                "python-dotenv",
                "zip",
            ],
        )
        """,
    ),
    "one line, a name": (
        PY,
        """\
        from distutils.core import setup
        requires = ['zip', 'flask-sqlalchemy>=2.1', 'flask']
        setup(install_requires=requires + ['x'])
        """,
        """\
        from distutils.core import setup
        requires = ['zip', 'flask-sqlalchemy>=2.1', 'flask-migrate>=4.1.0', 'python-dotenv>=1.2.4', 'flask']
        setup(install_requires=requires + ['x'])
        """,
    ),
    "keyword arguments in a dictionary": (
        PY,
        """\
        options = {
        \t"install_requires": ("zip", "flask-sqlalchemy"),
        }
        setup(**options)
        """,
        """\
        options = {
        \t"install_requires": ("zip", "flask-sqlalchemy", "flask-migrate", "python-dotenv"),
        }
        setup(**options)
        """,
    ),
    "setup.cfg": (
        CFG,
        """\
        [metadata]
        name = shop

        [options]
        packages = find:
        install_requires =
            # web
            zip
            Flask-SQLAlchemy>=2.5,<3
            Flask
        python_requires = >=3.7

        [options.extras_require]
        test =
            flask
        """,
        """\
        [metadata]
        name = shop

        [options]
        packages = find:
        install_requires =
            # web
            zip
            Flask-SQLAlchemy>=2.5,<3
            Flask-Migrate>=4.1.0,<5
            python-dotenv>=1.2.4,<2
            Flask
        python_requires = >=3.7

        [options.extras_require]
        test =
            flask
        """,
    ),
    "setup.cfg, on the option's line": (
        CFG,
        "[options]\ninstall_requires = flask-sqlalchemy\n\n[flake8]\nmax = 1\n",
        "[options]\ninstall_requires = flask-sqlalchemy\n    flask-migrate\n    python-dotenv\n\n[flake8]\nmax = 1\n",
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("form, before, after", EDITS.values(), ids=EDITS.keys())
def test_setup_files(form: DeclarationForm, before: str, after: str, newline: str):
    """The list gets the new names, written as its others are."""
    check(dedent(before).replace("\n", newline), dedent(after).replace("\n", newline), form=form, path="setup.py")


UNTOUCHED = {
    "read from a file": (PY, b'setup(install_requires=open("requirements.txt").read().split())\n'),
    "made by a function": (PY, b'setup(install_requires=read("flask-sqlalchemy"))\n'),
    "Python 2": (PY, b'print "x"\nsetup(install_requires=["flask-sqlalchemy"])\n'),
    "joined strings": (PY, b'setup(install_requires=["flask" "-sqlalchemy"])\n'),
    "extras": (CFG, b"[options.extras_require]\ninstall_requires =\n    flask\n"),
    "a file": (CFG, b"[options]\ninstall_requires = file: requirements.txt\n"),
}


@pytest.mark.parametrize("form, raw", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_setup_files_left_alone(form: DeclarationForm, raw: bytes):
    """What is no list of names is not edited; the lines to add are handed on."""
    result = declare(raw, declaration(raw, form), DIRECT)

    assert isinstance(result, ByHand)
    assert result.reason is Reason.CANNOT_BE_EDITED_SAFELY
