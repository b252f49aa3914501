"""What is installed, and that nothing else changes: packages made on the spot, and two real environments."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hooks.base.errors import (
    DatabaseDiffers,
    Declined,
    FlaskMigrateNotFound,
    FlaskMigrateTooNew,
    InstallChanged,
    InstallFailed,
    NoInstaller,
)
from hooks.base.facts import Declaration, DeclarationForm, Interpreter, Project
from hooks.base.report import Report
from hooks.environment.distributions import probe
from hooks.environment.install import (
    ceilings,
    constraints,
    install,
    installed_for,
    plan_install,
    require_working_pair,
    uninstall,
    wanted,
)
from hooks.environment.installers import require_installer
from hooks.environment.interpreter import find_interpreter
from hooks.retrofit import versions_to_install
from hooks.wording.reasons import explain
from tests.end_to_end import stacks
from tests.end_to_end.stacks import OF_THEIR_TIME, Stack
from tests.wheels import make_environment, make_wheel

NAMES = ("Flask-Migrate", "python-dotenv")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with pip and old packages; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    make_environment(folder, {"Flask": "1.0.2", "Flask-SQLAlchemy": "2.3.2", "SQLAlchemy": "1.2.7"}, with_pip=True)
    return folder


@pytest.fixture
def interpreter(environment: Path) -> Iterator[Interpreter]:
    """The environment's Python; afterwards it holds what it held before."""
    found = find_interpreter(environment, str(environment), os.environ)
    yield found
    assert find_interpreter(environment, str(environment), os.environ).installed == found.installed


