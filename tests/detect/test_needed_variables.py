"""The variables without which the application does not load."""

from __future__ import annotations

import pytest

from hooks.base.facts import Project
from hooks.detect.needed_variables import find_demands
from tests.detect.tools import Text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('KEY = os.environ["A"]', ("A",), id="item"),
        pytest.param('PORT = int(os.environ.get("A"))', ("A",), id="number"),
        pytest.param('TLS = os.getenv("A").lower() == "true"', ("A",), id="method"),
        pytest.param('TLS = os.environ.get("A", False).lower() == "true"', ("A",), id="method of a default that has none"),
        pytest.param('KEY = os.environ.get("A")\nif not KEY:\n    raise RuntimeError("A is not set")', ("A",), id="asked for"),
        pytest.param('if not os.getenv("A"):\n    print("no A")\n    exit(1)', ("A",), id="asked for at once"),
        pytest.param('KEY = os.getenv("A")\nif KEY is None:\n    raise ValueError(KEY)', ("A",), id="asked whether it is None"),
        pytest.param(
            'NEEDED = ["A", "B"]\nleft = [one for one in NEEDED if not os.getenv(one)]\nif left:\n    raise ValueError(left)',
            ("A", "B"),
            id="asked for in a list",
        ),
        pytest.param(
            'for one in ("A", "B"):\n    if one not in os.environ:\n        raise ValueError(one)', ("A", "B"), id="in a loop"
        ),
        pytest.param(
            'a, b = 1, 2\nA = os.getenv("A")\nB = os.getenv("B", "c")\nif not all([A, B]):\n    raise ValueError(A)',
            ("A",),
            id="several, one with a default",
        ),
        pytest.param('KIND = "A"\nif not KIND:\n    raise ValueError(KIND)', (), id="no variable is asked for"),
        pytest.param('KEY = os.getenv("A")\nif not KEY:\n    print("no A")', (), id="told only"),
        pytest.param('KEY = os.getenv("A")\nif KEY not in KNOWN:\n    raise ValueError(KEY)', (), id="one of several values"),
        pytest.param('KEY = os.getenv("A", "b")\nif not KEY:\n    raise ValueError(KEY)', (), id="asked for with a default"),
        pytest.param('def f(KEY):\n    if not KEY:\n        raise ValueError\nKEY = os.getenv("A")', (), id="another name"),
        pytest.param('PORT = int(os.environ.get("A", 25))', (), id="number with a default"),
        pytest.param('TLS = os.environ.get("A", "false").lower()', (), id="method of a text"),
        pytest.param('KEY = os.environ.get("A")', (), id="None will do"),
        pytest.param('def later():\n    return int(os.environ.get("A"))', (), id="in a function"),
        pytest.param('PORT = int(settings.get("A"))', (), id="no variable"),
        pytest.param('from decouple import config\nKEY = config("A")', ("A",), id="decouple"),
        pytest.param('from decouple import config\nKEY = config("A", default="b")', (), id="decouple with a default"),
    ],
)
def test_variable_that_is_needed(line: str, expected: tuple[str, ...]):
    """A read that raises where the variable is not set, on the way to the application."""
    text = Text({"config.py": f"import os\nfrom flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n{line}\n"})

    assert Project("", demands=find_demands(text.index, ())).needed_variables == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('KEY = os.environ["A"]', [(("A",), 4, False)], id="read"),
        pytest.param('A, B = os.getenv("A"), os.getenv("B")\nif not A or not B:\n    raise ValueError', [], id="names of a tuple"),
        pytest.param(
            'A = os.getenv("A")\nB = os.getenv("B")\nif not A or not B:\n    raise ValueError',
            [(("A", "B"), 6, True)],
            id="condition",
        ),
        pytest.param('if DEBUG:\n    KEY = os.environ["A"]', [], id="in a branch"),
        pytest.param('try:\n    KEY = os.environ["A"]\nexcept KeyError:\n    KEY = ""', [], id="tried"),
        pytest.param('KEY = URL or os.environ["A"]', [], id="behind or"),
    ],
)
def test_place_that_asks_whatever_else_is_so(line: str, expected: list[tuple[tuple[str, ...], int, bool]]):
    """With its line, and whether an `if` asks."""
    text = Text({"config.py": f"import os\nfrom flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n{line}\n"})

    found = [one for one in find_demands(text.index, ()) if one.is_certain]

    assert [(one.names, one.where.line, one.is_condition) for one in found] == expected
