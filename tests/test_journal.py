"""The working tree is as it was after a roll-back, also after a kill at any write."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hooks.journal import Journal, journal_folder

REPOSITORY = Path(__file__).resolve().parents[1]


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below `root` with its bytes and permissions, git's own folder left out."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "__init__.py").write_bytes(b"db = 1\r\n")
    (root / "run.sh").write_bytes(b"#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


CHANGES = {
    "shop/__init__.py": b"db = 2\r\n",
    "run.sh": b"#!/bin/sh\necho\n",
    "migrations/versions/one.py": b"x = 1\n",
    ".flaskenv": b"A=1\n",
}


def test_file_that_is_written_twice(project: Path) -> None:
    """It goes back to what it was before the first time, and so does a file that was new then."""
    before = tree(project)
    journal = Journal.begin(project, journal_folder(project), "abc", [])
    journal.write({"run.sh": b"first\n", "new.py": b"first\n"})
    journal.write({"shop/__init__.py": b"db = 3\n", "run.sh": b"second\n", "new.py": b"second\n"})

    journal.roll_back()

    assert tree(project) == before


def test_roll_back_restores_bytes_modes_and_folders(project: Path) -> None:
    """Edited files, new files and new folders are all as before, and the journal is gone."""
    before = tree(project)
    (project / "migrations").mkdir()
    (project / "migrations" / "env.py").write_text("rendered\n")
    folder = journal_folder(project)
    journal = Journal.begin(project, folder, "abc", ["migrations/env.py"])
    journal.write(CHANGES)

    journal.roll_back()

    assert tree(project) == before
    assert not (project / "migrations").exists()
    assert not folder.exists()


def test_write_keeps_permissions(project: Path) -> None:
    """An edited script stays executable."""
    Journal.begin(project, journal_folder(project), "abc", []).write(CHANGES)

    assert stat.S_IMODE((project / "run.sh").stat().st_mode) == 0o755


def test_edited_symbolic_link_stays_a_link(project: Path) -> None:
    """A link is followed: its target is edited, and restored."""
    (project / "link.py").symlink_to("shop/__init__.py")
    journal = Journal.begin(project, journal_folder(project), "abc", [])
    journal.write({"link.py": b"db = 3\n"})
    assert (project / "link.py").is_symlink()
    assert (project / "shop" / "__init__.py").read_bytes() == b"db = 3\n"

    journal.roll_back()

    assert (project / "link.py").is_symlink()
    assert (project / "shop" / "__init__.py").read_bytes() == b"db = 1\r\n"


def test_folder_with_other_files_stays(project: Path) -> None:
    """A `migrations/` that holds the user's own SQL is not removed."""
    (project / "migrations").mkdir()
    (project / "migrations" / "001.sql").write_text("select 1;\n")
    before = tree(project)
    journal = Journal.begin(project, journal_folder(project), "abc", [])
    journal.write(CHANGES)

    journal.roll_back()

    assert tree(project) == before


def test_journal_of_a_subfolder_is_its_own(project: Path) -> None:
    """Two projects in one repository do not share a journal."""
    assert journal_folder(project) != journal_folder(project / "shop")
    assert journal_folder(project / "shop").parent == project / ".git"


def test_no_journal_is_left_behind_after_close(project: Path) -> None:
    """A run that ended well leaves nothing to recover."""
    folder = journal_folder(project)
    Journal.begin(project, folder, "abc", []).close()

    assert Journal.left_behind(project, folder) is None


# Path.replace is what puts each file in its place: the process kills itself before the nth one.
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {repository!r})
from hooks.journal import Journal, journal_folder
root, count = Path({root!r}), {kill_at}
replace = Path.replace
def counted(self, target):
    global count
    count -= 1
    if count < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = counted
Journal.begin(root, journal_folder(root), "abc123", []).write({changes!r})
"""


@pytest.mark.parametrize("kill_at", range(8))
def test_killed_at_any_write_the_next_run_restores(project: Path, kill_at: int) -> None:
    """Whatever file was being written, the journal knows what was there before, and the revision id of the killed run."""
    before = tree(project)
    script = textwrap.dedent(KILLED).format(repository=str(REPOSITORY), root=str(project), kill_at=kill_at, changes=CHANGES)
    killed = subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False)
    assert killed.returncode == (-signal.SIGKILL if kill_at < 8 else 0)

    journal = Journal.left_behind(project, journal_folder(project))

    if journal is None:  # killed before the first record: then nothing had been written either
        assert kill_at == 0
    else:
        assert journal.revision == "abc123"
        journal.roll_back()
    assert tree(project) == before
