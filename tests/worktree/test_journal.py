"""The working tree is as it was after a roll-back, also after a kill at any write."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hooks.base.git import find_repository
from hooks.base.worktree_errors import LeadsElsewhere, OtherJournal
from hooks.worktree.journal import RECORD, Journal, journal_folder
from tests.killing import killed_at_each_change


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below `root` with its bytes and permissions, git's own folder left out."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def place(root: Path) -> Path:
    """Where the journal of a project is."""
    return journal_folder(root, find_repository(root))


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
    journal = Journal.begin(project, place(project), "abc", [])
    journal.write({"run.sh": b"first\n", "new.py": b"first\n"})
    journal.write({"shop/__init__.py": b"db = 3\n", "run.sh": b"second\n", "new.py": b"second\n"})

    journal.roll_back()

    assert tree(project) == before


def test_roll_back_restores_bytes_modes_and_folders(project: Path) -> None:
    """Edited files, new files and new folders are all as before, and the journal is gone."""
    before = tree(project)
    (project / "migrations").mkdir()
    (project / "migrations" / "env.py").write_text("rendered\n")
    folder = place(project)
    journal = Journal.begin(project, folder, "abc", ["migrations/env.py"])
    journal.write(CHANGES)

    journal.roll_back()

    assert tree(project) == before
    assert not (project / "migrations").exists()
    assert not folder.exists()


def test_write_keeps_permissions(project: Path) -> None:
    """An edited script stays executable."""
    Journal.begin(project, place(project), "abc", []).write(CHANGES)

    assert stat.S_IMODE((project / "run.sh").stat().st_mode) == 0o755


def test_folder_with_other_files_stays(project: Path) -> None:
    """A `migrations/` that holds the user's own SQL is not removed."""
    (project / "migrations").mkdir()
    (project / "migrations" / "001.sql").write_text("select 1;\n")
    before = tree(project)
    journal = Journal.begin(project, place(project), "abc", [])
    journal.write(CHANGES)

    journal.roll_back()

    assert tree(project) == before


def test_projects_of_one_repository_have_journals_of_their_own(project: Path) -> None:
    """Also where a path and a name are the same but for a slash; what was killed in one is nothing for the other."""
    nested, flat = project / "apps" / "shop", project / "apps-shop"
    for root in (nested, flat):
        root.mkdir(parents=True)
        (root / "app.py").write_text(f"# {root}\n")
    Journal.begin(nested, place(nested), "abc", []).write({"app.py": b"edited\n"})

    assert Journal.left_behind(flat, place(flat)) is None
    left = Journal.left_behind(nested, place(nested))
    assert left is not None
    left.roll_back()
    assert [(root / "app.py").read_text() for root in (nested, flat)] == [f"# {nested}\n", f"# {flat}\n"]
    assert not list((project / ".git").glob("copier*"))


