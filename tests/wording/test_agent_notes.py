"""The note on a page for coding agents."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.wording.agent_notes import agent_notes

NOTE = "AGENTS.md is read by coding agents; a line for it:  Before you change a model or migrations/, read migrations/README.md."


@pytest.mark.parametrize(
    "pages, expected",
    [
        pytest.param({}, [], id="no page"),
        pytest.param({"AGENTS.md": "Run make test."}, [NOTE], id="one"),
        pytest.param({"CLAUDE.md": "@AGENTS.md", "AGENTS.md": "Run make test."}, [NOTE], id="both, said once"),
        pytest.param({"CLAUDE.md": "Run make test."}, [NOTE.replace("AGENTS.md", "CLAUDE.md")], id="CLAUDE.md alone"),
        pytest.param({"CLAUDE.md": "See AGENTS.md", "AGENTS.md": "Read migrations/README.md."}, [], id="it is there already"),
    ],
)
def test_agent_notes(pages: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    """It names the page and the line, and nothing is written."""
    for name, text in pages.items():
        (tmp_path / name).write_text(text)

    assert list(agent_notes(tmp_path)) == expected
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == pages
