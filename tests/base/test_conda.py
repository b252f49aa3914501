"""conda's environment.yml: the whole file before, the whole file after."""

from __future__ import annotations

import pytest

from hooks.base.facts import DeclarationForm
from hooks.edit.core.splice import Untouched
from hooks.edit.files.requirements import ByHand, declare
from tests.edit.test_requirements import DIRECT, declaration

CONDA = DeclarationForm.CONDA
EDITS = {
    "pip's requirements, in order": (
        "name: shop\ndependencies:\n  - python=3.9\n  - pip\n  - pip:\n    - click==8.0\n    - Flask==2.0.1\n    - Werkzeug==2.0\n"
        "prefix: /opt/shop\n",
        "name: shop\ndependencies:\n  - python=3.9\n  - pip\n  - pip:\n    - click==8.0\n    - Flask==2.0.1\n"
        "    - Flask-Migrate==4.1.0\n    - python-dotenv==1.2.4\n    - Werkzeug==2.0\nprefix: /opt/shop\n",
    ),
    "quoted, CRLF, no final newline": (
        "dependencies:\r\n- pip:\r\n  - 'zip'  # data\r\n  - 'flask-sqlalchemy>=2.5'  # models",
        "dependencies:\r\n- pip:\r\n  - 'zip'  # data\r\n  - 'flask-sqlalchemy>=2.5'  # models\r\n  - 'flask-migrate>=4.1.0'\r\n"
        "  - 'python-dotenv>=1.2.4'",
    ),
    "packages of conda after those of pip": (
        "dependencies:\n  - pip:\n      - zip\n      - flask\n  - flask-cors=3.0\nchannels:\n  - flask\n",
        "dependencies:\n  - pip:\n      - zip\n      - flask\n      - flask-migrate\n      - python-dotenv\n  - flask-cors=3.0\n"
        "channels:\n  - flask\n",
    ),
}
BY_HAND = {
    "conda's own package": "dependencies:\n  - python=3.9\n  - conda-forge::flask=2.0=py39\n  - flask-sqlalchemy=2.5\n",
    "in a flow": "dependencies: [flask, pip]\n",
    "something else": "name: shop\nflask:\n  - flask\n",
}


@pytest.mark.parametrize("before, after", EDITS.values(), ids=EDITS.keys())
def test_declared_in_an_environment(before: str, after: str):
    """Flask-Migrate goes where pip's Flask is, written as that is, and a second run adds nothing."""
    raw = before.encode()

    result = declare(raw, declaration(raw, CONDA), DIRECT)
    assert isinstance(result, bytes)
    assert result.decode() == after
    assert isinstance(declare(result, declaration(result, CONDA), DIRECT), Untouched)


@pytest.mark.parametrize("before", BY_HAND.values(), ids=BY_HAND.keys())
def test_environment_left_alone(before: str):
    """Whether conda has Flask-Migrate in its channels is not known, so the lines are handed on."""
    raw = before.encode()

    result = declare(raw, declaration(raw, CONDA), DIRECT)
    assert isinstance(result, ByHand)
    assert "Flask-Migrate" in result.lines or "flask-migrate" in result.lines.lower()
