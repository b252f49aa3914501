"""The page of an earlier version, taken apart: what the template had rendered, what a run had added, what the team wrote below."""

from __future__ import annotations

import pytest

from hooks.edit.files.schema_page import BY_HAND
from hooks.updates.own_page import parts

RENDERED = "# Migrations\n\n| file | |\n|---|---|\n| this page | the template's |\n"
FACTS = "\n## How this directory came about\n\n- `app.py`: edited.\n  - line 3: `x`\n"
DEPLOY = f"\n{BY_HAND}\n\n- Procfile:1 runs `flask init-db`.\n"
PICTURES = "\n## Schema\n\nDrawn.\n\n```mermaid\nerDiagram\n```\n\n### archive\n\n```mermaid\nerDiagram\n```\n"
OWN = "\nAsk Ada before you deploy.\n\n- Also Bob.\n"


@pytest.mark.parametrize("written", [FACTS, FACTS + DEPLOY, FACTS + PICTURES, FACTS + DEPLOY + PICTURES])
@pytest.mark.parametrize("own", ["", OWN, "\n## Ours\n\nWords.\n"])
def test_each_part_is_whole(written: str, own: str) -> None:
    """Nothing is lost, and nothing of one part is in another."""
    assert parts(RENDERED + written + own) == (RENDERED, written, own)


def test_page_without_facts() -> None:
    """A page that no run has added to is the template's as a whole."""
    assert parts(RENDERED) == (RENDERED, "", "")
