"""What a run puts into its temporary folder is gone after it, and after the next run where it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hooks.worktree.run_folder import LOCK, PREFIX, run_folder

REPOSITORY = Path(__file__).resolve().parents[2]
CHILD = "import tempfile; print(tempfile.mkdtemp())"
KILLED = """
import os, signal, subprocess, sys
from hooks.worktree.run_folder import run_folder
with run_folder() as folder:
    subprocess.run([sys.executable, "-c", {child!r}], check=True)
    print(folder, flush=True)
    os.kill(os.getpid(), {signal})
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that only this test uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_everything_temporary_is_in_it(place: Path) -> None:
    """This process and its children have it as their place for temporary files, and afterwards the old one again."""
    with run_folder() as folder:
        ours = Path(tempfile.mkdtemp())
        theirs = Path(subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True).stdout.strip())
        (theirs / "closed").mkdir(mode=0)
        assert (ours.parent, theirs.parent, folder.parent) == (folder, folder, place)

    assert list(place.iterdir()) == []
    assert (tempfile.gettempdir(), os.environ["TMPDIR"]) == (str(place), str(place))


def test_next_run_removes_what_a_killed_one_left(place: Path) -> None:
    """Whose process is gone, that folder goes; the one of a run that is at work stays, and so does what is somebody else's."""
    script = KILLED.format(child=CHILD, signal=int(signal.SIGKILL))
    killed = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    left = Path(killed.stdout.splitlines()[-1])
    assert killed.returncode == -signal.SIGKILL
    assert len(list(left.iterdir())) == 2
    (place / "other").mkdir()
    (place / f"{PREFIX}link").symlink_to(place / "other")
    (place / f"{PREFIX}young").mkdir()
    with run_folder() as at_work:
        with run_folder():
            pass
        kept = {path.name for path in place.iterdir()}

    assert kept == {"other", f"{PREFIX}link", f"{PREFIX}young", at_work.name}
    assert not (place / f"{PREFIX}young" / LOCK).exists()
