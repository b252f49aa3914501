"""What the repository knows about what an application did not find."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.base.errors import NOTHING_KNOWN
from hooks.base.facts import Config, Project, UriForm, UriSite
from hooks.base.location import Location, Span
from hooks.inside.base.messages import Failed
from hooks.prove.missing import NO_URI, with_evidence

WHERE = Location("config.py", 18)


def test_places_that_show_a_variable(tmp_path: Path):
    """The pages that Copier has rendered are none of them: they are taken away when the run stops."""
    for path in ("README.md", "migrations/README.md"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("DATABASE_URL=... flask run\n")
    project = Project(root=str(tmp_path), files=("README.md", "migrations/README.md"))

    known = with_evidence(NOTHING_KNOWN, tmp_path, project, Failed("app-failed-to-load", missing_variable="DATABASE_URL"))

    assert known.examples == (Location("README.md", 1, "DATABASE_URL"),)


@pytest.mark.parametrize(
    ("exception", "is_test", "value", "unset"),
    [
        (f"RuntimeError: {NO_URI}.", False, None, (("DB_URI", WHERE),)),
        (f"RuntimeError: {NO_URI}.", False, "sqlite://", ()),
        (f"RuntimeError: {NO_URI}.", True, None, ()),
        ("RuntimeError: other", False, None, ()),
    ],
    ids=["unset", "set", "of tests", "another reason"],
)
def test_variable_of_the_database(exception: str, is_test: bool, value: str | None, unset: tuple, monkeypatch, tmp_path: Path):
    """Where Flask-SQLAlchemy gets no URL, the variables that the configuration reads and nobody has set are named."""
    monkeypatch.setenv("DB_URI", value) if value else monkeypatch.delenv("DB_URI", raising=False)
    site = UriSite(UriForm.CLASS, Span("config.py", 18, 0, 18, 9), WHERE, "config", is_test=is_test, variables=("DB_URI",))
    project = Project(root=str(tmp_path), files=("config.py",), config=Config(sites=(site,)))

    known = with_evidence(NOTHING_KNOWN, tmp_path, project, Failed("app-failed-to-load", exception=exception))

    assert known.unset == unset
