"""What git knows of a revision that is in no file: on which branch it is, or in which commit it was deleted.

Reads the history only, as `git log` does; writes nothing, and asks no server.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


SECONDS = 20
FIELDS = "%x01%H%x00%h%x00%ad%x00%s"


@functools.lru_cache(maxsize=None)
def find(revision: str, folder: str) -> dict[str, str]:
    """{"revision", "situation", ...} for a revision id that was looked for in the history of the files in `folder`.

    `situation` is one of
        on-branch   in `commit` of `date`, file `path`, on `branch`, which is not checked out
        deleted     from `path`, in `commit` of `date`
        no-branch   in `commit` of `date`, file `path`, which no branch has any more
        unknown     in no commit of this clone; `reason` says more where the clone is not whole
        no-git      this is no clone of a repository, or git is not installed
    """
    try:
        if run(folder, "rev-parse", "--is-inside-work-tree").strip() != "true":
            return {"revision": revision, "situation": "no-git"}
        return dict(found(revision, folder), revision=revision)
    except (OSError, subprocess.SubprocessError):
        return {"revision": revision, "situation": "no-git"}


def found(revision: str, folder: str) -> dict[str, str]:
    made = commits(revision, folder, "--all", "--reflog", "--diff-filter=AM")
    if not made:
        reason = ", whose history is cut (git fetch --unshallow)" if is_shallow(folder) else ""
        return {"situation": "unknown", "reason": reason}
    newest = made[0]
    branches = named_branches(folder, newest["id"])
    if is_checked_out(folder, newest["id"]):
        gone = commits(revision, folder, "HEAD", "--diff-filter=DM")
        return shown(gone[0] if gone else newest, "deleted")
    if branches:
        return dict(shown(newest, "on-branch"), branch=branches[0])
    return shown(newest, "no-branch")


def shown(commit: Mapping[str, str], situation: str) -> dict[str, str]:
    return dict({name: commit[name] for name in ("commit", "date", "subject", "path")}, situation=situation)


def commits(revision: str, folder: str, *options: str) -> list[dict[str, str]]:
    """The commits that added or took away the line `revision = "..."`, the newest first; each with the file."""
    line = rf"^revision *(:[^=]*)?= *['\"]{re.escape(revision)}['\"]"
    output = run(
        folder, "log", *options, "-G", line, "--date=short", "--format=" + FIELDS, "--name-only", "--no-renames", "--", "."
    )
    result = []
    for block in output.split("\x01")[1:]:
        head, _, files = block.partition("\n")
        id_, short, date, subject = head.split("\0")
        paths = [path for path in files.strip().splitlines() if path]
        result.append({"id": id_, "commit": short, "date": date, "subject": subject, "path": paths[0] if paths else ""})
    return result


def named_branches(folder: str, commit: str) -> list[str]:
    """The branches that have the commit, local ones first."""
    names = [
        run(folder, "for-each-ref", "--contains", commit, "--format=%(refname:short)", place).split()
        for place in ("refs/heads", "refs/remotes")
    ]
    return [name for of_place in names for name in of_place if not name.endswith("/HEAD")]


def is_checked_out(folder: str, commit: str) -> bool:
    """Whether the commit is part of what is checked out."""
    command = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
    return (
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS).returncode == 0
    )


def is_shallow(folder: str) -> bool:
    return run(folder, "rev-parse", "--is-shallow-repository").strip() == "true"


def run(folder: str, *arguments: str) -> str:
    """The output of git; it takes no lock and writes no index."""
    environment = dict(os.environ, GIT_OPTIONAL_LOCKS="0", LC_ALL="C")
    ended = subprocess.run(
        ["git"] + list(arguments),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
    )
    return ended.stdout.decode("utf-8", "replace")
