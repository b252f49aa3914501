"""Which paths git would ignore, and by which line of which file; asked of git itself, tracked or not, there or not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hooks.base.location import Location


def find_ignored(root: Path, paths: Sequence[str]) -> dict[str, Location]:
    """path -> the line that makes git ignore it, for those of `paths` that are ignored; empty outside a git repository."""
    command = ["git", "-C", os.fspath(root), "check-ignore", "--no-index", "--verbose", "-z", "--stdin"]
    try:
        done = subprocess.run(command, input="\0".join(paths).encode() + b"\0", capture_output=True, check=False)
    except OSError:
        return {}
    fields = [os.fsdecode(field) for field in done.stdout.split(b"\0")]
    found = {}
    for source, line, pattern, path in zip(*(fields[start::4] for start in range(4)), strict=False):
        if not pattern.startswith("!"):
            found[path] = Location(source, int(line), pattern)
    return found
