"""migrations/ goes into git whatever its rules were, asked of git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hooks.base.location import Location
from hooks.base.worktree_errors import MigrationsIgnored
from hooks.detect.ignored import find_ignored
from hooks.edit.files.kept_in_git import keep_in_git, migration_files
from hooks.edit.files.project_files import ProjectFiles
from tests.end_to_end.tools import git

HEAD = "# the migrations belong to the repository\n!/migrations/\n"
ALL = HEAD + "!/migrations/**\n/migrations/**/__pycache__/\n"


def make_repository(root: Path, rules: str) -> Path:
    """A repository with rendered migrations and these rules."""
    root.mkdir(exist_ok=True)
    git(root, "init", "-q")
    (root / ".gitignore").write_bytes(rules.encode())
    for name in ("env.py", "alembic.ini", "db.mk", "README.md", "adopt.py", "__pycache__/x.pyc"):
        path = root / "migrations" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return root


@pytest.mark.parametrize(
    ("rules", "added", "line"),
    [
        pytest.param(".env\nmigrations/\n", HEAD, "2 migrations/", id="folder"),
        pytest.param(".env\n/migrations\n", HEAD, "2 /migrations", id="anchored"),
        pytest.param(".env\nmigrations/*\n", ALL, "2 migrations/*", id="content"),
        pytest.param(".env\n*.ini\n", ALL, "2 *.ini", id="ini"),
        pytest.param(".env\nenv*\n", HEAD.replace("/\n", "/env.py\n"), "2 env*", id="env.py alone"),
        pytest.param(".env\nversions/\n", ALL, "2 versions/", id="versions"),
        pytest.param(
            ".env\r\n**/migrations/versions/*.py\r\n", ALL.replace("\n", "\r\n"), "2 **/migrations/versions/*.py", id="CRLF"
        ),
        pytest.param("*\n!*.py\n", ALL, "1 *", id="all but"),
    ],
)
def test_ignored_migrations_are_kept(rules: str, added: str, line: str, tmp_path: Path):
    """Lines at the end take back what ignores them, caches aside, and the note names the line that did."""
    root = make_repository(tmp_path, rules)
    result = ProjectFiles()

    keep_in_git(result, root)

    assert result.files == {".gitignore": (rules + added).encode()}
    assert result.done == [(".gitignore", "keeps migrations/ in git")]
    number, _, text = line.partition(" ")
    assert result.notes == [
        f".gitignore:{number} keeps migrations/ out of git ({text}); lines at the end of .gitignore overrule it"
    ]
    (root / ".gitignore").write_bytes(result.files[".gitignore"])
    assert find_ignored(root, migration_files(root)) == {}
    assert "migrations/__pycache__/x.pyc" not in git(root, "ls-files", "--others", "--exclude-standard") or "*.pyc" not in rules


def test_rules_of_another_place_are_overruled(tmp_path: Path):
    """`.git/info/exclude` counts less than the repository's own file."""
    root = make_repository(tmp_path, ".env\n")
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("migrations/\n")
    result = ProjectFiles()

    keep_in_git(result, root)

    assert result.files == {".gitignore": (".env\n" + HEAD).encode()}
    assert result.notes == [
        ".git/info/exclude:1 keeps migrations/ out of git (migrations/); lines at the end of .gitignore overrule it"
    ]


def test_env_and_migrations_at_once(tmp_path: Path):
    """One edit of the file does both."""
    result = ProjectFiles()

    keep_in_git(result, make_repository(tmp_path, "migrations\n"))

    assert result.files == {".gitignore": ("migrations\n.env\n" + HEAD).encode()}
    assert result.done == [(".gitignore", "ignores .env; keeps migrations/ in git")]


def test_what_cannot_be_overruled_is_a_reason_to_stop(tmp_path: Path):
    """A rule inside migrations/ counts more than any outside."""
    root = make_repository(tmp_path, ".env\n")
    (root / "migrations" / ".gitignore").write_text("*\n")

    with pytest.raises(MigrationsIgnored) as stop:
        keep_in_git(ProjectFiles(), root)

    assert stop.value.lines == (Location("migrations/.gitignore", 1, "*"),)


def test_other_files_of_the_run(tmp_path: Path):
    """A line for each overrules the one that ignores it; `.env` stays ignored."""
    result = ProjectFiles(files={"Makefile": b"x", ".env.example": b"x"})
    root = make_repository(tmp_path, ".env*\nMakefile\n")

    keep_in_git(result, root)

    assert result.files[".gitignore"] == b".env*\nMakefile\n!Makefile\n!.env.example\n"
    assert result.done == [(".gitignore", "keeps Makefile and .env.example in git")]
    assert result.notes == []
    (root / ".gitignore").write_bytes(result.files[".gitignore"])
    assert set(find_ignored(root, [".env", ".env.local", ".env.example", "Makefile"])) == {".env", ".env.local"}


def test_tracked_env(tmp_path: Path):
    """A `.env` that the team has in git stays there."""
    root = make_repository(tmp_path, "*.pyc\n")
    (root / ".env").write_text("A=1\n")
    subprocess.run(["git", "add", ".env"], cwd=root, check=True)
    result = ProjectFiles()

    keep_in_git(result, root)

    assert result.files == {}


def test_loose_database(tmp_path: Path):
    """A database that would be committed by `git add -A` is named, and one in git; ignored ones are not, nor other files."""
    root = make_repository(tmp_path, ".env\n/instance/\n")
    (root / "instance").mkdir()
    for path in ("instance/shop.db", "site.db", "tracked.db", "notes.db"):
        (root / path).write_bytes(b"notes" if path == "notes.db" else b"SQLite format 3\0 and so on")
    subprocess.run(["git", "add", "tracked.db"], cwd=root, check=True)
    result = ProjectFiles()

    keep_in_git(result, root)

    assert result.notes == [
        "site.db is a database that git neither tracks nor ignores; a line of .gitignore keeps its rows out of the repository",
        "tracked.db is a database that git tracks: a checkout or a stash puts its rows back to those that were committed;"
        " to keep it as it is, and out of git:  git rm --cached tracked.db",
    ]


def test_databases_in_git(tmp_path: Path):
    """One sentence for all databases that git tracks, with the command for all of them."""
    root = make_repository(tmp_path, ".env\n")
    for path in ("members.db", "news.db", "old news.db"):
        (root / path).write_bytes(b"SQLite format 3\0 and so on")
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    result = ProjectFiles()

    keep_in_git(result, root)

    assert result.notes == [
        "members.db, news.db and old news.db are databases that git tracks: a checkout or a stash puts their rows back to those"
        " that were committed; to keep them as they are, and out of git:  git rm --cached members.db news.db 'old news.db'",
    ]


@pytest.mark.parametrize(
    "rules", ["", "__pycache__/\n*.pyc\nmigrations.bak/\n", "node_modules\n/src/migrations/\n", "#migrations/\n"]
)
def test_nothing_ignored(rules: str, tmp_path: Path):
    """Only `.env` is added where no rule concerns the migrations."""
    result = ProjectFiles()

    keep_in_git(result, make_repository(tmp_path, rules))

    assert result.files == {".gitignore": f"{rules}.env\n".encode()}
    assert result.notes == []


def test_no_git(tmp_path: Path):
    """Without git nothing is ignored, and no file is made."""
    (tmp_path / "migrations").mkdir()
    result = ProjectFiles()

    keep_in_git(result, tmp_path)

    assert result.files == {}
