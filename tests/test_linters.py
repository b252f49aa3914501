"""Which linters judge revisions as well, told from the team's own configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.linters import LINTERS, linter_notes

RUFF, MYPY, PYLINT, BANDIT, DEPTRY = (list(one.notes) for one in LINTERS)


@pytest.mark.parametrize(
    "path, text, expected",
    [
        pytest.param("pyproject.toml", '[tool.ruff.lint]\nselect = ["ALL"]\n', RUFF, id="ruff with every rule"),
        pytest.param("ruff.toml", 'lint.select = [\n    "E",\n    "ANN",\n]\n', RUFF, id="ruff with annotations"),
        pytest.param("pyproject.toml", "[tool.mypy]\nstrict = true\n", MYPY, id="mypy, strict"),
        pytest.param("setup.cfg", "[mypy]\ndisallow_untyped_defs = True\n", MYPY, id="mypy in setup.cfg"),
        pytest.param("pyproject.toml", '[tool.pylint."messages control"]\ndisable = ["R"]\n', PYLINT, id="pylint"),
        pytest.param(".pylintrc", "[MAIN]\njobs=0\n", PYLINT, id="pylint in a file of its own"),
        pytest.param("pyproject.toml", '[tool.bandit]\nskips = ["B101"]\n', BANDIT, id="bandit"),
        pytest.param("pyproject.toml", "[tool.deptry]\n", DEPTRY, id="deptry"),
        pytest.param("pyproject.toml", '[tool.ruff.lint]\nselect = ["E", "F", "DJ"]\n', [], id="ruff with its usual rules"),
        pytest.param("pyproject.toml", "[tool.mypy]\npretty = true\n", [], id="mypy as it is unasked"),
        pytest.param("pyproject.toml", "[tool.mypy]\nstrict = true\nexclude = ['migrations']\n", [], id="left out already"),
        pytest.param("pyproject.toml", '[project]\ndependencies = ["pylint"]\n', [], id="a dependency"),
        pytest.param("setup.cfg", "[tool:pytest]\nstrict = true\n", [], id="a word of another tool"),
    ],
)
def test_what_is_told(path: str, text: str, expected: list[str], tmp_path: Path) -> None:
    """A tool is told of where its own section asks for what revisions do not have."""
    (tmp_path / path).write_text(text)

    assert list(linter_notes(tmp_path)) == expected
