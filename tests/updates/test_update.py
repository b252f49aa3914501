"""What happens after `copier update` has merged the files: the steps that apply, all or none, and the conflicts that are left."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from hooks.base.errors import CannotEdit
from hooks.base.location import Location
from hooks.base.report import Report
from hooks.base.source import NotUtf8
from hooks.update import Versions, find_conflicts, passed, update
from hooks.updates.step import Step
from hooks.updates.steps import STEPS

VERSIONS = Versions.parse("0.1.0", "0.3.0")


def adds(path: str, line: bytes, version: str = "0.2.0") -> Step:
    """A step that puts a line at the end of a file, once."""

    def edits(root: Path) -> Mapping[str, bytes]:
        raw = (root / path).read_bytes() if (root / path).exists() else b""
        return {} if raw.endswith(line) else {path: raw + line}

    return Step(version, f"ends with {line.decode().strip()}", edits)


def fails(error: Exception, version: str = "0.3.0") -> Step:
    """A step that cannot be done."""

    def edits(root: Path) -> Mapping[str, bytes]:
        raise error

    return Step(version, "does what cannot be done", edits)


def said(root: Path, *steps: Step, versions: Versions = VERSIONS) -> tuple[int, str]:
    """The exit status of an update with these steps, and all that it said."""
    stream = io.StringIO()
    status = update(root, versions, Report(stream=stream), steps)
    return status, stream.getvalue()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "migrations").mkdir(parents=True)
    (root / "Makefile").write_bytes(b"include migrations/db.mk\r\n")
    return root


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param("0.1.0", "0.2.0", ["0.2.0"], id="the next"),
        pytest.param("0.1.0", "0.4.0", ["0.2.0", "0.3.0", "0.4.0"], id="all that were passed, in order"),
        pytest.param("0.2.0", "0.2.0", [], id="the same again"),
        pytest.param("0.2.0", "0.3.0.post3.dev0+0a1b2c3", ["0.3.0"], id="a commit after a release"),
        pytest.param("0.2.1.post1.dev0+0a1b2c3", "0.3.0", ["0.3.0"], id="from a commit after a release"),
        pytest.param("0.0.0.post1.dev0+9ce0143", "0.2.0", ["0.2.0"], id="from before the first release"),
    ],
)
def test_steps_of_the_versions_in_between(before: str, now: str, expected: list[str]) -> None:
    """Those after the version that the project had, up to the one it has now; the oldest first."""
    steps = [adds("Makefile", b"x\n", version) for version in ("0.4.0", "0.2.0", "0.3.0")]

    assert [step.version for step in passed(Versions.parse(before, now), steps)] == expected


def test_steps_are_done_and_told(project: Path) -> None:
    """Each step sees what the one before has done, and each file is named with what was done there."""
    status, words = said(project, adds("Makefile", b"one\n"), adds("Makefile", b"two\n", "0.3.0"), adds("new/file", b"three\n"))

    assert status == 0
    assert (project / "Makefile").read_bytes() == b"include migrations/db.mk\r\none\ntwo\n"
    assert (project / "new" / "file").read_bytes() == b"three\n"
    assert words == (
        "edited     Makefile: ends with one\nedited     new/file: ends with three\nedited     Makefile: ends with two\n"
    )


def test_done_again_nothing_changes(project: Path) -> None:
    """A step that finds its work done leaves the file alone, and nothing is said."""
    step = adds("Makefile", b"one\n")
    said(project, step)
    time = (project / "Makefile").stat().st_mtime_ns

    assert said(project, step) == (0, "")
    assert (project / "Makefile").stat().st_mtime_ns == time


def test_one_that_cannot_be_done_undoes_the_others(project: Path) -> None:
    """All or nothing: files are byte for byte as before, new ones are gone, and the lines to add by hand are shown."""
    before = (project / "Makefile").read_bytes()
    why = CannotEdit(Location("app.py", 7, "x = 1"), "it is not a statement of its own", "+y = 2")

    status, words = said(project, adds("Makefile", b"one\n"), adds("new/file", b"three\n"), fails(why))

    assert status == 1
    assert (project / "Makefile").read_bytes() == before
    assert not (project / "new").exists()
    assert words == dedent("""
        error: update-step-failed
          Version 0.3.0 changes something in your own files (does what cannot be done), and that could not be done:
            app.py:7   x = 1
            it is not a statement of its own
          Your own files are as they were; those of the template are merged. No database was touched.
          Add these lines by hand, and commit:
            +y = 2
          To take the whole update back:  git reset -q --hard && git clean -fdq migrations
    """)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotUtf8(Location("app.py", 1), "it is Latin-1"), "NotUtf8: app.py:1: it is Latin-1"),
        (PermissionError(13, "Permission denied"), "PermissionError: [Errno 13] Permission denied"),
        (AssertionError(), "AssertionError"),
    ],
    ids=["unparsable", "not permitted", "a mistake of ours"],
)
def test_whatever_a_step_raises(project: Path, error: Exception, line: str) -> None:
    """It never ends in a traceback."""
    status, words = said(project, fails(error))

    assert status == 1
    assert words == dedent(f"""
        error: update-step-failed
          Version 0.3.0 changes something in your own files (does what cannot be done), and that could not be done:
            {line}
          Your own files are as they were; those of the template are merged. No database was touched.
          Do it by hand, and commit.
          To take the whole update back:  git reset -q --hard && git clean -fdq migrations
    """)


def test_conflicts_are_told(project: Path) -> None:
    """Markers in the template's files and rejected hunks beside them are named with their lines; revisions are none of them."""
    marked = b"one\n<<<<<<< before updating\nmine\n=======\ntheirs\n>>>>>>> after updating\n"
    (project / "migrations" / "env.py").write_bytes(marked.replace(b"\n", b"\r\n"))
    (project / "migrations" / "db.mk.rej").write_bytes(b"--- a\n+++ b\n")
    (project / "migrations" / "versions").mkdir()
    (project / "migrations" / "versions" / "one.py").write_bytes(b"'''\n<<<<<<< before updating\n'''\n")
    (project / "notes.txt").write_bytes(marked)

    assert said(project) == (
        1,
        dedent("""
        error: update-conflicts
          Your team and the new version have changed the same lines:
            migrations/db.mk.rej:1   what could not be merged into migrations/db.mk
            migrations/env.py:2      <<<<<<< before updating
          All else is merged. Your revisions and your databases were not touched.
          Keep what is right, take the markers out (or delete the .rej files), and commit.
          To take the whole update back:  git reset -q --hard && git clean -fdq migrations
    """),
    )


def test_no_conflict(project: Path) -> None:
    """A row of such characters in somebody's text is no marker, and a project without the folder has none."""
    (project / "migrations" / "README.md").write_text("Title\n=======\n<<<<<<< HEAD\n")

    assert [*find_conflicts(project)] == []
    assert [*find_conflicts(project / "elsewhere")] == []


def test_steps_are_in_order_and_of_this_version_at_most():
    """No step waits for a version that the template is not at."""
    versions = [step.version for step in STEPS]

    assert versions == sorted(versions)
