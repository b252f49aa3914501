"""Which linters judge revisions as well, told from the team's own configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.wording.linter_notes import LINTERS, linter_notes

RUFF, MYPY, PYLINT, BANDIT, DEPTRY = (list(one.notes) for one in LINTERS)
IN_RC = ["pylint checks migrations/ too; leave it out:  ignore-paths=^migrations/ in [MAIN] of .pylintrc"]
IN_RUFF_TOML = ['ruff checks migrations/ too; leave it out:  extend-exclude = ["migrations"] in ruff.toml']
IN_LIST = ['bandit checks migrations/ too; leave it out:  add "migrations" to exclude_dirs in [tool.bandit]']
IN_PATTERN = ["pylint checks migrations/ too; leave it out:  add ^migrations/ to ignore-paths in [MAIN] of .pylintrc"]
IN_SETUP_CFG = [
    "mypy checks migrations/ too; leave it out:  exclude = ^migrations/ in [mypy] of setup.cfg",
    "flask_migrate has no types:  ignore_missing_imports = True in [mypy-flask_migrate.*] of setup.cfg",
]


@pytest.mark.parametrize(
    "path, text, expected",
    [
        pytest.param("pyproject.toml", '[tool.ruff.lint]\nselect = ["ALL"]\n', RUFF, id="ruff with every rule"),
        pytest.param("ruff.toml", 'lint.select = [\n    "E",\n    "ANN",\n]\n', IN_RUFF_TOML, id="ruff with annotations"),
        pytest.param("pyproject.toml", "[tool.mypy]\nstrict = true\n", MYPY, id="mypy, strict"),
        pytest.param("setup.cfg", "[mypy]\ndisallow_untyped_defs = True\n", IN_SETUP_CFG, id="mypy in setup.cfg"),
        pytest.param("pyproject.toml", '[tool.pylint."messages control"]\ndisable = ["R"]\n', PYLINT, id="pylint"),
        pytest.param(".pylintrc", "[MAIN]\njobs=0\n", IN_RC, id="pylint in a file of its own"),
        pytest.param("pyproject.toml", '[tool.bandit]\nskips = ["B101"]\n', BANDIT, id="bandit"),
        pytest.param("pyproject.toml", '[tool.bandit]\nexclude_dirs = ["tests"]\n', IN_LIST, id="bandit with a list"),
        pytest.param(".pylintrc", "[MAIN]\nignore-paths=^docs/\n", IN_PATTERN, id="pylint with a pattern"),
        pytest.param(
            "pyproject.toml", "[tool.mypy]\nstrict = true\nignore_missing_imports = true\n", MYPY[:1], id="mypy, no libraries"
        ),
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


@pytest.mark.parametrize(
    "files, expected",
    [
        pytest.param({"Makefile": "lint:\n\tpylint shop tests/ --jobs=2\n"}, [], id="folders by name"),
        pytest.param({".github/workflows/ci.yml": "    - run: pip install pylint\n    - run: pylint shop\n"}, [], id="in CI"),
        pytest.param({"Makefile": "lint:\n\tpylint shop\n\tpylint .\n"}, IN_RC, id="all as well"),
        pytest.param({"ci.sh": "pylint $(git ls-files '*.py')\n"}, IN_RC, id="all that git tracks"),
        pytest.param({"Makefile": "lint:\n\tpip install pylint black\n"}, IN_RC, id="only installed"),
        pytest.param(
            {"Makefile": "lint:\n\tpylint shop\n", ".pre-commit-config.yaml": "  - id: pylint\n"},
            IN_RC,
            id="a hook gets every file",
        ),
        pytest.param({"Makefile": "lint:\n\tpylint shop migrations\n"}, IN_RC, id="migrations by name"),
    ],
)
def test_what_the_team_runs_it_on(files: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    """Nothing is to be left out of a check that names other folders only."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "migrations").mkdir()
    for path, text in {".pylintrc": "[MAIN]\njobs=0\n", **files}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    assert list(linter_notes(tmp_path)) == expected


def test_ruff_on_what_it_is_told(tmp_path: Path) -> None:
    """Without a path it checks all; the types of flask_migrate are missing wherever mypy looks."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nlint.select = ["ALL"]\n[tool.mypy]\nstrict = true\n')
    for check, notes in (("ruff check --fix", RUFF), ("ruff check shop", [])):
        (tmp_path / "Makefile").write_text(f"lint:\n\t{check}\n\tmypy shop\n")

        assert list(linter_notes(tmp_path)) == [*notes, *MYPY[1:]]


def test_page_has_the_lines() -> None:
    """docs/linters.md shows the line that each note has."""
    page = (Path(__file__).parents[2] / "docs" / "linters.md").read_text(encoding="utf-8")
    lines = [note.rpartition(":  ")[2].partition(" in [")[0] for linter in LINTERS for note in linter.notes if "migrations" in note]

    assert [line for line in lines if f"`{line}`" not in page] == []
