"""Two variables that name different databases stop the run; two that agree, or that nobody can compare, do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.base.errors import VariablesDiffer
from hooks.base.facts import Project, UriForm, UriSite
from hooks.base.location import Location, Span
from hooks.planning.plan import Plan
from hooks.planning.variables_set import require_one_database

A, B = "postgresql://a:secret@db/shop", "postgresql://a:secret@db/other"
DATABASE_URL = "DATABASE_URL"


def differing(root: Path, files: dict[str, str], environ: dict[str, str] | None = None, older: str = "DB_URI") -> list[str]:
    """The places that are named, as "path:line name"."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    span = Span("config.py", 1, 0, 1, 5)
    site = UriSite(UriForm.CLASS, span, Location("config.py", 1), "config", "", False, (older,))
    plan = Plan(None, None, (), (site,), False, (), (), None, DATABASE_URL)  # type: ignore[arg-type]
    try:
        require_one_database(root, Project(root=str(root), files=tuple(files)), plan, environ or {})
    except VariablesDiffer as stop:
        return [f"{place.path}:{place.line} {place.text}" for pair in stop.pairs for place in pair]
    return []


COMPOSE = """services:
  web:
    environment:
      DATABASE_URL: "{first}"
      FLASK_DEBUG: 1
      DB_URI: {second}
  db:
    environment:
      - POSTGRES_DB=shop
"""
STOPPED = {
    "environment": ({}, {DATABASE_URL: A, "DB_URI": B}, ["the environment:0 DATABASE_URL", "the environment:0 DB_URI"]),
    ".env": ({".env": f"DB_URI={A}\n# x\nexport DATABASE_URL='{B}'\n"}, {}, [".env:3 DATABASE_URL", ".env:1 DB_URI"]),
    "both of them": ({".env": f"DB_URI={A}\n"}, {DATABASE_URL: B}, ["the environment:0 DATABASE_URL", ".env:1 DB_URI"]),
    "compose": ({"compose.yml": COMPOSE.format(first=A, second=B)}, {}, ["compose.yml:4 DATABASE_URL", "compose.yml:6 DB_URI"]),
    "CI": (
        {".github/workflows/ci.yml": f"jobs:\n  a:\n    env:\n      DB_URI: {A}\n      DATABASE_URL: {B}\n"},
        {},
        [".github/workflows/ci.yml:5 DATABASE_URL", ".github/workflows/ci.yml:4 DB_URI"],
    ),
}


@pytest.mark.parametrize(("files", "environ", "places"), STOPPED.values(), ids=STOPPED)
def test_stopped(tmp_path, files, environ, places):
    """Both places are named."""
    assert differing(tmp_path, files, environ) == places


FINE = {
    "equal": ({".env": f"DB_URI={A}\nDATABASE_URL={A}\n"}, {}),
    "equal but for the old scheme": ({".env": "DB_URI=postgresql://a/b\nDATABASE_URL=postgres://a/b\n"}, {}),
    "one is empty": ({".env": f"DB_URI={A}\nDATABASE_URL=\n"}, {}),
    "the environment overrules the file": ({".env": f"DB_URI={A}\n"}, {DATABASE_URL: B, "DB_URI": B}),
    "one service each": (
        {"compose.yml": f"services:\n  a:\n    environment:\n      DB_URI: {A}\n  b:\n    environment:\n      DATABASE_URL: {B}\n"},
        {},
    ),
    "unknown": ({"compose.yml": COMPOSE.format(first="${URL}://x", second=B)}, {}),
    "an example": ({".env.example": f"DB_URI={A}\nDATABASE_URL={B}\n"}, {}),
    "commented out": ({".env": f"DB_URI={A}\n# DATABASE_URL={B}\n"}, {}),
    "another name": ({".env": f"MY_DB_URI={A}\nDATABASE_URL={B}\n"}, {}),
}


@pytest.mark.parametrize(("files", "environ"), FINE.values(), ids=FINE)
def test_fine(tmp_path, files, environ):
    """Nothing stops."""
    assert differing(tmp_path, files, environ) == []


def test_no_value_is_told(tmp_path):
    """The facts hold names and places only."""
    assert "secret" not in str(differing(tmp_path, {".env": f"DB_URI={A}\nDATABASE_URL={B}\n"}))
