"""What Flask-Migrate has generated is told from what a team has written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest

from hooks.worktree.by_hand import is_flask_migrates, options
from hooks.worktree.stock import own_lines, own_settings, own_statements

TEMPLATES = Path(flask_migrate.__file__).parent / "templates"
SINGLE = (TEMPLATES / "flask" / "env.py").read_text()
FLAVOURS = ("flask", "flask-multidb")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_generated_files_have_nothing_of_a_team(flavour: str) -> None:
    """What the installed Flask-Migrate would generate is known as its own, every line of it."""
    folder = TEMPLATES / flavour

    assert own_statements("env.py", (folder / "env.py").read_text()) == []
    assert own_lines("script.py.mako", (folder / "script.py.mako").read_text()) == []
    assert own_settings((folder / "alembic.ini.mako").read_text()) == {}
    assert is_flask_migrates((folder / "env.py").read_bytes())


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_formatted_anew(flavour: str) -> None:
    """A formatter, another order of imports and comments make nothing the team's own."""
    text = (TEMPLATES / flavour / "env.py").read_text()
    formatter = [sys.executable, "-m", "ruff", "format", "--line-length", "60", "--isolated", "-"]
    formatted = subprocess.run(formatter, input=text, capture_output=True, text=True, check=True).stdout
    assert formatted != text

    assert own_statements("env.py", "# by Ada\n" + formatted) == []


def test_what_a_team_has_written() -> None:
    """Each statement, and each argument of a call, is named with its line; the generated ones around it are not."""
    text = SINGLE.replace("            **conf_args\n", "            compare_type=False,\n            **conf_args\n")
    text = text.replace("import logging\n", "import logging\nimport geoalchemy2\n", 1)
    text = text.replace(
        "fileConfig(config.config_file_name)", "if config.config_file_name:\n    fileConfig(config.config_file_name)"
    )

    found = [one.text for one in own_statements("env.py", text)]

    assert found == ["import geoalchemy2", "if config.config_file_name:", "compare_type=False,"]
    assert [(one.name, one.value) for one in options(text)] == [("compare_type", "False")]


def test_settings_of_a_team() -> None:
    """What alembic.ini says more, or otherwise; an INI file that cannot be read says nothing."""
    stock = (TEMPLATES / "flask" / "alembic.ini.mako").read_text()

    assert own_settings(stock.replace("[loggers]", "[post_write_hooks]\nhooks = black\n\n[loggers]")) == {
        ("post_write_hooks", "hooks"): "black"
    }
    assert own_settings("no section\n") == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "from alembic import context\nfrom shop.db import Base\ntarget_metadata = Base.metadata\n", id="Alembic alone"
        ),
        pytest.param("from flask import current_app\n", id="Flask, without Flask-Migrate"),
        pytest.param("# no current_app here\napp = create_app()\nurl = app.config['SQLALCHEMY_DATABASE_URI']\n", id="in a comment"),
    ],
)
def test_env_of_another_kind(text: str) -> None:
    """An env.py that does not ask Flask-Migrate for its database is none of Flask-Migrate's."""
    assert not is_flask_migrates(text.encode())
