"""Every version that was ever released, and a template repository that has them as real tags, to update from.

    RELEASES["v0.1.0"]      the commit of this repository that was released under that tag

A new release is added here when it is tagged; tests/test_releases.py tells when that was forgotten. The working tree is the
version after the newest one.
"""

from __future__ import annotations

import atexit
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from packaging.version import Version

from tests.end_to_end.tools import ROOT, TEMPLATE_PATHS, git, make_template

RELEASES = {"v0.1.0": "9ce01432bf3609c25ddae59a2b0679b76023de7a"}
ORDERED = sorted(RELEASES, key=Version)
NEWEST = Version(ORDERED[-1])
NEXT = f"v{NEWEST.major}.{NEWEST.minor + 1}.0"


def ask_git(*arguments: str) -> str | None:
    """What git says in this repository, None where it fails."""
    asked = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return None if asked.returncode else asked.stdout


def commit_of(tag: str) -> str | None:
    """The commit of a release, that of the real tag where there is one; None where this clone does not reach back that far."""
    for name in (f"refs/tags/{tag}", RELEASES[tag]):
        found = ask_git("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}")
        if found:
            return found.strip()
    return None


def require_commit(tag: str) -> str:
    """The commit of a release; skips the test, or fails it under REQUIRE_RELEASES=1, in a clone without it."""
    commit = commit_of(tag)
    if commit is None:
        words = f"this clone has no commit of {tag} ({RELEASES[tag]}); bring it:  git fetch --unshallow --tags"
        if os.environ.get("REQUIRE_RELEASES") == "1":
            pytest.fail(words)
        pytest.skip(words)
    return commit


def add_release(folder: Path, tag: str) -> None:
    """Commit and tag a release in the template repository `folder`; what it had before and has no more is gone."""
    commit = require_commit(tag)
    command = ["git", "archive", "--format=tar", commit, *TEMPLATE_PATHS[:3]]
    command += [path for path in TEMPLATE_PATHS[3:] if ask_git("cat-file", "-e", f"{commit}:{path}") is not None]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    empty(folder)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", tag)
    git(folder, "tag", tag)


def add_working_tree(folder: Path, tag: str = NEXT, edits: Mapping[str, str | None] | None = None) -> None:
    """Commit and tag the working tree as a version after the releases; `edits` replaces files, None takes one out."""
    empty(folder)
    make_template(folder, edits={path: text for path, text in (edits or {}).items() if text is not None})
    for path in (path for path, text in (edits or {}).items() if text is None):
        (folder / path).unlink()
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", tag)
    git(folder, "tag", tag)


def empty(folder: Path) -> None:
    """Take everything out of a work tree but git's own."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@cache
def released_template() -> Path:
    """A template repository with all releases and, as the version after them, the working tree; once per test process."""
    folder = Path(tempfile.mkdtemp(prefix="releases-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for tag in ORDERED:
        add_release(folder, tag)
    add_working_tree(folder)
    return folder


def made_up_template(folder: Path, tag: str, edits: Mapping[str, str | None]) -> Path:
    """A template repository whose two versions are the working tree, as NEXT, and the same with `edits`, as `tag`."""
    add_working_tree(folder)
    add_working_tree(folder, tag, edits)
    return folder
