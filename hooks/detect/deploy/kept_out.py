"""Lines of .dockerignore, .slugignore and their like that keep migrations/, or another file, out of what is deployed.

Docker's patterns count from the top of the build's context, a later line overrules an earlier one, and "!" takes back
(https://docs.docker.com/build/concepts/context/#dockerignore-files); the others are read as git reads its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from hooks.base.location import Location

DOCKER = re.compile(r"(^|\.)(docker|container)ignore$")
LIKE_GIT = (".slugignore", ".gcloudignore", ".ebignore", ".railwayignore")
NEEDED = ("migrations/env.py", "migrations/alembic.ini", "migrations/versions/0001_baseline.py", "migrations/adopt.py")


def find_kept_out(
    files: Iterable[str], read: Callable[[str], bytes | None], all_needed: Iterable[str] = NEEDED
) -> Iterator[Location]:
    """Each line that does, in files at the project's root, where the context of a build is."""
    for path in sorted(files):
        if "/" in path or not (DOCKER.search(path) or path in LIKE_GIT):
            continue
        lines = (read(path) or b"").decode("utf-8-sig", "replace").splitlines()
        numbers = {last_match(lines, needed, is_docker=DOCKER.search(path) is not None) for needed in all_needed}
        yield from (Location(path, number, lines[number - 1].strip()) for number in sorted(filter(None, numbers)))


def last_match(lines: list[str], path: str, *, is_docker: bool) -> int | None:
    """The number of the line by which the file is left out; None where it is not."""
    found = None
    for number, line in enumerate(lines, start=1):
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        is_back = pattern.startswith("!")
        if matches(pattern.lstrip("!").strip(), path, is_docker=is_docker):
            found = None if is_back else number
    return found


def matches(pattern: str, path: str, *, is_docker: bool) -> bool:
    """Whether the pattern is for the file or a folder that it is in."""
    if not is_docker:
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines([pattern]).match_file(path)
    cleaned = posixpath.normpath(pattern.strip("/") or ".")
    parts = path.split("/")
    return any(regex(cleaned).fullmatch("/".join(parts[:size])) for size in range(1, len(parts) + 1))


@cache
def regex(pattern: str) -> re.Pattern[str]:
    """A pattern of Docker's: `*` and `?` stay inside a folder, `**` stands for any number of them."""
    made = ""
    for piece in re.findall(r"\*\*/?|\*|\?|\[[^]]*\]|\\?.", pattern):
        if piece.startswith("**"):
            made += "(?:.*/)?" if piece.endswith("/") else ".*"
        elif piece in "*?":
            made += "[^/]*" if piece == "*" else "[^/]"
        elif piece.startswith("[") and len(piece) > 2:
            made += piece
        else:
            made += re.escape(piece[-1:])
    try:
        return re.compile(made)
    except re.error:
        return re.compile(re.escape(pattern))