def test_work_trees_submodules_and_projects_without_git(project: Path, tmp_path: Path) -> None:
    """Each has its journal where git keeps what belongs to that tree; without git, in the project."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"]
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one"], cwd=project, check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(tmp_path / "beside")], cwd=project, check=True)
    subprocess.run([*git, "submodule", "--quiet", "add", str(project), "sub"], cwd=project, check=True)
    (tmp_path / "plain").mkdir()

    assert place(tmp_path / "beside").parent == project / ".git" / "worktrees" / "beside" / "copier-flask-migrate"
    assert place(project / "sub").parent == project / ".git" / "modules" / "sub" / "copier-flask-migrate"
    assert place(tmp_path / "plain").parent == tmp_path / "plain" / ".copier-flask-migrate"


def copied(project: Path) -> Path:
    shutil.copytree(project, project.parent / "copy", symlinks=True)
    return project.parent / "copy"


def moved(project: Path) -> Path:
    return project.rename(project.parent / "moved")


@pytest.mark.parametrize("in_git", [True, False])
def test_copied_checkout_is_not_played_back(project: Path, in_git: bool) -> None:
    """Its files may be others by now: the record names where it is from, and what it had begun to write."""
    if not in_git:
        shutil.rmtree(project / ".git")
    Journal.begin(project, place(project), "abc", ["shop/__init__.py"]).write({"run.sh": b"edited\n"})
    root = copied(project)
    before = tree(root)

    with pytest.raises(OtherJournal) as refused:
        Journal.left_behind(root, place(root))

    assert (refused.value.root, refused.value.paths) == (str(project), ("run.sh", "shop/__init__.py"))
    assert tree(root) == before


def test_moved_checkout_is_played_back(project: Path) -> None:
    """The folder is the same one, under another name."""
    before = tree(project)
    Journal.begin(project, place(project), "abc", []).write(CHANGES)
    root = moved(project)

    left = Journal.left_behind(root, place(root))

    assert left is not None
    assert left.revision == "abc"
    left.roll_back()
    assert tree(root) == before
    assert not list((root / ".git").glob("copier*"))


@pytest.mark.parametrize("record", ["", "{}", "[1]", '{"revision": "abc", "created": [], "saved": {}}'])
def test_record_of_another_version_or_a_broken_one_is_refused(project: Path, record: str) -> None:
    """Nothing is guessed; also where an older version had put it."""
    for folder in (place(project), place(project).parent):
        folder.mkdir(parents=True)
        (folder / RECORD).write_text(record)

        with pytest.raises(OtherJournal) as refused:
            Journal.left_behind(project, place(project))

        assert refused.value.folder == folder
        shutil.rmtree(place(project).parent)


def test_what_somebody_has_changed_since_is_not_overwritten(project: Path) -> None:
    """A written file that holds neither the bytes before nor those after is named, and stays, whatever else is put back."""
    Journal.begin(project, place(project), "abc", []).write(CHANGES)
    (project / "run.sh").write_bytes(b"by hand\n")
    (project / ".flaskenv").write_bytes(b"by hand\n")
    left = Journal.left_behind(project, place(project))
    assert left is not None

    assert left.changed_since() == ["run.sh", ".flaskenv"]
    left.roll_back()
    assert [(project / name).read_bytes() for name in ("run.sh", ".flaskenv")] == [b"by hand\n"] * 2
    assert (project / "shop" / "__init__.py").read_bytes() == b"db = 1\r\n"


def linked_file(project: Path, outside: Path) -> str:
    (project / "Makefile").symlink_to(outside / "Makefile")
    return "Makefile"


def linked_folder(project: Path, outside: Path) -> str:
    (project / ".github").symlink_to(outside)
    return ".github/workflows/check.yml"


def link_to_a_link(project: Path, outside: Path) -> str:
    (project / "inner").symlink_to(outside / "Makefile")
    (project / "Makefile").symlink_to("inner")
    return "Makefile"


def dangling_link(project: Path, outside: Path) -> str:
    (project / ".flaskenv").symlink_to(outside / "nothing")
    return ".flaskenv"


def link_inside(project: Path, outside: Path) -> str:
    (project / "link.py").symlink_to("shop/__init__.py")
    return "link.py"


def above_the_repository(project: Path, outside: Path) -> str:
    return "../outside/Makefile"


LINKS = [linked_file, linked_folder, link_to_a_link, dangling_link, link_inside, above_the_repository]


@pytest.mark.parametrize("link", LINKS)
def test_nothing_is_written_through_a_link(project: Path, link: Callable[[Path, Path], str]) -> None:
    """Not one of the files is written, and the link is named."""
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "Makefile").write_bytes(b"all:\n")
    path = link(project, outside)
    before = tree(project), tree(outside)
    journal = Journal.begin(project, place(project), "abc", [])

    with pytest.raises(LeadsElsewhere) as refused:
        journal.write({"run.sh": b"edited\n", path: b"edited\n"})

    assert refused.value.path == path
    journal.roll_back()
    assert (tree(project), tree(outside)) == before


def test_folder_that_has_become_a_link_is_not_followed_back(project: Path) -> None:
    """Between the kill and the next run somebody has moved a folder away and linked it: nothing there is put back."""
    Journal.begin(project, place(project), "abc", []).write(CHANGES)
    outside = (project / "shop").rename(project.parent / "elsewhere")
    (project / "shop").symlink_to(outside)
    left = Journal.left_behind(project, place(project))
    assert left is not None

    assert left.changed_since() == ["shop/__init__.py"]
    left.roll_back()
    assert (outside / "__init__.py").read_bytes() == CHANGES["shop/__init__.py"]


@pytest.fixture
def foreign(project: Path) -> Iterator[Path]:
    """The project of another user; the test is root."""
    if os.geteuid() != 0:
        pytest.skip("only root can make files of others")
    for path in (project, *project.rglob("*")):
        os.chown(path, 1234, 4321)
    return project


def owners(root: Path) -> set[tuple[int, int]]:
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in (root, *root.rglob("*"))}


def test_root_changes_no_owner(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edited files keep theirs; new files and folders, the journal's too, have the owner of the folder that they are in."""
    for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", str(foreign))):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    folder = place(foreign)
    journal = Journal.begin(foreign, folder, "abc", [])
    journal.write(CHANGES)
    assert owners(foreign) == {(1234, 4321)}

    journal.roll_back()

    assert owners(foreign) == {(1234, 4321)}


