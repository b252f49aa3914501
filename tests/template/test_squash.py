"""python -m migrations.adopt squash: one revision in the place of all, which stamped databases have already."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import DIALECTS, execute
from tests.template.binds_project import binds_project
from tests.template.project import ORDERS, Project
from tests.template.states import everything, stamped

NICK = "    nick = db.Column(db.String(40), server_default='nobody', index=True)\n"
CHECKED = "    __table_args__ = (db.CheckConstraint('email <> nick', name='two_names'),)\n"


def git(project: Project, *arguments: str) -> str:
    command = ["git", "-c", "user.name=ada", "-c", "user.email=ada@localhost", *arguments]
    return subprocess.run(command, cwd=project.folder, check=True, capture_output=True, text=True).stdout


def commit(project: Project) -> None:
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "all")


def with_three(url: str, folder: Path) -> Project:
    """Three revisions that `flask db migrate` has written, run, committed, and a row."""
    result = Project(folder / "project", url)
    for number, more in enumerate(("", NICK + CHECKED, ORDERS.replace("from shop import db", ""))):
        result.add(more)
        result.flask("db", "migrate", "-m", f"step {number}", "--rev-id", f"r{number}")
        result.flask("db", "upgrade")
    execute(url, "INSERT INTO users (id, email) VALUES (1, 'ada@localhost')")
    commit(result)
    return result


@pytest.fixture
def project(new: Callable[[str], str], tmp_path: Path) -> Project:
    return with_three(new("sqlite"), tmp_path)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_squash(dialect, new, tmp_path):
    """Its database is at head before and after, byte for byte; a new one is what the three revisions had built."""
    project = with_three(new(dialect), tmp_path)
    before = everything(project.database_url)
    files = [path.name for path in project.revisions()]

    said = project.adopt("squash", "r2")

    assert said == (
        "verified  it builds from nothing what the 3 revisions build\n"
        f"squashed  3 revisions are migrations/versions/{files[2]}, still r2\n"
        'next      git add -A migrations/versions && git commit -m "Squash 3 revisions"\n'
    )
    assert [path.name for path in project.revisions()] == files[2:]
    assert git(project, "status", "--porcelain").splitlines() == [
        *(f" D migrations/versions/{name}" for name in files[:2]),
        f" M migrations/versions/{files[2]}",
    ]
    text = project.revisions()[0].read_text()
    assert '"""squash of 3 revisions\n' in text
    assert "\ndown_revision = None\nbranch_labels = None\ndepends_on = None\nconsents = None\n" in text
    assert everything(project.database_url) == before
    assert "is at r2 (head), and its schema matches" in project.adopt("status")
    assert "1 revision from nothing builds what the models say" in project.adopt("check")
    assert "This downgrade would lose values" in project.flask("db", "downgrade", expect=1)
    assert everything(project.database_url) == before
    url = new(dialect)
    project.flask("db", "upgrade", DATABASE_URL=url)
    assert stamped(url) == ["r2"]
    execute(url, "INSERT INTO users (id, email) VALUES (1, 'ada@localhost')")
    assert everything(url) == before


def unchanged(project: Project, *arguments: str) -> str:
    """What the refusal says; neither a file nor the database was changed."""
    before, status = everything(project.database_url), git(project, "status", "--porcelain")
    said = project.adopt("squash", *arguments, expect=1)

    assert git(project, "status", "--porcelain") == status
    assert everything(project.database_url) == before
    return said


def test_what_models_do_not_say(project):
    """A view and rows of a revision; with --yes they are named, and left to the author."""
    path = project.revisions()[2]
    more = """
    op.execute("INSERT INTO users (id, email) VALUES (9, 'root')")
    op.execute("CREATE VIEW mails AS SELECT email FROM users")
"""
    path.write_text(path.read_text().replace("def upgrade():\n", "def upgrade():" + more))
    commit(project)
    left = [
        "users   1 row that a revision writes\n",
        "1 view: mails   SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'mails'\n",
    ]

    assert unchanged(project) == (
        "error: not-squashed\n"
        "  The models do not say all that the revisions do:\n"
        f"    {'    '.join(left)}"
        "  Nothing was changed. To have it all the same, and add those by hand:  python -m migrations.adopt squash --yes\n"
    )
    assert project.adopt("squash", "--yes").startswith(
        f"left      this is not in it:\n          {(10 * ' ').join(left)}squashed  3 revisions are "
    )
    assert len(project.revisions()) == 1


def test_a_list_with_one_behind(project, tmp_path):
    """It could not get to the revision any more; nor could one that is not stamped. One that is absent is built when it comes."""
    listed = tmp_path / "databases.txt"
    listed.write_text(
        f"own = {project.database_url}\nsecond = sqlite:///{tmp_path}/second.db\nabsent = sqlite:///{tmp_path}/absent.db\n"
    )
    project.flask("db", "upgrade", "r1", DATABASE_URL=f"sqlite:///{tmp_path}/second.db")

    assert unchanged(project, "--urls-from", str(listed)) == (
        "error: databases-behind\n"
        "  These could not get to r2 any more:\n"
        "    second is at r1\n"
        "  Nothing was changed. Upgrade them first, or take them out of the list.\n"
    )
    project.flask("db", "upgrade", DATABASE_URL=f"sqlite:///{tmp_path}/second.db")
    project.adopt("squash", "--urls-from", str(listed))
    assert not (tmp_path / "absent.db").exists()


def test_what_git_does_not_have(project):
    """Files that were changed, that are new, or that it ignores would be gone for good."""
    paths = project.revisions()
    paths[0].write_text(paths[0].read_text() + "# mine\n")

    assert unchanged(project) == (
        "error: revisions-not-committed\n"
        "  The files of the revisions go, and git has to have them:\n"
        f"     M migrations/versions/{paths[0].name}\n"
        "  Nothing was changed. Commit them, and run it again.\n"
    )
    git(project, "rm", "-q", "--cached", *(f"migrations/versions/{path.name}" for path in paths))
    project.write(".gitignore", "versions/\n")
    assert f"    !! migrations/versions/{paths[1].name}\n" in unchanged(project)


def test_another_revision(project):
    """The models of today are not what an earlier one builds."""
    assert unchanged(project, "r1") == (
        "error: not-the-newest\n"
        "  r1 is not the newest revision, and the models say what r2 builds.\n"
        "  Check out a commit in which it is, squash there, and merge that.\n"
    )


def test_models_ahead(project):
    """A model without a revision is no part of what they build."""
    project.add("\n\nclass Tag(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n")

    assert "\n    tag   is in no revision\n" in unchanged(project)


def test_one_revision(project):
    """There is nothing to do, the second time too."""
    project.adopt("squash")
    commit(project)

    assert project.adopt("squash") == "squashed  there is one revision, r2\n"


def test_several_databases(tmp_path):
    """Each revision has a part for each; that is said, and nothing is changed."""
    with binds_project("sqlite", tmp_path) as project:
        project.flask("db", "migrate", "-m", "all")

        assert project.adopt("squash", expect=1) == (
            "error: several-databases\n"
            "  The revisions build more than one database.\n"
            "  No command puts their parts into one revision yet.\n"
        )
