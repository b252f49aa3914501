"""Sentences of pages that a taken-out `create_all()` has made untrue."""

from __future__ import annotations

import pytest

from hooks.wording.untrue_pages import notes_on_code, notes_on_pages, untrue_sentences

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


SAID_IN_CODE = {
    "above an import": "# Importing the models here so it can create the empty tables.\n# They are in use.\nimport shop\n",
    "of the module": '"""The shop.\n\nIt creates the database and the tables, and registers the routes.\n"""\n',
    "behind code": "import shop  # has to be loaded before create_all()\n",
    "in two lines": "x = 1\n# Here the database\n# tables are created.\n",
}
LINES = {
    "above an import": (1, "Importing the models here so it can create the empty tables."),
    "of the module": (3, "It creates the database and the tables, and registers the routes."),
    "behind code": (1, "has to be loaded before create_all()"),
    "in two lines": (2, "Here the database tables are created."),
}


@pytest.mark.parametrize("case", SAID_IN_CODE)
def test_said_in_an_edited_file(case: str) -> None:
    """A comment or docstring that speaks of the tables that the file does not make any more."""
    line, sentence = LINES[case]

    assert notes_on_code({"shop.py": SAID_IN_CODE[case].encode()}) == [
        f'shop.py:{line} is out of date ("{sentence}"); the tables come from  flask db upgrade'
    ]


TRUE_IN_CODE = {
    "another table": "# creates a table of contents\n",
    "the extension": "# Initialize Database Plugin\ndb.init_app(app)\n",
    "a command": 'def init_db():\n    """Create the tables."""\n    db.create_all()\n',
    "a function with nothing in it": 'def init_db():\n    """Create the tables."""\n',
    "code put out of use": "# db.create_all()\n",
    "of migrations": "# The migrations create the tables.\n",
    "text": "print('creates the tables')\n",
}


@pytest.mark.parametrize("code", TRUE_IN_CODE.values(), ids=TRUE_IN_CODE)
def test_still_true_in_an_edited_file(code: str) -> None:
    """It is not spoken of."""
    assert notes_on_code({"shop.py": code.encode()}) == []
