"""What git must keep and what it must not: `.env` stays out of it, migrations/ and every other file of the run go in."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from hooks.base.git import tracked_files
from hooks.base.plural import listed
from hooks.base.reading import read
from hooks.base.sqlite_files import databases
from hooks.base.worktree_errors import MigrationsIgnored
from hooks.detect.ignored import find_ignored
from hooks.edit.core.splice import Untouched
from hooks.edit.files import dotenv, gitignore
from hooks.edit.files.project_files import ProjectFiles

BASELINE = "migrations/versions/2000-01-01_0123456789ab_baseline.py"  # a name like those of revisions


def keep_in_git(result: ProjectFiles, root: Path) -> None:
    """Add the edits of `.gitignore`, and a note for what is left to do.

    Raises:
        MigrationsIgnored: nothing that is added to `.gitignore` would keep migrations/ in git.
    """
    migrations = migration_files(root)
    ignored = find_ignored(root, [".env", *migrations, dotenv.PATH, *result.files])
    before, in_git = read(root, gitignore.PATH), is_in_git(root)
    tracked = tracked_files(root, [".env", *ignored]) if in_git else set()
    after = gitignore.ignore_env(before, in_git=in_git, is_ignored=".env" in {*ignored, *tracked})
    what = ["ignores .env"] * isinstance(after, bytes)
    lines = sorted({where for path, where in ignored.items() if path in migrations})
    if lines:
        inner = [where for where in lines if where.path.startswith("migrations/")]
        theirs = [path for path in ignored if path in migrations]
        kept = None if inner else gitignore.keep_migrations(after if isinstance(after, bytes) else before, migrations, theirs)
        if kept is None or isinstance(kept, Untouched):
            raise MigrationsIgnored(lines)
        after = kept
        what.append("keeps migrations/ in git")
        result.notes += [
            f"{where.path}:{where.line} keeps migrations/ out of git ({where.text}); lines at the end of .gitignore overrule it"
            for where in lines
        ]
    others = [path for path in ignored if path in result.files and path not in migrations and path not in tracked]
    if others:
        text = after if isinstance(after, bytes) else before
        kept = gitignore.keep_files(text, others)
        if isinstance(kept, bytes):
            after = kept
            what.append(f"keeps {' and '.join(others)} in git")
        else:
            result.notes += [
                f"{ignored[path].path}:{ignored[path].line} ignores {path} ({ignored[path].text}); it has to be committed:"
                f"  git add -f {path}"
                for path in others
            ]
    result.put(gitignore.PATH, before, after, "; ".join(what))
    result.notes += [
        f"{path} is a database that git neither tracks nor ignores; a line of .gitignore keeps its rows out of the repository"
        for path in databases(root, untracked(root))
    ]
    in_tree = databases(root, sorted(tracked_files(root, ["."]) if in_git else ()))
    if in_tree:
        single, several = ("is a database", "its", "it as it is"), ("are databases", "their", "them as they are")
        words, owner, as_is = several if in_tree[1:] else single
        result.notes.append(
            f"{listed(in_tree)} {words} that git tracks: a checkout or a stash puts {owner} rows back to those that were committed;"
            f" to keep {as_is}, and out of git:  git rm --cached {' '.join(map(shlex.quote, in_tree))}"
        )


def untracked(root: Path) -> list[str]:
    """The files below `root` that `git add -A` would take along; none where there is no repository."""
    command = ["git", "-C", str(root), "ls-files", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, capture_output=True, check=False)
    return [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]


def migration_files(root: Path) -> list[str]:
    """The files in migrations/ that the team will commit: what is there by now, and the baseline."""
    there = (path for path in (root / "migrations").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted({BASELINE, "migrations/project.ini", *(path.relative_to(root).as_posix() for path in there)})


def is_in_git(root: Path) -> bool:
    """Whether the project is under version control by git."""
    return not subprocess.run(["git", "rev-parse"], cwd=root, capture_output=True, check=False).returncode
