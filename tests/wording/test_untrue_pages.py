"""Sentences of pages that a taken-out `create_all()` has made untrue."""

from __future__ import annotations

import pytest

from hooks.wording.untrue_pages import notes_on_pages, untrue_sentences

SAID = [
    "The database tables are created automatically when the application starts.",
    "2. `python app.py` - this will create the database on first run.",
    "On first launch the app creates `shop.db` and all tables.",
    "The SQLite database is initialized at startup.",
]
TRUE = [
    "Create the tables with `flask db upgrade` when the application starts.",
    "The application starts automatically.",
    "Create a database called shop.",
    "The tables of contents are generated.",
    "Run `flask init-db` once; the database is created by it.",
]


@pytest.mark.parametrize("sentence", SAID)
def test_said(sentence):
    """It is named with its line."""
    page = f"# Shop\n\nA shop.\n\n{sentence}\n\nMore.\n"

    assert [(one.path, one.line) for one in untrue_sentences(["README.md", "app.py"], lambda path: page.encode())] == [
        ("README.md", 5)
    ]


@pytest.mark.parametrize("sentence", TRUE)
def test_true(sentence):
    """It stays unnamed."""
    assert not untrue_sentences(["README.md"], lambda path: f"# Shop\n\n{sentence}\n".encode())


def test_note():
    """A sentence over two lines, cut where it is long; code is no sentence."""
    code = "```\ncreates the database automatically\n```\n"
    page = f"{code}Run it. The database tables are created automatically when the\napplication starts, and so on.\n"

    assert notes_on_pages(["README.md"], lambda path: page.encode()) == [
        'README.md:4 is out of date ("The database tables are created automatically when the application ...");'
        " the tables come from  flask db upgrade"
    ]
