"""Logging: what the commands say is seen, and the application's own stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import execute
from tests.template.history import BASELINE, write_revision
from tests.template.project import Project

RUNNING = "Running upgrade  -> first, first"
START = """
import logging, sys
{setup}
log = logging.getLogger("shop.start")
log.setLevel(logging.DEBUG)
before = (logging.getLogger().level, list(logging.getLogger().handlers), log.level, list(log.handlers))
from flask_migrate import upgrade
from shop import app
with app.app_context():
    upgrade()
assert before == (logging.getLogger().level, list(logging.getLogger().handlers), log.level, list(log.handlers))
assert not [name for name, one in logging.root.manager.loggerDict.items() if getattr(one, "disabled", False)]
print("as before")
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """One revision, nothing run."""
    result = Project(tmp_path / "project", database_url)
    write_revision(result, "first", None, BASELINE)
    return result


@pytest.mark.parametrize(
    "setup",
    [
        "",
        "logging.basicConfig(level=logging.DEBUG)",
        "logging.basicConfig(level=logging.ERROR)",
        "logging.getLogger().setLevel(logging.ERROR)",
    ],
    ids=["none", "debug", "error", "only_a_level"],
)
def test_application_that_upgrades_itself(project, setup):
    """No logger is disabled, the root logger keeps its level and handlers, and the upgrade is told once."""
    project.write("start.py", START.format(setup=setup))

    said = project.run("start")

    assert said.endswith("as before\n")
    assert said.count(RUNNING) == 1


@pytest.mark.parametrize(
    "setup",
    ["", "logging.basicConfig(level=logging.WARNING)", "logging.basicConfig(filename='shop.log')"],
    ids=["none", "console", "file"],
)
def test_command_in_a_terminal(project, setup):
    """`flask db upgrade` tells what it does, once, wherever the application logs to."""
    project.write("shop.py", f"import logging\n{setup}\n" + (project.folder / "shop.py").read_text())

    said = project.flask("db", "upgrade")

    assert said.count(RUNNING) == 1


@pytest.mark.parametrize("command", ["status", "check", "adopt"])
def test_a_look_tells_of_no_upgrade(project, command):
    """Revisions run on a scratch database there: an application that logs everything shows nothing of that."""
    project.write("shop.py", "import logging\nlogging.basicConfig(level=logging.INFO)\n" + (project.folder / "shop.py").read_text())
    project.flask("db", "upgrade")

    assert "INFO:alembic" not in project.adopt(command, expect=command == "check")  # the revision does not drop its table


def test_new_revision_tells_of_no_plugins(project):
    """Alembic 1.18 and newer list them at each autogenerate."""
    project.flask("db", "upgrade")

    assert "plugin" not in project.flask("db", "migrate", "-m", "nothing")


def test_alembic_ini_of_the_team(project):
    """In a terminal, an application without logging of its own is logged as alembic.ini says."""
    ini = project.folder / "migrations" / "alembic.ini"
    ini.write_text(ini.read_text().replace("format = %(levelname)-5.5s", "format = SHOP"))

    assert f"SHOP [alembic.runtime.migration] {RUNNING}" in project.flask("db", "upgrade")


def test_revision_that_nobody_has(project):
    """A stamp without a file is said in one line, by every command that needs it."""
    project.flask("db", "upgrade")
    execute(project.database_url, "UPDATE alembic_version SET version_num = 'lost'")

    for command in ("migrate", "upgrade"):
        said = project.flask("db", command, expect=1)
        assert said.splitlines()[-1] == "ERROR [flask_migrate] Error: Can't locate revision identified by 'lost'"