@pytest.fixture
def index(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder of wheels, and the environment variables that make it pip's only index."""
    folder = tmp_path / "index"
    folder.mkdir()
    make_wheel(folder, "python-dotenv", "1.0")
    return folder, {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull}


def test_newest_that_fits_is_installed(interpreter: Interpreter, index: tuple[Path, dict[str, str]]):
    """Versions in place are constraints: an older Flask-Migrate is chosen rather than a newer SQLAlchemy."""
    folder, environ = index
    make_wheel(folder, "SQLAlchemy", "1.4.0")
    make_wheel(folder, "alembic", "1.13", ["SQLAlchemy>=1.3"])
    make_wheel(folder, "alembic", "1.4", ["SQLAlchemy>=1.1"])
    make_wheel(folder, "Flask-Migrate", "4.0", ["alembic>=1.9"])
    make_wheel(folder, "Flask-Migrate", "3.1", ["alembic>=0.7", "Flask>=0.9", "colorama; sys_platform == 'nowhere'"])

    added = install(interpreter, NAMES, environ)

    assert added == {"flask-migrate": "3.1", "alembic": "1.4", "python-dotenv": "1.0"}
    after = probe(interpreter.path, environ, folder).installed
    assert after == {**interpreter.installed, **added}
    uninstall(interpreter, list(added), environ)


def test_declared_version_is_installed(interpreter: Interpreter, index: tuple[Path, dict[str, str]]):
    """What the project asks for comes before what is newest; where it cannot be had, the newest is installed."""
    folder, environ = index
    make_wheel(folder, "Flask-Migrate", "2.5.2")
    make_wheel(folder, "Flask-Migrate", "2.7")

    for specifier, version in (("==2.5.2", "2.5.2"), ("==2.6", "2.7")):
        added = install(interpreter, NAMES, environ, declared={"flask-migrate": specifier, "flask": "==3"})
        uninstall(interpreter, list(added), environ)

        assert added == {"flask-migrate": version, "python-dotenv": "1.0"}


def test_nothing_missing_nothing_done(interpreter: Interpreter):
    """What is there already is neither looked for nor upgraded."""
    assert install(interpreter, ["Flask", "flask_sqlalchemy"], {"PATH": "/nowhere"}) == {}
    assert plan_install(interpreter, {}, ["Flask"]).names == ()


def test_no_version_fits(interpreter: Interpreter, index: tuple[Path, dict[str, str]]):
    """Where no version fits under the constraints, the installer's last words are told and nothing stays."""
    folder, environ = index
    make_wheel(folder, "SQLAlchemy", "2.0")
    make_wheel(folder, "Flask-Migrate", "4.0", ["SQLAlchemy>=2"])

    with pytest.raises(InstallFailed) as raised:
        install(interpreter, NAMES, environ)

    assert raised.value.names == NAMES
    assert any("flask-migrate" in line.lower() for line in raised.value.lines)


def test_what_cannot_be_imported_is_replaced_by_an_older_one(interpreter: Interpreter, index: tuple[Path, dict[str, str]]):
    """Metadata may promise too much, so the import is tried, and after the newest an older major version."""
    folder, environ = index
    make_wheel(folder, "Flask-Migrate", "4.0", code="import nothing_like_it")
    make_wheel(folder, "Flask-Migrate", "3.1", code="works = True")

    added = install(interpreter, NAMES, environ)

    assert added == {"flask-migrate": "3.1", "python-dotenv": "1.0"}
    uninstall(interpreter, list(added), environ)


def test_older_flask_gets_a_flask_migrate_that_runs_with_it(interpreter: Interpreter, index: tuple[Path, dict[str, str]]):
    """Flask-Migrate 4.1 can be imported under Flask 1.0, but each of its commands fails there, so it is not taken."""
    folder, environ = index
    make_wheel(folder, "Flask-Migrate", "4.1")
    make_wheel(folder, "Flask-Migrate", "4.0")

    added = install(interpreter, NAMES, environ)

    assert added == {"flask-migrate": "4.0", "python-dotenv": "1.0"}
    uninstall(interpreter, list(added), environ)


@pytest.mark.parametrize("flask, first", [("1.1.4", "<4.1"), ("2.1.3", "<4.1"), ("2.2.0", ""), ("3.1.3", ""), ("a fork", "")])
def test_ceilings(flask: str, first: str):
    """Today's Flask takes any Flask-Migrate; a version that cannot be read is taken for today's."""
    assert ceilings(Interpreter("/p", "test", installed={"flask": flask}))[0] == first


def test_nothing_that_can_be_imported(interpreter: Interpreter, index: tuple[Path, dict[str, str]]):
    """The exception is shown, and everything that was installed on the way is gone."""
    folder, environ = index
    make_wheel(folder, "Flask-Migrate", "2.0", ["Mako"], code="raise RuntimeError('of no use')")
    make_wheel(folder, "Mako", "1.0")

    with pytest.raises(InstallFailed) as raised:
        install(interpreter, NAMES, environ)

    assert raised.value.lines[-1] == "RuntimeError: of no use"


def test_a_changed_version_is_put_back(environment: Path, index: tuple[Path, dict[str, str]], tmp_path: Path):
    """A package from a folder cannot be pinned; where it was replaced all the same, its name is told, and it is put back."""
    folder, environ = index
    make_wheel(folder, "shoplib", "1.0")
    make_wheel(folder, "shoplib", "2.0")
    make_wheel(folder, "Flask-Migrate", "4.0", ["shoplib>=2"])
    copy = tmp_path / "copy"
    python = make_environment(copy, {"Flask": "1.0.2", "Flask-SQLAlchemy": "2.3.2", "shoplib": "1.0"}, with_pip=False)
    (copied,) = copy.glob("lib/python*/site-packages")
    (source,) = environment.glob("lib/python*/site-packages")
    for one in source.glob("pip*"):
        shutil.copytree(one, copied / one.name)
    (copied / "shoplib-1.0.dist-info" / "direct_url.json").write_text('{"url": "file:///shoplib", "dir_info": {}}')
    interpreter = find_interpreter(tmp_path, str(python), environ)

    with pytest.raises(InstallChanged) as raised:
        install(interpreter, ["Flask-Migrate"], environ)

    assert (raised.value.changed, raised.value.is_undone) == ((("shoplib", "1.0", "2.0"),), True)
    assert find_interpreter(tmp_path, str(python), environ).installed == interpreter.installed


def test_constraints_leave_out_what_no_index_knows(tmp_path: Path):
    """Local versions and packages from elsewhere cannot be asked for by version."""
    python = make_environment(tmp_path / "e", {"Flask": "1.0.2", "torch": "2.0+cpu", "odd": "not.a.version", "shop": "0.1"})
    (packages,) = (tmp_path / "e").glob("lib/python*/site-packages")
    (packages / "shop-0.1.dist-info" / "direct_url.json").write_text("{}")

    assert constraints(probe(str(python), os.environ, tmp_path)) == "flask==1.0.2\n"


@pytest.mark.parametrize("flask, expected", [("0.12.5", NAMES[:1]), ("1.0", NAMES), ("3.1.0", NAMES), ("1.0.dev0", NAMES)])
def test_wanted(flask: str, expected: tuple[str, ...]):
    """Flask before 1.0 does not read .flaskenv, so python-dotenv is of no use to it."""
    assert wanted(Interpreter("/p", "test", installed={"flask": flask})) == expected


@pytest.mark.parametrize(
    ("flask", "flask_migrate", "expected"),
    [
        ("2.0.3", "3.1.0", True),
        ("1.1.4", "2.7.0", True),
        ("2.1.0", "3.1.0", False),
        ("2.0.3", "4.0.7", False),
        ("2.0.3", None, False),
    ],
)
def test_flask_that_finds_commands_by_setuptools(flask: str, flask_migrate: str | None, expected: bool):
    """An old Flask with an old Flask-Migrate has `flask db` only where setuptools is, so that is installed, too."""
    installed = {"flask": flask, **({"flask-migrate": flask_migrate} if flask_migrate else {})}

    assert ("setuptools" in wanted(Interpreter("/p", "test", installed=installed))) is expected
    assert "setuptools" not in wanted(Interpreter("/p", "test", installed={**installed, "setuptools": "68.0"}))


class TestInstallers:
    """Which program installs."""

    def test_own_pip(self):
        """The environment's own pip, where it has one."""
        installer = require_installer(Interpreter("/p", "test"), NAMES, {"PATH": "/nowhere", "UV": "/uv"})

        assert installer.install[:4] == ("/p", "-m", "pip", "install")

    def test_uv(self, tmp_path: Path):
        """Environments of uv have no pip; uv is on PATH, or tells by UV where it is."""
        uv = tmp_path / "uv"
        uv.write_text("#!/bin/sh\n")
        uv.chmod(0o755)
        no_pip = Interpreter("/p", "test", has_pip=False)

        assert require_installer(no_pip, NAMES, {"PATH": "/nowhere", "UV": "/uv"}).install == (
            "/uv",
            "pip",
            "install",
            "--python",
            "/p",
        )
        assert require_installer(no_pip, NAMES, {"PATH": str(tmp_path)}).install[0] == str(uv)

    def test_pip_of_copier(self):
        """Else the pip beside Copier installs for the other Python."""
        installer = require_installer(Interpreter("/p", "test", has_pip=False), NAMES, {"PATH": "/nowhere"})

        assert installer.install[:6] == (sys.executable, "-m", "pip", "--python", "/p", "install")

    def test_none(self, monkeypatch: pytest.MonkeyPatch):
        """The commands that help are told."""
        monkeypatch.setattr("hooks.environment.installers._own_version", lambda name: "")
        with pytest.raises(NoInstaller) as raised:
            require_installer(Interpreter("/p", "test", has_pip=False), NAMES, {"PATH": "/nowhere"})

        assert raised.value.commands == ("/p -m ensurepip", "uv pip install --python /p Flask-Migrate python-dotenv")

    def test_externally_managed(self):
        """Nothing is installed in the operating system's Python."""
        with pytest.raises(NoInstaller) as raised:
            plan_install(Interpreter("/usr/bin/python3", "test", is_externally_managed=True), {})

        assert raised.value.commands[0] == "python3 -m venv .venv"


class TestInstalledFor:
    """Packages come for the length of a run that goes through, and go with one that does not."""

    @pytest.fixture(autouse=True)
    def wheels(self, index: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
        """A Flask-Migrate in the only index that pip sees."""
        folder, environ = index
        make_wheel(folder, "Flask-Migrate", "4.0")
        for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"):
            monkeypatch.setenv(name, environ[name])

    def test_a_run_that_goes_through(self, interpreter: Interpreter):
        """They stay."""
        stream = io.StringIO()
        with installed_for(interpreter, Report(stream=stream)) as added:
            assert added == {"flask-migrate": "4.0", "python-dotenv": "1.0"}

        assert stream.getvalue().startswith("  install ")
        assert stream.getvalue().endswith("Flask-Migrate 4.0, python-dotenv 1.0\n")
        assert self.now(interpreter) == {**interpreter.installed, **added}
        uninstall(interpreter, list(added))

    @pytest.mark.parametrize("ended", [Declined(), KeyboardInterrupt(), RuntimeError()], ids=["refused", "Ctrl-C", "a mistake"])
    def test_a_run_that_ends_early(self, interpreter: Interpreter, ended: BaseException):
        """They go."""
        with pytest.raises(type(ended)), installed_for(interpreter, Report(quiet=True)):
            raise ended

        assert self.now(interpreter) == interpreter.installed

    def test_an_end_that_keeps_the_changes(self, interpreter: Interpreter):
        """They stay where the code stays that imports them."""
        with pytest.raises(DatabaseDiffers), installed_for(interpreter, Report(quiet=True)) as added:
            raise DatabaseDiffers([])

        assert self.now(interpreter) == {**interpreter.installed, **added}
        uninstall(interpreter, list(added))

    def now(self, interpreter: Interpreter) -> dict[str, str]:
        """What is installed at this moment."""
        return probe(interpreter.path, os.environ, Path(tempfile.gettempdir())).installed


REAL = {
    "today's": Stack("{}.{}".format(*sys.version_info), ("flask", "flask-sqlalchemy", "pip")),
    "of 2018": Stack("3.7", ("flask==1.0.2", "flask-sqlalchemy==2.3.2", "sqlalchemy==1.2.7", "pip", *OF_THEIR_TIME)),
}


@pytest.mark.parametrize("stack", REAL.values(), ids=REAL.keys())
def test_real_packages(stack: Stack, tmp_path: Path):
    """From the real index: Flask-Migrate comes in a version that works there, and leaves nothing behind when it goes."""
    real = stacks.make_environment(stack, "sqlite", tmp_path / "environment")
    interpreter = find_interpreter(tmp_path, str(real.folder), os.environ)

    added = install(interpreter, wanted(interpreter))

    assert {"flask-migrate", "alembic", "mako", "python-dotenv"} <= added.keys()
    assert not added.keys() & interpreter.installed.keys()
    subprocess.run([interpreter.path, "-c", "import flask_migrate, dotenv; flask_migrate.Migrate()"], cwd=tmp_path, check=True)
    uninstall(interpreter, list(added))
    assert find_interpreter(tmp_path, str(real.folder), os.environ).installed == interpreter.installed


@pytest.mark.parametrize(("flask", "flask_migrate"), [("1.1.2", "4.0.7"), ("2.2.0", "4.1.0"), ("3.1.3", "4.1.0"), ("1.1.2", None)])
def test_pairs_that_work(flask: str, flask_migrate: str | None) -> None:
    """What works together, or is not installed yet, is let through."""
    installed = {"flask": flask, **({"flask-migrate": flask_migrate} if flask_migrate else {})}

    require_working_pair(Interpreter("/p", "test", installed=installed))


def test_installed_flask_migrate_that_is_too_new() -> None:
    """Neither may change its version, so the run ends with what to install."""
    with pytest.raises(FlaskMigrateTooNew) as stop:
        require_working_pair(Interpreter("/p", "test", installed={"flask": "1.1.2", "flask-migrate": "4.1.0"}))

    assert explain(stop.value) == (
        "error: flask-migrate-too-new\n"
        "  Flask-Migrate 4.1.0 is installed in /p, and its commands fail with Flask 1.1.2.\n"
        "  Nothing was changed.\n"
        '  Install one that works there and run again:  pip install "Flask-Migrate<4.1"'
    )


def test_setuptools_without_pkg_resources() -> None:
    """It may not change its version either."""
    installed = {"flask": "2.0.2", "flask-migrate": "3.1.0", "setuptools": "82.0.1"}
    with pytest.raises(FlaskMigrateNotFound) as stop:
        require_working_pair(Interpreter("/p", "test", installed=installed))

    assert explain(stop.value) == (
        "error: flask-migrate-not-found\n"
        "  Flask 2.0.2 finds the commands of Flask-Migrate 3.1.0 by pkg_resources, which setuptools 82.0.1 does not have,"
        " so there is no `flask db` in /p.\n"
        "  Nothing was changed.\n"
        '  Install one that has it and run again:  pip install "setuptools<82"'
    )


@pytest.mark.parametrize(
    ("python", "expected"),
    [("3.8", {"python-dotenv": "<1.1"}), ("3.12", {})],
)
def test_dotenv_for_the_oldest_python(python: str, expected: dict[str, str], tmp_path: Path) -> None:
    """Asked for is one that every Python of the project can have, so that it can be declared with its version."""
    (tmp_path / "pyproject.toml").write_text(f'[project]\nrequires-python = ">={python}"\n')

    assert versions_to_install(tmp_path, Project(str(tmp_path))) == expected


def test_dotenv_as_the_project_declares_it(tmp_path: Path) -> None:
    """What is declared comes first."""
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.8"\n')
    (tmp_path / "requirements.txt").write_text("flask\npython-dotenv==0.20.0\n")
    declaration = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 1, ("flask", "python-dotenv"))

    assert versions_to_install(tmp_path, Project(str(tmp_path), declarations=(declaration,)))["python-dotenv"] == "==0.20.0"
