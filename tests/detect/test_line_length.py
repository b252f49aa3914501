"""How long a line may be, as the project says it."""

from __future__ import annotations

import pytest

from hooks.detect.line_length import find_line_length, wants_imports_first


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", "[tool.black]\nline-length = 100\n", 100),
        ("ruff.toml", "line-length = 120\n", 120),
        ("setup.cfg", "[flake8]\nmax-line-length = 119\n", 119),
        ("Makefile", "lint:\n\tblack -l 79 --check shop/\n", 79),
        ("Makefile", "lint:\n\tblack --check -l79 shop/\n", 79),
        ("Makefile", "lint:\n\tls -l 10\n\tblack .\n", 88),
        ("Makefile", "lint:\n\tflake8 shop\n", 79),
        ("Makefile", "test:\n\tpytest\n", 88),
    ],
)
def test_said(name: str, text: str, expected: int):
    """In a configuration, or on the command line of black."""
    assert find_line_length([name], lambda path: text.encode()) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".pre-commit-config.yaml", "- repo: https://github.com/PyCQA/flake8\n", True),
        ("requirements-dev.txt", "pylint==2.3.1\n", True),
        (".github/workflows/ci.yml", "- run: flake8 .\n", True),
        ("pyproject.toml", "[tool.ruff.lint]\nselect = ['E']\n", False),
        ("requirements.txt", "autopep8==2.0\n", False),
        ("shop/app.py", "import flake8\n", False),
    ],
)
def test_linters_that_want_the_imports_first(name: str, text: str, expected: bool):
    """As the project configures or installs them."""
    assert wants_imports_first([name], lambda path: text.encode()) is expected
