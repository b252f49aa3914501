"""Flask-Migrate's own tests pass with our files in the place of its templates; and the harness tells where they do not."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.upstream import run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The sources of the Flask-Migrate that is installed; where they cannot be had it skips, or fails under REQUIRE_UPSTREAM=1."""
    wanted = f"Flask-Migrate=={version('flask-migrate')}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        "Flask-Migrate",
        "-d",
        str(tmp_path),
        wanted,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    found = list(tmp_path.glob("*.tar.gz"))
    if found:
        return found[0]
    words = f"{wanted} could not be downloaded: {ended.stderr.strip()[-300:]}"
    if os.environ.get("REQUIRE_UPSTREAM") == "1":
        pytest.fail(words)
    pytest.skip(words)


def test_their_tests_with_our_files(source, capsys):
    """Each test that passes with Flask-Migrate's templates passes with ours."""
    status = run.main([str(source)])

    said = capsys.readouterr().out
    assert status == 0, said
    assert "passed   passed   tests/test_multidb_migrate.py::TestMigrate::test_multidb_migrate_upgrade" in said


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
