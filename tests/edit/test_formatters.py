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
        ({"setup.cfg": "[yapf]\nbased_on_style = pep8\n"}, {"yapf": "0.40"}, ["yapf"]),
        ({"requirements.txt": "autopep8==2.0.4\n"}, {"autopep8": "2"}, ["autopep8"]),
        ({"Makefile": "lint:\n\tisort --profile black .\n"}, {"black": "24", "isort": "5"}, ["isort"]),
    ],
    ids=["configured", "required", "other words", "not installed", "a page", "yapf", "autopep8", "black as a profile"],
)
def test_what_is_asked(tmp_path, files, installed, found):
    """Only what the project names and has installed."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    formatters = find_formatters(tmp_path, list(files), Interpreter(sys.executable, "test", installed=installed))

    assert [command[0] for command in formatters.commands] == found


BLACK_HOOK = """repos:
  - repo: https://github.com/psf/black
    rev: 24.1.0
    hooks:
      - id: black
        args: {args}
  - repo: https://github.com/pycqa/isort
    hooks:
      - id: isort
        args: ["--profile", "black", "-l", "99"]
"""


@pytest.mark.parametrize(
    ("files", "black", "isort"),
    [
        ({"Makefile": "fmt:\n\t$(BIN)black -l 79 shop/\n\tblack -l 79 tests/\n\tisort shop/\n"}, ["-l", "79"], []),
        (
            {"Makefile": "WIDTH := 120\nfmt:\n\tblack src/* --line-length=$(WIDTH) -S\n\tisort src --multi-line=0\n"},
            ["--line-length=120", "-S"],
            ["--multi-line=0"],
        ),
        (
            {"ci.sh": "isort --profile black --line-length 99 . && black --check --diff .\n"},
            [],
            ["--profile", "black", "--line-length", "99"],
        ),
        (
            {".pre-commit-config.yaml": BLACK_HOOK.format(args="[--line-length=79, -S]")},
            ["--line-length=79", "-S"],
            ["--profile", "black", "-l", "99"],
        ),
        (
            {".pre-commit-config.yaml": BLACK_HOOK.format(args="\n          - --line-length\n          - '79'")},
            ["--line-length", "79"],
            ["--profile", "black", "-l", "99"],
        ),
        ({"setup.cfg": "[isort]\nprofile = black\n", "requirements.txt": "black==24.1\n"}, [], []),
        ({"ci.sh": "echo isort; python -m isort -m 3 . && python -m black .\n"}, [], ["-m", "3"]),
        ({"hooks.sh": "name: isort, entry: python -m isort --check-only .\nblack .\n"}, [], []),
    ],
    ids=["a width", "a variable", "the other's", "a hook", "a list of a hook", "none", "a module", "a module without"],
)
def test_options_of_the_layout(tmp_path, files, black, isort):
    """They are asked as the team asks them, without what is not of the layout."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    installed = {"black": "24", "isort": "5"}
    formatters = find_formatters(tmp_path, list(files), Interpreter(sys.executable, "test", installed=installed))

    assert formatters.commands == (
        ("isort", *isort, "--quiet", "--filename", "{path}", "-"),
        ("black", *black, "--quiet", "--stdin-filename", "{path}", "-"),
    )


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("[tool.black]\n[tool.ruff]\nline-length = 88\n", False),
        ("[tool.black]\n[tool.ruff]\n[tool.ruff.format]\nquote-style = 'single'\n", True),
        ("[tool.black]\n[tool.poe.tasks]\nfmt = 'ruff format .'\n", True),
        ("[tool.ruff]\nline-length = 88\n", True),
    ],
    ids=["it only lints", "it is configured to", "it is told to", "nothing else does"],
)
def test_ruff_beside_black(tmp_path, text, formats):
    """Where black formats, ruff does so only if the project says it."""
    (tmp_path / "pyproject.toml").write_text(text)
    installed = {"black": "24", "ruff": "1"}

    found = find_formatters(tmp_path, ["pyproject.toml"], Interpreter(sys.executable, "test", installed=installed)).commands

    assert (("ruff", "format") in [command[:2] for command in found]) is formats


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
    (tmp_path / "setup.cfg").write_text("[isort]\n[yapf]\n# black\n")
    (tmp_path / "ruff.toml").write_text("# ruff\n[format]\n")
    installed = {"isort": "5", "black": "24", "ruff": "1", "yapf": "0.40"}
    formatters = find_formatters(tmp_path, ["setup.cfg", "ruff.toml"], Interpreter(sys.executable, "test", installed=installed))

    assert formatters.section() == (
        "[format]\n# flask db migrate runs these on each new revision, as python -m takes them\n"
        "run =\n    isort\n    ruff check --force-exclude --select I --fix --exit-zero\n"
        "    ruff format --force-exclude\n    black\n    yapf --in-place\n"
    )
    assert Formatters(sys.executable, tmp_path).section() == ""
