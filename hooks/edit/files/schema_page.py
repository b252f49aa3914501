"""migrations/SCHEMA.md: how migrations/ came about, and a picture of the schema. Written once by the run, the team's from then on.

Nothing of it is in a file that the template renders, so that `copier recopy --overwrite` renews those without losing it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hooks.base.redaction import redaction

PATH = "migrations/SCHEMA.md"
TITLE = "# The schema of this project\n"
HEADING = "## How this directory came about"
BY_HAND = "Still to change by hand, where the application is deployed:"


def schema_page(root: Path, lines: Sequence[str], deploy: Sequence[str], picture: str) -> dict[str, bytes]:
    """The page with the facts of this run at its end, in the place of those of a run before; `picture` is its last section."""
    before = (root / PATH).read_bytes().decode("utf-8") if (root / PATH).is_file() else TITLE
    facts = [HEADING, "", *lines]
    if deploy:
        facts += ["", BY_HAND, "", *(f"- {note}." for note in deploy)]
    text = redaction.masked("\n".join([*facts, "", picture.rstrip("\n")]))
    return {PATH: (before.partition(f"\n{HEADING}\n")[0].rstrip("\n") + "\n\n" + text + "\n").encode("utf-8")}