def test_attributes_and_hard_links(project: Path) -> None:
    """An edited file keeps its extended attributes; another name of it elsewhere keeps the old bytes."""
    elsewhere = project.parent / "run.sh"
    os.link(project / "run.sh", elsewhere)
    try:
        os.setxattr(project / "run.sh", "user.note", b"kept")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes here")

    Journal.begin(project, place(project), "abc", []).write(CHANGES)

    assert os.getxattr(project / "run.sh", "user.note") == b"kept"
    assert elsewhere.read_bytes() == b"#!/bin/sh\n"


def test_file_of_another_user_is_written_in_place(foreign: Path) -> None:
    """Who may write a file, but not give one away, leaves it to its owner; and gets it back as it was."""
    (foreign / "run.sh").chmod(0o666)
    foreign.chmod(0o777)
    before = tree(foreign)
    folder = foreign.parent / "journal"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)

    def work() -> None:
        os.setgid(65534)
        os.setuid(65534)
        journal = Journal.begin(foreign, folder / "one", "abc", [])
        journal.write({"run.sh": b"edited\n"})
        assert (foreign / "run.sh").read_bytes() == b"edited\n"
        journal.roll_back()

    for above in (foreign, *foreign.parents):
        if above != Path("/") and not above.stat().st_mode & stat.S_IXOTH:
            above.chmod(above.stat().st_mode | stat.S_IXOTH)
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert tree(foreign) == before
    assert (foreign / "run.sh").stat().st_uid == 1234


ODD = ["with space", "-rf", "new\nline", "quote's\"", os.fsdecode(b"latin-\xe9"), ":(glob)*", "*"]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("in_git", [True, False])
def test_odd_paths(tmp_path: Path, name: str, in_git: bool) -> None:
    """Of the project and of its files: they are written, and put back after a kill."""
    root = tmp_path / name / name
    root.mkdir(parents=True)
    if in_git:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path / name, check=True)
    (root / name).write_bytes(b"before\n")
    before = tree(root)
    Journal.begin(root, place(root), "abc", []).write({name: b"after\n", f"new/{name}": b"new\n"})

    left = Journal.left_behind(root, place(root))

    assert left is not None
    left.roll_back()
    assert tree(root) == before


def test_killed_at_each_change_of_a_file_the_next_run_restores(project: Path) -> None:
    """Wherever writing is killed, the journal knows what was there before, and the revision id of the killed run."""
    (project / "migrations").mkdir()
    (project / "migrations" / "env.py").write_text("rendered\n")
    before = {path: value for path, value in tree(project).items() if not path.startswith("migrations")}

    def work() -> None:
        journal = Journal.begin(project, place(project), "abc", ["migrations/env.py"])
        journal.write({"run.sh": b"first\n", "migrations/env.py": b"edited\n"})
        journal.write(CHANGES)

    def check() -> None:
        left = Journal.left_behind(project, place(project))
        if left is not None:
            assert (left.revision, left.changed_since()) == ("abc", [])
            left.roll_back()
        assert {path: value for path, value in tree(project).items() if path != "migrations/env.py"} == before
        assert not list((project / ".git").glob("copier*/*"))
        (project / "migrations").mkdir(exist_ok=True)
        (project / "migrations" / "env.py").write_text("rendered\n")

    assert killed_at_each_change(work, check) > 30


@pytest.mark.parametrize("end", ["roll_back", "close"])
def test_killed_at_each_change_while_it_ends(project: Path, end: str) -> None:
    """A roll-back that is killed is done to its end by the next run; a run that was over is over."""
    before = {path: raw for path, (raw, _) in tree(project).items()}

    def work() -> None:
        journal = Journal.begin(project, place(project), "abc", [])
        journal.write(CHANGES)
        killed_at_each_change.begin()
        getattr(journal, end)()

    def check() -> None:
        left = Journal.left_behind(project, place(project))
        if left is not None:
            assert left.changed_since() == []
            left.roll_back()
        now = {path: raw for path, (raw, _) in tree(project).items()}
        assert now == (before if left is not None or end == "roll_back" else {**before, **CHANGES})
        assert not list((project / ".git").glob("copier*/*"))
        for path, raw in before.items():
            (project / path).write_bytes(raw)
        for path in {*now} - {*before}:
            (project / path).unlink()

    assert killed_at_each_change(work, check, waits=True) >= 5
