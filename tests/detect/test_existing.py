"""What migration tools a project has already."""

from __future__ import annotations

import pytest

from hooks.base.facts import Existing
from hooks.base.location import Location
from hooks.detect.existing import belongs_to_alembic, find_alembic, find_existing
from tests.detect.tools import Text


def existing(text: Text) -> Existing:
    """What is there in a project made of text."""
    return find_existing(text.index, find_alembic(text.files, text.read))


def test_nothing():
    """A project that never heard of migrations."""
    assert existing(Text({"app.py": "from flask import Flask\n"})) == Existing()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param("from flask_migrate import Migrate\nmigrate = Migrate(app, db)", 2, id="in one call"),
        pytest.param("import flask_migrate as fm\nfm.Migrate(app, db)", 2, id="through the package"),
        pytest.param("from flask.ext.migrate import Migrate\nMigrate(app=app)", 2, id="flask.ext"),
    ],
)
def test_created_attached(source: str, line: int):
    """`Migrate(app, db)` is created and attached there."""
    text = Text({"manage.py": source})

    assert existing(text) == Existing(migrate=(text.at("manage.py", line),), created=(text.at("manage.py", line),))


def test_attached_elsewhere():
    """`migrate.init_app(app, db)` attaches what another module created."""
    text = Text(
        {
            "shop/ext.py": "from flask_migrate import Migrate\nmigrate = Migrate()\n",
            "shop/web.py": "from shop.ext import migrate\ndef create_app():\n    migrate.init_app(app, db)\n",
        }
    )

    assert existing(text) == Existing(migrate=(text.at("shop/web.py", 3),), created=(text.at("shop/ext.py", 2),))


def test_half_finished():
    """Created and never attached, or only imported: nothing is attached."""
    text = Text(
        {
            "ext.py": "from flask_migrate import Migrate, MigrateCommand\nmigrate = Migrate()\n",
            "web.py": "from ext import db\ndb.init_app(app)\n",
            "tests/test_x.py": "from flask_migrate import Migrate\nMigrate(app, db)\n",
        }
    )

    assert existing(text) == Existing(created=(text.at("ext.py", 2),))


def test_alembic_directory_with_revisions():
    """The directory of an Alembic env.py, its revisions, and what else migrations/ holds."""
    text = Text(
        {
            "migrations/env.py": "from alembic import context\n",
            "migrations/README": "x",
            "migrations/versions/a1_first.py": "revision = 'a1'\ndown_revision = None\n",
            "migrations/versions/__init__.py": "",
            "migrations/versions/helper.py": "x = 1\n",
        }
    )

    assert existing(text) == Existing(
        alembic=("migrations",),
        revisions=("migrations/versions/a1_first.py",),
        migrations_entries=(
            "migrations/README",
            "migrations/env.py",
            "migrations/versions/__init__.py",
            "migrations/versions/helper.py",
        ),
    )


def test_alembic_under_another_name():
    """Alembic without Flask-Migrate keeps its directory where it likes."""
    text = Text(
        {
            "shop/alembic/env.py": "import alembic\n",
            "shop/alembic/versions/b2.py": "revision: str = 'b2'\n",
            "tools/env.py": "import os\n",
        }
    )

    assert existing(text) == Existing(alembic=("shop/alembic",), revisions=("shop/alembic/versions/b2.py",))


def test_files_of_alembic_are_no_part_of_the_application():
    """env.py and the revisions load the application; a neighbour does not."""
    paths = ["migrations/env.py", "migrations/versions/a.py", "migrations/adopt.py", "migrations/other.py", "env.py"]

    assert [belongs_to_alembic(path, ["migrations"]) for path in paths] == [True, True, True, False, False]


def test_other_tools():
    """Flask-Alembic, and a Flask-Script manager that no application file mentions."""
    text = Text(
        {
            "config.py": "from flask_alembic import Alembic\nfrom flask_sqlalchemy import SQLAlchemy\nalembic = Alembic(app)\n",
            "manage.py": "from flask_script import Manager\nfrom shop import app\nmanager = Manager(app)\n",
            "boss.py": "class Manager: pass\nmanager = Manager(1)\n",
        }
    )

    assert existing(text) == Existing(flask_script=text.at("manage.py", 3), other_tools=(text.at("config.py", 3),))


def test_commands_that_name_a_directory():
    """Flask-Migrate's commands take it first; without one they use that of `Migrate(...)`."""
    lines = [
        "from flask_migrate import upgrade, stamp",
        "upgrade(path)",
        "stamp(directory=path)",
        "upgrade()",
        "stamp(revision='a')",
    ]
    text = Text({"run.py": "\n".join(lines) + "\n"})

    assert existing(text).directed == (text.at("run.py", 2), text.at("run.py", 3))


def test_manager_that_attaches_when_it_is_imported():
    """What stands in the module itself is there for whoever imports it; what a function or the main block does is not."""
    lines = (
        "from flask_script import Manager\nfrom flask_migrate import Migrate\nfrom shop import app, db\nmanager = Manager(app)\n"
    )
    at_once = Text({"manage.py": lines + "migrate = Migrate(app, db)\n"})
    later = Text({"manage.py": lines + "if __name__ == '__main__':\n    Migrate(app, db)\n"})

    assert existing(at_once).on_import == (at_once.at("manage.py", 5),)
    assert (existing(later).migrate, existing(later).on_import) == ((later.at("manage.py", 6),), ())


def test_location_is_the_call_itself():
    """The place of a call over several lines is its first line."""
    text = Text({"app.py": "from flask_migrate import Migrate\nmigrate = Migrate(\n    app,\n    db,\n)\n"})

    assert existing(text).migrate == (Location("app.py", 2, "migrate = Migrate("),)
