"""There is no repository, or git reads it, or the run is refused with git's own words; nothing in between."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hooks.base.git import NOT_FOUND, Repository, changed_files, find_repository, only_this_repository, tracked_files
from hooks.base.worktree_errors import GitRefuses


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text("app = 1\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def test_no_repository(tmp_path: Path) -> None:
    """Without a `.git` anywhere above there is none, with or without git."""
    assert find_repository(tmp_path) is None


def test_repository_of_a_subfolder(root: Path) -> None:
    """It is that of the folder above."""
    (root / "apps").mkdir()

    assert find_repository(root / "apps") == Repository(root, root / ".git")


def dubious(root: Path, environ: pytest.MonkeyPatch) -> str:
    if os.geteuid() != 0:
        pytest.skip("only root can make files of others")
    for path in (root, root / ".git"):
        os.chown(path, 1234, 1234)
    return "dubious ownership"


def no_head(root: Path, environ: pytest.MonkeyPatch) -> str:
    (root / ".git" / "HEAD").unlink()
    return "not a git repository"


def empty_folder(root: Path, environ: pytest.MonkeyPatch) -> str:
    shutil.rmtree(root / ".git")
    (root / ".git").mkdir()
    return "not a git repository"


def broken_below_another_one(root: Path, environ: pytest.MonkeyPatch) -> str:
    git(root.parent, "init", "-q")
    (root / ".git" / "HEAD").unlink()
    return "is no repository that git can read"


def file_to_nowhere(root: Path, environ: pytest.MonkeyPatch) -> str:
    shutil.rmtree(root / ".git")
    (root / ".git").write_text("gitdir: ../nowhere/.git/modules/shop\n")
    return "not a git repository"


def dangling_link(root: Path, environ: pytest.MonkeyPatch) -> str:
    shutil.rmtree(root / ".git")
    (root / ".git").symlink_to("nowhere")
    return "not a git repository"


def broken_configuration(root: Path, environ: pytest.MonkeyPatch) -> str:
    (root / ".git" / "config").write_text("[core\n")
    return "bad config line 1"


def no_git(root: Path, environ: pytest.MonkeyPatch) -> str:
    environ.setenv("PATH", str(root))
    return NOT_FOUND


def another_repository(root: Path, environ: pytest.MonkeyPatch) -> str:
    other = root.parent / "other"
    other.mkdir()
    git(other, "init", "-q")
    environ.setenv("GIT_DIR", str(other / ".git"))
    return f"GIT_DIR={other}/.git"


def nothing_there(root: Path, environ: pytest.MonkeyPatch) -> str:
    environ.setenv("GIT_DIR", str(root / "nothing"))
    return "not a git repository"


def work_tree_elsewhere(root: Path, environ: pytest.MonkeyPatch) -> str:
    environ.setenv("GIT_WORK_TREE", str(root.parent))
    environ.setenv("GIT_DIR", str(root / ".git"))
    return f"GIT_WORK_TREE={root.parent}"


REFUSED = [
    dubious,
    no_head,
    empty_folder,
    broken_below_another_one,
    file_to_nowhere,
    dangling_link,
    broken_configuration,
    no_git,
    another_repository,
    nothing_there,
    work_tree_elsewhere,
]


@pytest.mark.parametrize("spoil", REFUSED)
def test_git_that_refuses(root: Path, spoil: Callable[[Path, pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Never taken for no repository."""
    words = spoil(root, monkeypatch)

    with pytest.raises(GitRefuses) as refused:
        find_repository(root)

    assert words in str(refused.value)


def test_repository_of_elsewhere_for_a_project_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who keeps dotfiles with GIT_DIR and GIT_WORK_TREE has their home folder watched by a repository that cannot be seen here."""
    git(tmp_path, "init", "-q", "--bare", "dotfiles")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "dotfiles"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "home"))

    with pytest.raises(GitRefuses):
        find_repository(tmp_path / "home")


def test_variables_that_name_the_same_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook of git's runs with GIT_DIR, which changes nothing."""
    monkeypatch.setenv("GIT_DIR", str(root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(root))

    assert find_repository(root) == Repository(root, root / ".git")


def test_index_that_cannot_be_read(root: Path) -> None:
    """It is not taken for a clean tree."""
    (root / ".git" / "index").write_bytes(b"no index")

    with pytest.raises(GitRefuses) as refused:
        changed_files(root)

    assert "index file" in str(refused.value) or "bad signature" in str(refused.value)


ODD = ["with space.py", "-rf.py", "new\nline.py", "quote's\".py", os.fsdecode(b"latin-\xe9.py"), "*", ":(top)x"]


@pytest.mark.parametrize("name", ODD)
def test_odd_names(root: Path, name: str) -> None:
    """They are told as they are, seen from a subfolder too, and no wildcard."""
    folder = root / "apps" / name
    folder.mkdir(parents=True)
    (folder / name).write_text("x = 1\n")
    (folder / "other.py").write_text("x = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "two")
    assert changed_files(folder) == []
    (folder / name).write_text("x = 2\n")
    (root / "app.py").write_text("app = 2\n")

    assert changed_files(folder) == [name]
    assert changed_files(folder, ["../../app.py"]) == ["../../app.py"]
    assert tracked_files(folder, [name, "missing"]) == {name}


def test_looking_writes_nothing(root: Path) -> None:
    """Not even the index, which `git status` refreshes."""
    os.utime(root / "app.py", (1, 1))
    before = (root / ".git" / "index").stat().st_mtime_ns

    changed_files(root)

    assert (root / ".git" / "index").stat().st_mtime_ns == before


@pytest.mark.parametrize("given", [{}, {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "status.short", "GIT_CONFIG_VALUE_0": "true"}])
def test_looking_starts_no_program_of_the_repository(root: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    """Neither one that watches the files for git, nor a hook; what the environment configures besides stays."""
    program = root.parent / "program"
    program.write_text(f"#!/bin/sh\necho $0 >> {root.parent}/started\n")
    program.chmod(0o755)
    (root.parent / "hooks").mkdir()
    for name in ("post-index-change", "reference-transaction"):
        (root.parent / "hooks" / name).symlink_to(program)
    git(root, "config", "core.hooksPath", str(root.parent / "hooks"))
    git(root, "config", "core.fsmonitor", str(program))
    for name in (
        "GIT_OPTIONAL_LOCKS",
        "GIT_CONFIG_COUNT",
        *(f"GIT_CONFIG_{kind}_{n}" for kind in ("KEY", "VALUE") for n in range(3)),
    ):
        monkeypatch.setenv(name, "")  # to be as it was afterwards
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    only_this_repository()
    (root / "app.py").write_text("app = 2\n")
    assert changed_files(root) == ["app.py"]
    assert tracked_files(root, ["app.py"]) == {"app.py"}

    assert not (root.parent / "started").exists()
    asked = subprocess.run(["git", "config", "status.short"], cwd=root, capture_output=True, text=True, check=False)
    assert asked.stdout.strip() == given.get("GIT_CONFIG_VALUE_0", "")
