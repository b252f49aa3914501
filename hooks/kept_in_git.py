"""What git must keep and what it must not: `.env` stays out of it, migrations/ and every other file of the run go in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hooks.detect.ignored import find_ignored
from hooks.edit import dotenv, gitignore
from hooks.edit.splice import Untouched
from hooks.project_files import ProjectFiles, read
from hooks.worktree_errors import MigrationsIgnored

BASELINE = "migrations/versions/2000-01-01_0123456789ab_baseline.py"  # a name like those of revisions


def keep_in_git(result: ProjectFiles, root: Path) -> None:
    """Add the edits of `.gitignore`, and a note for each other file that git ignores.

    Raises:
        MigrationsIgnored: nothing that is added to `.gitignore` would keep migrations/ in git.
    """
    migrations = migration_files(root)
    ignored = find_ignored(root, [".env", *migrations, dotenv.PATH, *result.files])
    before = read(root, gitignore.PATH)
    after = gitignore.ignore_env(before, in_git=is_in_git(root), is_ignored=".env" in ignored)
    what = ["ignores .env"] * isinstance(after, bytes)
    lines = sorted({where for path, where in ignored.items() if path in migrations})
    if lines:
        inner = [where for where in lines if where.path.startswith("migrations/")]
        kept = None if inner else gitignore.keep_migrations(after if isinstance(after, bytes) else before, migrations)
        if kept is None or isinstance(kept, Untouched):
            raise MigrationsIgnored(lines)
        after = kept
        what.append("keeps migrations/ in git")
        result.notes += [
            f"{where.path}:{where.line} keeps migrations/ out of git ({where.text}); lines at the end of .gitignore overrule it"
            for where in lines
        ]
    result.put(gitignore.PATH, before, after, "; ".join(what))
    for path, where in ignored.items():
        if path in result.files and path not in migrations:
            result.notes.append(
                f"{where.path}:{where.line} ignores {path} ({where.text}); take that out, for it has to be committed"
            )


def migration_files(root: Path) -> list[str]:
    """The files in migrations/ that the team will commit: what is there by now, and the baseline."""
    there = (path for path in (root / "migrations").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted({BASELINE, "migrations/project.ini", *(path.relative_to(root).as_posix() for path in there)})


def is_in_git(root: Path) -> bool:
    """Whether the project is under version control by git."""
    return not subprocess.run(["git", "rev-parse"], cwd=root, capture_output=True, check=False).returncode
