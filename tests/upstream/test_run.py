"""Flask-Migrate's own tests pass with our files in the place of its templates; and the harness tells where they do not."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from hooks.worktree.by_hand import is_flask_migrates
from hooks.worktree.stock import own_lines, own_settings, own_statements
from tests.end_to_end.stacks import STACKS, make_environment
from tests.thorough import usual_or_all
from tests.upstream import run

# Each version in an environment of its time.
VERSIONS = {"2.7.0": "flask-1.1", "3.1.0": "flask-2.0", "4.0.7": "flask-2.3", "4.1.0": "newest"}
THEIRS = ("pytest", "setuptools<80", "Flask-Script")  # what the tests of one or the other version import


@cache
def source(version: str) -> Path:
    """The source distribution of a version; where it cannot be had the test skips, or fails under REQUIRE_UPSTREAM=1."""
    wanted, folder = f"Flask-Migrate=={version}", Path(tempfile.mkdtemp(prefix="upstream-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    options = ("-q", "--no-deps", "--no-binary", "Flask-Migrate", "-d", str(folder))
    command = [sys.executable, "-m", "pip", "download", *options, wanted]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    found = list(folder.glob("*.tar.gz"))
    if found:
        return found[0]
    words = f"{wanted} could not be downloaded: {ended.stderr.strip()[-300:]}"
    if os.environ.get("REQUIRE_UPSTREAM") == "1":
        pytest.fail(words)
    pytest.skip(words)


@pytest.mark.parametrize("version", usual_or_all(["2.7.0", "4.1.0"], list(VERSIONS)))
def test_their_tests_with_our_files(version, tmp_path, capsys):
    """Each test passes with our files in the place of Flask-Migrate's templates, or it is said why not."""
    archive, stack = source(version), STACKS[VERSIONS[version]]
    stack = replace(stack, requirements=(*stack.requirements, f"Flask-Migrate=={version}", *THEIRS))
    environment = make_environment(stack, "sqlite", tmp_path / "environment")

    status = run.main([str(archive), "--python", str(environment.python)])

    said = capsys.readouterr().out
    assert status == 0, said
    assert "  -        passed   tests/test_multidb_migrate.py::TestMigrate::test_multidb_migrate_upgrade" in said


@pytest.mark.parametrize("version", ["2.0.0", *VERSIONS])
def test_their_templates_are_known(version, tmp_path):
    """No line of what `flask db init` has generated is taken for a team's, when a directory is taken over."""
    templates = run.package(run.unpacked(source(version), tmp_path)) / "flask_migrate" / "templates"
    folders = [templates / name for name in ("flask", "flask-multidb") if (templates / name).is_dir()] or list(templates.iterdir())

    assert len(folders) == 2
    for folder in folders:
        env = (folder / "env.py").read_bytes()
        assert is_flask_migrates(env)
        assert own_statements("env.py", env.decode()) == []
        assert own_lines("script.py.mako", (folder / "script.py.mako").read_text()) == []
        assert own_settings((folder / "alembic.ini.mako").read_text()) == {}


def test_a_test_that_our_files_fail(tmp_path, capsys):
    """It is shown, and the exit status is 1."""
    templates = tmp_path / "theirs" / "flask_migrate" / "templates" / "flask"
    templates.mkdir(parents=True)
    (templates / "env.py").write_text("theirs\n")
    tests = tmp_path / "theirs" / "tests"
    tests.mkdir()
    path = "flask_migrate/templates/flask/env.py"
    (tests / "test_it.py").write_text(f"def test_env():\n    assert open({path!r}).read() == 'theirs\\n'\n")

    assert run.main([str(tmp_path / "theirs")]) == 1
    assert "  passed   failed   tests/test_it.py::test_env\n" in capsys.readouterr().out
    assert (templates / "env.py").read_text() == "theirs\n"


def test_a_test_whose_failure_is_explained(tmp_path, capsys, monkeypatch):
    """The reason is in its row, and the exit status says that all is well as long as something passes."""
    templates = tmp_path / "theirs" / "flask_migrate" / "templates" / "flask"
    templates.mkdir(parents=True)
    (templates / "env.py").write_text("theirs\n")
    tests = tmp_path / "theirs" / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text("def test_one():\n    pass\ndef test_two():\n    assert False\n")
    monkeypatch.setitem(run.EXPLAINED, ("theirs", "tests/test_it.py::test_two"), "it never passes")

    assert run.main([str(tmp_path / "theirs")]) == 0
    assert "  failed   failed   tests/test_it.py::test_two: it never passes\n" in capsys.readouterr().out
