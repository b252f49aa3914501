"""Imports that only the taken-out `create_all()` used go with it."""

from __future__ import annotations

import pytest

from hooks.base.source import Source
from hooks.edit.python.unused_import import without_unused
from tests.edit.tools import text

BEFORE = """
import os
from sqlalchemy import inspect
from shop import create_app, db
from shop import models  # noqa: F401
app = create_app()
{rest}
"""
CALL = "if not os.path.exists('x'):\n    inspect(db).db.create_all()"


def edited(before: str, after: str, taken: tuple[str, ...] = ()) -> str:
    """What `without_unused` makes of the text after an edit."""
    source = Source("run.py", text(before).encode())
    done = without_unused(source, text(after).encode(), lambda name: name in taken, lambda module, level: module.startswith("shop"))
    return done.decode()


def test_names_without_use():
    """Names that nothing uses any more go, with their statement where it held no other."""
    done = edited(BEFORE.format(rest=CALL), BEFORE.format(rest=""))

    assert done == text("""
        from shop import create_app
        from shop import models  # noqa: F401
        app = create_app()

        """)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("from shop import a, db, b", "from shop import a, b"),
        ("from shop import db, a", "from shop import a"),
        ("from shop import a, db", "from shop import a"),
        ("from shop import (\n    a,\n    db,\n)", "from shop import (\n    a,\n)"),
        ("from shop import (\n    db,\n    a,\n)", "from shop import (\n    a,\n)"),
    ],
)
def test_one_name_of_several(line, after):
    """The others stay as they are written."""
    rest = "print(a)" + ("; print(b)" if "b" in after.replace("db", "") and ", b" in after else "")

    assert edited(f"{line}\n{rest}\ndb.create_all()\n", f"{line}\n{rest}\n") == f"{after}\n{rest}\n"


STAY = {
    "the only import of a module of the project": "from shop import db\nx = 1\n",
    "a comment": "import db  # the database\nx = 1\n",
    "exported": "from other import db\n__all__ = ['db']\n",
    "an annotation": "from other import db\ndef f() -> 'db': ...\n",
    "still used": "from other import db\nprint(db)\n",
    "all that a block holds": "if 1:\n    from other import db\n",
}


@pytest.mark.parametrize("after", STAY.values(), ids=STAY)
def test_left_alone(after):
    """Nothing else changes."""
    assert edited(after + "db.create_all()\n", after) == after


def test_taken_from_this_file():
    """A name that another file has from this one stays."""
    assert edited("from other import db\ndb.create_all()\n", "from other import db\n", ("db",)) == "from other import db\n"


def test_without_use_before():
    """What the team keeps without use is its own affair."""
    assert edited("import os\nimport db\ndb.create_all()\n", "import os\nimport db\n") == "import os\n"


def test_several_at_the_start_of_the_file():
    """No empty line is left at the start of the file."""
    before = "from flask import Flask\n\nfrom other import log\n\nfrom shop import models\n"
    call = "def make(app: Flask):\n    log(app)\n"

    assert edited(f"{before}{call}", before) == "from shop import models\n"


def test_a_comment_between_two():
    """What is said of the second stays where it is, as it was."""
    before = "import first\n# a remark\nimport second\nx = 1\n"

    assert edited(f"{before}first.a(second)\n", before) == "# a remark\nx = 1\n"
