"""Keep `.env`, where passwords are, out of git.

Before:  __pycache__/
After:   __pycache__/
         .env

And keep `migrations/` in git, where a line takes it out: the baseline would be on this machine alone. No line is taken out; those
that are added at the end overrule the others.

Before:  migrations/
After:   migrations/
         # the migrations belong to the repository
         !/migrations/

The same for each other file of a run, so that `.env` stays ignored where `.env*` is:

Before:  .env*
After:   .env*
         !.env.example
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hooks.base.formats.textfile import TextFile, add_lines
from hooks.detect.ignored import find_ignored
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import ByHand

HEAD = "# the migrations belong to the repository\n"
KEEP = (f"{HEAD}!/migrations/\n", f"{HEAD}!/migrations/\n!/migrations/**\n/migrations/**/__pycache__/\n")
LATER = ("migrations/versions/0_any.py", "migrations/project.ini", "migrations/SCHEMA.md")  # what may come to be there
PATH = ".gitignore"
SECRET = ".env"


def ignore_env(raw: bytes | None, *, in_git: bool, is_ignored: bool = False, path: str = PATH) -> bytes | Untouched:
    """The new bytes of `.gitignore` (`raw` is None where there is none) in which `.env` is ignored.

    `is_ignored`: git ignores it already, by a file elsewhere. Outside a git repository no file is made.
    """
    if is_ignored:
        return Untouched(path, Reason.ALREADY_THERE)
    if raw is None:
        return f"{SECRET}\n".encode() if in_git else Untouched(path, Reason.NOT_FOUND)
    try:
        file = TextFile.decode(raw)
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), f"{SECRET}\n")
    if file.encoding != "utf-8":
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "git reads UTF-8 only", f"{SECRET}\n")
    from pathspec import GitIgnoreSpec

    if GitIgnoreSpec.from_lines(file.text.splitlines()).match_file(SECRET):
        return Untouched(path, Reason.ALREADY_THERE)
    return file.encode(add_lines(file.text, f"{SECRET}\n"))


def keep_migrations(raw: bytes | None, paths: Sequence[str], ignored: Sequence[str] = (), path: str = PATH) -> bytes | Untouched:
    """The new bytes of `.gitignore`, with which git ignores none of `paths`, files in migrations/ of which it ignores `ignored`.

    A line for the file alone is enough where that is one, as `env.py` by `env*`, and nothing that comes later would be ignored.
    """
    try:
        file = TextFile.decode(raw or b"")
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), KEEP[0])
    if file.encoding == "utf-8":
        alone = tuple(f"{HEAD}!/{one}\n" for one in ignored) if len(ignored) == 1 else ()
        for lines in (*alone, *KEEP):
            text = add_lines(file.text, lines)
            if not ignores(file.encode(text), [*paths, *LATER] if lines in alone else paths):
                return file.encode(text)
    return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "no line at its end overrules the others", KEEP[0])


def keep_files(raw: bytes | None, paths: Sequence[str], path: str = PATH) -> bytes | Untouched:
    """The new bytes of `.gitignore`, with which git ignores none of `paths`, by a line for each."""
    lines = "".join(f"!{'/' * ('/' in one)}{one}\n" for one in paths)
    try:
        file = TextFile.decode(raw or b"")
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), lines)
    if file.encoding == "utf-8":
        after = file.encode(add_lines(file.text, lines))
        if not ignores(after, paths):
            return after
    return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "no line at its end overrules the others", lines)


def ignores(raw: bytes, paths: Sequence[str]) -> bool:
    """Whether git would ignore one of `paths` with these bytes as its only `.gitignore`; asked of git, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="copier-flask-migrate-") as folder:
        subprocess.run(["git", "init", "--quiet", "--template="], cwd=folder, capture_output=True, check=True)
        Path(folder, PATH).write_bytes(raw)
        return bool(find_ignored(Path(folder), paths))
