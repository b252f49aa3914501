"""The line that sends coding agents to migrations/README.md, where the repository has a page for them; proposed, never added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PAGES = ("AGENTS.md", "CLAUDE.md")
LINE = "Before you change a model or migrations/, read migrations/README.md."


def agent_notes(root: Path) -> Iterator[str]:
    """One note, on the first of PAGES that there is; none where one of them names migrations/ already."""
    texts = {name: (root / name).read_text(encoding="utf-8", errors="replace") for name in PAGES if (root / name).is_file()}
    if texts and not any("migrations/" in text for text in texts.values()):
        yield f"{next(iter(texts))} is read by coding agents; a line for it:  {LINE}"
