"""Where a revision is that a database is stamped with and no file has: what git says, and what to do then."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from adopt.history import git_history
from tests.template.states import PHONE, USERS, History

GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    command = [*GIT, *arguments]
    environment = {"GIT_AUTHOR_DATE": "2026-03-04T12:00:00+0000", "GIT_COMMITTER_DATE": "2026-03-05T12:00:00+0000"}
    found = shutil.which("git")
    assert found
    command[0] = found
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def shop(tmp_path: Path) -> History:
    """A clone with one committed revision, `first`, and a database that is at it and stamped with `phone`."""
    shop = History(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.db", {"first": USERS})
    git(shop.folder, "init", "-q")
    commit(shop, "first revision")
    shop.build("first", stamp="phone")
    return shop


def commit(shop: History, message: str) -> str:
    git(shop.folder, "add", "-A")
    git(shop.folder, "commit", "-q", "-m", message)
    return git(shop.folder, "rev-parse", "--short", "HEAD")


def said(shop: History) -> list[str]:
    """The lines that `status` has between what and what was not done, and its advice."""
    lines = shop.adopt("status", expect=1).splitlines()
    assert lines[:2] == [
        "error: unknown-revision",
        f"  {shop.shown} is stamped with phone, which is in no file of migrations/versions/.",
    ]
    assert lines[3:5] == ["  Its schema is that of first.", "  This command wrote nothing to it."]
    return [lines[2].strip(), *(line.strip() for line in lines[5:-1])]


def test_on_a_branch_that_is_not_checked_out(shop):
    """The branch, the file, the commit and its date are named, and how to have it."""
    git(shop.folder, "checkout", "-q", "-b", "feature-phone")
    shop.revision("phone", "first", PHONE)
    made = commit(shop, "phone")
    git(shop.folder, "checkout", "-q", "main")

    assert said(shop) == [
        "phone is on the branch feature-phone, which is not checked out: "
        f"migrations/versions/phone.py, commit {made} of 2026-03-04",
        "To have that revision again:  git merge feature-phone",
    ]


def test_deleted(shop):
    """The commit that deleted the file is named, and the command that brings it back does so."""
    shop.revision("phone", "first", PHONE)
    commit(shop, "phone")
    (shop.folder / "migrations/versions/phone.py").unlink()
    gone = commit(shop, "no phone")

    line, advice = said(shop)

    assert line == f"phone was deleted: migrations/versions/phone.py, commit {gone} of 2026-03-04"
    assert advice == f"To have that revision again:  git checkout {gone}^ -- :/migrations/versions/phone.py"
    git(shop.folder, *advice.partition("git ")[2].split())
    assert "revision = 'phone'" in (shop.folder / "migrations/versions/phone.py").read_text()


def test_on_no_branch_any_more(shop):
    """A branch that was deleted is still in the clone of whoever had it."""
    git(shop.folder, "checkout", "-q", "-b", "feature-phone")
    shop.revision("phone", "first", PHONE)
    made = commit(shop, "phone")
    git(shop.folder, "checkout", "-q", "main")
    git(shop.folder, "branch", "-q", "-D", "feature-phone")

    assert said(shop) == [
        f"phone is on no branch any more: migrations/versions/phone.py, commit {made} of 2026-03-04",
        f"To have that revision again:  git checkout {made} -- :/migrations/versions/phone.py",
    ]


def test_in_no_commit(shop):
    """An id that nobody committed is said to be in no commit; a file that only mentions it is none that makes it."""
    shop.revision("note", "first", "pass  # revision = 'phone'")
    commit(shop, "note")

    assert said(shop) == ["phone is in no commit of this clone"]


def test_shallow_clone(shop, tmp_path):
    """Where the history is cut, the revision may be in what is missing: said, with the command that fetches it."""
    shop.revision("phone", "first", PHONE)
    commit(shop, "phone")
    (shop.folder / "migrations/versions/phone.py").unlink()
    commit(shop, "no phone")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop.folder}", "clone")

    found = git_history.find("phone", str(tmp_path / "clone" / "migrations" / "versions"))

    assert found == {
        "revision": "phone",
        "situation": "unknown",
        "reason": ", whose history is cut (git fetch --unshallow)",
    }


def test_without_git(shop, monkeypatch):
    """No git, or no clone: said, and nothing else fails."""
    monkeypatch.setenv("PATH", "/nowhere")

    assert git_history.find("phone", str(shop.folder)) == {"revision": "phone", "situation": "no-git"}
