"""To 0.2.0: what a run had written at the end of migrations/README.md is in migrations/SCHEMA.md, a file of the team's own.

Before the update the page gets back the end that the template gave it, so that Copier merges two renderings; after it, the run's
facts and the picture go to the new file, and what the team had written below them to the end of the page again.
"""

from __future__ import annotations

import re
from pathlib import Path

from hooks.edit.files.schema_page import BY_HAND, HEADING, PATH, TITLE
from hooks.updates.git_files import asked

PAGE = "migrations/README.md"
# A list, one more of what is left to do by hand, and the pictures of the schema, as far as that version drew them.
WRITTEN = re.compile(rf"(?: *- .*\n|{re.escape(BY_HAND)}\n|\n)*(?:## Schema\n(?s:.*)^```\n)?", re.MULTILINE)


def take_off(root: Path) -> None:
    """Leave of the page what the template has rendered."""
    page = root / PAGE
    if not page.is_file() or page.is_symlink():
        return
    before, facts, _ = parts(page.read_bytes().decode("utf-8"))
    if facts:
        page.write_bytes(before.encode("utf-8"))
        asked(root, "add", "--", PAGE)  # Copier looks for the team's edits in git's index


def put_back(root: Path) -> list[tuple[str, str]]:
    """Write what `take_off` took off to where it belongs now; the project's HEAD is what it was before. A row for each file."""
    _, facts, own = parts(asked(root, "show", f"HEAD:./{PAGE}").decode("utf-8"))
    if not facts or (root / PAGE).is_symlink():
        return []
    if (root / PAGE).is_file() and own:
        with (root / PAGE).open("ab") as file:
            file.write(own.encode("utf-8"))
    page = root / PATH
    text = page.read_bytes().decode("utf-8").rstrip("\n") + "\n" if page.is_file() else TITLE
    page.write_bytes((text + "\n" + facts.strip("\n") + "\n").encode("utf-8"))
    return [("added", f"{PATH}: how migrations/ came about, and the picture of the schema, which were in README.md")]


def parts(page: str) -> tuple[str, str, str]:
    """What the template has rendered, what a run has written behind it, and what the team has written below that."""
    before, heading, after = page.partition(f"\n{HEADING}\n")
    if not heading:
        return page, "", ""
    end = WRITTEN.match(after).end()  # type: ignore[union-attr]
    own = after[end:].lstrip("\n")
    return before.rstrip("\n") + "\n", heading + after[:end].rstrip("\n") + "\n", "\n" + own if own else ""
