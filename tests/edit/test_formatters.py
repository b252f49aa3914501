"""The project's own formatters have the last word, on files that passed them before, and on nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hooks.base.facts import Interpreter
from hooks.edit.python.formatters import Formatters, find_formatters, is_the_same

BEFORE = b'from flask_login import A\nfrom flask_sqlalchemy import B\n\nx = "sqlite:///" + "a"\n'
OURS = (
    b"from flask_login import A\nfrom flask_sqlalchemy import B\nfrom flask_migrate import Migrate\n\n"
    b'x = os.environ.get("DATABASE_URL") or some_function("sqlite:///", "a", "bbbbbbbbbbbbbbbbbbbbb")\n'
)
THEIRS = (
    b"from flask_login import A\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import B\n\n"
    b'x = os.environ.get("DATABASE_URL") or some_function(\n    "sqlite:///", "a", "bbbbbbbbbbbbbbbbbbbbb"\n)\n'
)


@pytest.fixture
def ruff(tmp_path):
    """A project that names ruff, and has it installed."""
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nline-length = 88\n[tool.ruff.lint]\nselect = ["I"]\n')
    return find_formatters(tmp_path, ["pyproject.toml"], Interpreter(sys.executable, "test", installed={"ruff": "1"}))


def test_file_that_passed(ruff):
    """It passes again: imports are sorted, and lines split as the formatter does."""
    assert ruff.formatted("app.py", BEFORE, OURS) == THEIRS


def test_file_that_did_not_pass(ruff):
    """It stays as the edit made it, but for the imports, which did pass."""
    spaced = b"y  =  1\n"

    assert ruff.formatted("app.py", BEFORE + spaced, OURS + spaced) == (
        b"from flask_login import A\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import B\n\n"
        + OURS.partition(b"\n\n")[2]
        + spaced
    )


def test_new_file(ruff):
    """A new file is formatted."""
    assert ruff.formatted("migrations/versions/a.py", None, b"x = 'a'\n") == b'x = "a"\n'


def test_module_of_the_project_with_the_name_of_a_formatter(ruff):
    """It is not run."""
    (ruff.folder / "ruff.py").write_text("raise SystemExit('mine')\n")

    assert ruff.formatted("app.py", BEFORE, OURS) == THEIRS
    assert not list(ruff.folder.glob(".ruff_cache"))


def test_formatter_that_fails(tmp_path):
    """The text stays."""
    formatters = Formatters(sys.executable, tmp_path, (("no_such_module", "{path}"),))

    assert formatters.formatted("app.py", None, OURS) == OURS


@pytest.mark.parametrize(
    ("files", "installed", "found"),
    [
        ({"setup.cfg": "[isort]\nprofile = black\n"}, {"isort": "5", "black": "24"}, ["isort", "black"]),
        ({"requirements-dev.txt": "black==24.1\n"}, {"black": "24"}, ["black"]),
        ({"requirements.txt": "blackfire\nflake8-black\n"}, {"black": "24"}, []),
        ({"setup.cfg": "[isort]\n"}, {}, []),
        ({"README.md": "black\n"}, {"black": "24"}, []),
    ],
    ids=["configured", "required", "other words", "not installed", "a page"],
)
def test_what_is_asked(tmp_path, files, installed, found):
    """Only what the project names and has installed."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    formatters = find_formatters(tmp_path, list(files), Interpreter(sys.executable, "test", installed=installed))

    assert [command[0] for command in formatters.commands] == found


def test_what_a_folder_above_says(tmp_path):
    """The files at the top of the repository are for all of it; those outside of it are nobody's."""
    app = tmp_path / "repository" / "services" / "api"
    app.mkdir(parents=True)
    (tmp_path / "setup.cfg").write_text("[isort]\n")
    (tmp_path / "repository" / ".pre-commit-config.yaml").write_text("repos:\n- repo: https://github.com/psf/black\n")
    installed = Interpreter(sys.executable, "test", installed={"black": "24", "isort": "5"})

    assert find_formatters(app, [], installed).commands == ()
    subprocess.run(["git", "init", "-q", str(tmp_path / "repository")], check=True)

    assert [command[0] for command in find_formatters(app, [], installed).commands] == ["black"]


@pytest.mark.parametrize(
    ("before", "ours", "found", "same"),
    [
        (b"import a\nimport b\n", b"import a\nimport b\nimport aa\n", b"import a\nimport aa\nimport b\n", True),
        (b"import a\nimport b\n", b"import a\nimport b\nimport c\n", b"import b\nimport a\nimport c\n", False),
        (b"x = 1\n", b"x = 1\ny = 2\n", b"y = 2\nx = 1\n", False),
        (b"", b"x = 'a'\n", b'x = "a"\n', True),
        (b"", b"x = 1\n", b"x =\n", False),
    ],
    ids=["a new import elsewhere", "old imports elsewhere", "statements elsewhere", "quotes", "no Python"],
)
def test_is_the_same(before, ours, found, same):
    """What a formatter prints must mean what the edit did."""
    assert is_the_same("app.py", before, ours, found) is same


def test_section_for_later_revisions(tmp_path):
    """migrations/project.ini names the same commands, for files instead of texts."""
    (tmp_path / "setup.cfg").write_text("[isort]\nprofile = black\n")
    (tmp_path / "ruff.toml").write_text("# ruff\n")
    installed = {"isort": "5", "black": "24", "ruff": "1"}
    formatters = find_formatters(tmp_path, ["setup.cfg", "ruff.toml"], Interpreter(sys.executable, "test", installed=installed))

    assert formatters.section() == (
        "[format]\n# flask db migrate runs these on each new revision, as python -m takes them\n"
        "run =\n    isort\n    ruff check --force-exclude --select I --fix --exit-zero\n"
        "    ruff format --force-exclude\n    black\n"
    )
    assert Formatters(sys.executable, tmp_path).section() == ""
