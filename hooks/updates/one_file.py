"""To 0.2.0: what was the folder migrations/adopt/ is the file migrations/adopt.py.

Copier takes the folder's files away, edited ones too. Those that the team has edited come back, with a row that says so: nothing
reads them any more. `__init__.py` does not: with it the folder would be imported in the place of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hooks.updates.formatted import is_same_code
from hooks.updates.git_files import asked, files
from hooks.updates.step import Step

FOLDER = "migrations/adopt/"
LARGEST = 2**20  # of a file that is read
INIT = FOLDER + "__init__.py"
SPELLINGS = (
    (b"migrations/adopt/set_up.py", b"migrations/adopt.py setup"),
    (b"from migrations.adopt.readiness import readiness", b"from migrations.adopt import readiness"),
)


def edits(root: Path) -> Mapping[str, bytes]:
    """Files of the team's own that name a file in the folder, naming what took its place."""
    changed = {}
    for path in asked(root, "ls-files", "-z", "--", ".", ":(exclude)migrations").decode().split("\0"):
        if path and (root / path).is_file() and not (root / path).is_symlink() and (root / path).stat().st_size < LARGEST:
            before = after = (root / path).read_bytes()
            for old, new in SPELLINGS:
                after = after.replace(old, new)
            if after != before:
                changed[path] = after
    return changed


STEP = Step("0.2.0", "names migrations/adopt.py", edits)


def keep_edited(root: Path, template: Path, ref: str) -> list[tuple[str, str]]:
    """Bring back what the team had edited in the folder; a row for each file. `ref` is the template's version before the update.

    The project's HEAD is what it was before, since Copier updates a clean tree only.
    """
    mine, theirs = files(root, "HEAD", FOLDER), files(template, ref, f"template/{FOLDER}")
    rows: list[tuple[str, str]] = []
    if not theirs:
        return rows
    for path in sorted(mine):
        if (root / path).exists():
            rows.append(("kept", f"{path} is your own, and nothing reads it any more"))
            continue
        before = asked(root, "show", f"HEAD:./{path}")
        if f"template/{path}" not in theirs or is_same_code(before, asked(template, "show", f"{ref}:template/{path}")):
            continue
        if path == INIT:
            rows.append(("removed", f"{path}, which you had edited; see git show HEAD:./{path}"))
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(before)
        rows.append(("kept", f"{path}, which you had edited; nothing reads it any more"))
    return rows
