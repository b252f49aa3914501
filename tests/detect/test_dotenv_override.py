"""A .env that comes before the environment."""

from __future__ import annotations

import pytest

from hooks.detect.dotenv_override import is_overridden


def found(code: str, path: str = "app.py") -> bool:
    """Whether a project of one file has such a line."""
    return is_overridden([path], {path: code.encode()}.get)


@pytest.mark.parametrize(
    "code",
    [
        "load_dotenv(override=True)\n",
        "load_dotenv(\n    find_dotenv(),\n    override = True,\n)\n",
        "env.read_env('.env', override=True)\n",
    ],
)
def test_file_that_comes_first(code: str) -> None:
    """However the call is spread over lines."""
    assert found(code)


@pytest.mark.parametrize(
    "code", ["load_dotenv()\n", "load_dotenv(override=False)\n", "load_dotenv()\nupdate(override=True)\n", "env.read_env()\n"]
)
def test_file_that_comes_last(code: str) -> None:
    """The environment comes first, as everywhere."""
    assert not found(code)


def test_only_python_counts() -> None:
    """A page may show such a line."""
    assert not found("load_dotenv(override=True)\n", "README.md")
