"""The oldest Python that the project is for, and what can be installed on it."""

from __future__ import annotations

import pytest

from hooks.planning.oldest_python import find_oldest_python, is_for

SAID = {
    "metadata": ({"pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.8,<4"\n'}, (), "3.8"),
    "poetry": ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9"\nflask = "^3.0"\n'}, (), "3.9"),
    "setup.cfg": ({"setup.cfg": "[options]\npython_requires = >= 3.7\n"}, ("3.12",), "3.7"),
    "setup.py": ({"setup.py": "setup(name='shop', python_requires='>=3.10')\n"}, (), "3.10"),
    "CI names an older one": ({"pyproject.toml": 'requires-python = ">=3.10"\n'}, ("3.12", "3.9"), "3.9"),
    "3.9 is older than 3.10": ({}, ("3.10", "3.9"), "3.9"),
    "a version of something else": ({"setup.py": "setup(name='shop', version='3.1')\n"}, (), ""),
    "a tool's": ({"pyproject.toml": '[tool.mypy]\npython_version = "3.6"\n'}, (), ""),
    "nothing": ({}, (), ""),
}


@pytest.mark.parametrize(("files", "said", "expected"), SAID.values(), ids=SAID)
def test_find_oldest_python(files: dict[str, str], said: tuple[str, ...], expected: str) -> None:
    def read(name: str) -> bytes | None:
        return files[name].encode() if name in files else None

    assert find_oldest_python(read, said) == expected


@pytest.mark.parametrize(
    ("requires_python", "expected"), [(">=3.9", False), (">=3.8.1", True), (">=3.6,<4", True), ("", True), ("no specifier", True)]
)
def test_is_for(requires_python: str, expected: bool) -> None:
    assert is_for(requires_python, "3.8") is expected
