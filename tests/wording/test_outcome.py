"""The notes of a run: what the user should know and need not act on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any, cast

import pytest

from hooks.base.facts import Answers
from hooks.detect.project import detect
from hooks.edit.python.changes import Variant
from hooks.environment.project_python import ProjectPython
from hooks.inside.base.messages import Failed, Rehearsed, Verified
from hooks.planning.plan import make_plans
from hooks.prove.proof import Proven
from hooks.prove.rehearsal import OfTests, Rehearsal
from hooks.prove.trial import Candidate
from hooks.wording.outcome import notes, of_tests, why_not_followed

APP = """\
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db = SQLAlchemy(app)

    with app.app_context():
        {statement}
"""
MODEL = {"name": "Old", "path": "shop/old.py", "line": 7, "module": "shop.old", "exception": ""}


def proven(variant: Variant | None = None, needs_tables: Failed | None = None, **facts: Any) -> Proven:
    """What a run has proven, as far as notes tell of it."""
    found = Verified(**{"databases": [], **facts})
    return Proven(found, variant or Variant(), Rehearsal(needs_tables=needs_tables), cast(ProjectPython, None), None, None)


def notes_of(root: Path, statement: str, **facts: object) -> list[str]:
    """The notes about a project of one file that makes its tables by `statement`."""
    (root / "app.py").write_text(dedent(APP).format(statement=statement))
    project = detect(root)
    candidate = Candidate(root, project, make_plans(project, Answers())[0])
    return notes(candidate.plan, candidate.first, proven(**facts))


def notes_of_kept_call(root: Path, needs_tables: Failed) -> list[str]:
    """The notes where the call stays, since `needs_tables` failed on an empty database without it."""
    (root / "app.py").write_text(dedent(APP).format(statement="db.create_all()\n    Shop.query.first()"))
    project = detect(root)
    candidate = Candidate(root, project, make_plans(project, Answers())[0])
    kept = Variant(keep_create_all=True)
    return notes(candidate.plan, candidate.changes(kept), proven(kept, needs_tables))


def test_tables_that_the_application_makes_itself(tmp_path: Path) -> None:
    """With some of the tables there, `flask db upgrade` stops on a new database."""
    (tmp_path / "app.py").write_text(dedent(APP).format(statement="pass"))
    project = detect(tmp_path)
    candidate = Candidate(tmp_path, project, make_plans(project, Answers())[0])
    seen = Rehearsed(True, True, tables=2, some_of_models=["ab_role", "ab_user"])
    found = replace(proven(), rehearsal=Rehearsal(seen))

    assert notes(candidate.plan, candidate.first, found) == [
        "the application makes 2 tables itself when it starts on an empty database (ab_role, ab_user), and `flask db upgrade` stops"
        " there; build a new database with  python -m migrations.adopt --upgrade"
    ]
    assert notes(candidate.plan, candidate.first, replace(proven(), rehearsal=Rehearsal(Rehearsed(True, True, tables=1)))) == []


def test_a_test_that_replaces_create_all(tmp_path: Path) -> None:
    """It expects that each start calls it, and may fail now."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_app.py").write_text(
        "from unittest.mock import patch\n\n\n"
        "def test_start():\n    with patch('app.db.create_all', side_effect=OSError):\n        import app\n"
    )

    assert notes_of(tmp_path, "db.create_all()") == [
        "tests/test_app.py:5 replaces create_all(), which the application does not call at each start any more;"
        " change what is expected there"
    ]


def test_statements_that_change_tables(tmp_path: Path) -> None:
    """`create_all()` never did that; the lines are those after the edits."""
    alter = "db.create_all()\n    db.session.execute(db.text('ALTER TABLE shop ADD COLUMN town TEXT'))"

    assert notes_of(tmp_path, alter) == [
        "app.py:15 changes tables without a revision; make the next change in the models, and let `flask db migrate` write it"
    ]


HELPER = """\
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db = SQLAlchemy(app)


    def create_database():
        with app.app_context():
            db.create_all()
"""


def test_a_function_of_which_nothing_stays(tmp_path: Path) -> None:
    """Where it cannot go, as its value is used, it is named, with the lines that use it."""
    (tmp_path / "app.py").write_text(dedent(HELPER))
    (tmp_path / "run.py").write_text("from app import app, create_database\n\nmade = create_database()\napp.run()\n")
    project = detect(tmp_path)
    candidate = Candidate(tmp_path, project, make_plans(project, Answers())[0])

    assert notes(candidate.plan, candidate.first, proven()) == [
        "create_database() at app.py:15 only made the tables and does nothing any more; take it out, and what names it: run.py:1, 3"
    ]


def test_a_call_that_is_taken_out_needs_no_note(tmp_path: Path) -> None:
    """The plain call is gone; there is nothing to add."""
    assert notes_of(tmp_path, "db.create_all()") == []


def test_calls_in_commands(tmp_path: Path) -> None:
    """One note says what is to be run instead of all of them."""
    (tmp_path / "commands.py").write_text(
        "import click\nfrom app import db\n\n\n@click.command()\ndef forge():\n    db.create_all()\n\n\n"
        "@click.command()\ndef initdb():\n    db.create_all()\n"
    )
    (tmp_path / "seed.py").write_text("from app import db\n\n\ndef seed():\n    db.create_all()\n")

    assert notes_of(tmp_path, "pass") == [
        "create_all() at commands.py:7, 12 and seed.py:5 stay; run `flask db upgrade` instead of it from now on"
    ]


def test_a_call_that_the_application_needs(tmp_path: Path) -> None:
    """The note says what to move, with the lines as they are after the edits."""
    assert notes_of_kept_call(tmp_path, Failed("app-queries-while-loading", path="app.py", line=10)) == [
        "create_all() at app.py:16 stays, for a database without any table: app.py:17 needs them at start-up;"
        " move that into a command, and take the call out"
    ]


def test_a_call_that_the_application_needs_somewhere(tmp_path: Path) -> None:
    """Where no line of the project failed, the application as a whole is named."""
    (note,) = notes_of_kept_call(tmp_path, Failed("script-died"))

    assert note.partition(": ")[2].startswith("the application needs them at start-up;")


def test_a_call_that_stays_because_it_cannot_be_edited(tmp_path: Path) -> None:
    """Part of an expression: the call stays and is named, since it would hide the next migration."""
    assert notes_of(tmp_path, "made = [db.create_all(), 1]") == [
        "create_all() at app.py:15 runs at start-up and could not be taken out; do that by hand,"
        " for it makes new tables before `flask db migrate` can see them"
    ]


def test_a_call_that_something_is_made_for_where_it_fails(tmp_path: Path) -> None:
    """The note has the line of that, as it is after the edits."""
    statement = "try:\n        db.create_all()\n    except Exception:\n        create_database()"

    assert notes_of(tmp_path, statement) == [
        "create_all() at app.py:17 stays, for a database without any table: where it fails, app.py:19 makes what it needs"
    ]


CONFIGS = """\
    class Config:
        SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"

    class TestingConfig(Config):
        TESTING = True
        SQLALCHEMY_DATABASE_URI = "sqlite:///test.db"
"""


def test_a_default_configuration_that_is_for_tests(tmp_path: Path) -> None:
    """A run with the tests' configuration is named as such, with its place; any other cause is not known."""
    (tmp_path / "config.py").write_text(dedent(CONFIGS))
    (tmp_path / "app.py").write_text(dedent(APP).format(statement="pass"))
    plan = make_plans(detect(tmp_path), Answers())[0]

    assert why_not_followed(plan, Rehearsal(Rehearsed(False, True, testing=True))) == (
        "it is loaded with the configuration for tests (config.py:6), which stays as it is; give it another one to migrate that"
    )
    assert why_not_followed(plan, Rehearsal(Rehearsed(False, True))) == "something sets the database after it was read"


def test_a_configuration_in_a_file_that_is_for_tests(tmp_path: Path) -> None:
    """No source says so: the loaded application does."""
    (tmp_path / "app.py").write_text(dedent(APP).format(statement="pass"))
    plan = make_plans(detect(tmp_path), Answers())[0]

    assert why_not_followed(plan, Rehearsal(Rehearsed(False, True, testing=True))) == (
        "its configuration has TESTING on, and what is tested keeps its database; take TESTING out of it"
    )


def test_configurations_for_tests_that_were_not_built(tmp_path: Path) -> None:
    """Those with one reason have one row, and of many reasons four are told."""
    (tmp_path / "app.py").write_text(dedent(APP).format(statement="pass"))
    plan = make_plans(detect(tmp_path), Answers())[0]
    failed = [(f"tests/test_{number}.py", "no time was left") for number in range(7)]
    failed += [(f"tests/api/{number}.py", f"KeyError: {number}") for number in range(5)]
    found = replace(proven(), rehearsal=Rehearsal(of_tests=OfTests(failed=tuple(failed))))
    use = "may use the database of DATABASE_URL"

    assert of_tests(plan, found) == [
        "tests/test_0.py, tests/test_1.py, tests/test_2.py, tests/test_3.py, tests/test_4.py and 2 more could not be built, so they"
        f" {use} (no time was left)",
        *(f"tests/api/{number}.py could not be built, so it {use} (KeyError: {number})" for number in range(3)),
        "nor could 2 other configurations for tests",
    ]


PARTS = """\
    import os

    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()
    {before}


    def create_app():
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://" + {user} + "@/" + os.getenv("DB_NAME", "shop")
        db.init_app(app)
        return app
"""
OLDER = "DATABASE_URL, which migrations/ works with, comes before DB_USER and DB_NAME, which work as before"


@pytest.mark.parametrize(
    ("before", "user", "note"),
    [
        ('USER = os.environ["DB_USER"]', "USER", f"{OLDER}; DB_USER (app.py:9) has to be set all the same"),
        ("", 'os.environ["DB_USER"]', OLDER),
        ('USER = os.getenv("DB_USER")\n    if not USER:\n        raise ValueError', "USER", OLDER),
        (
            'USER = os.getenv("DB_USER")\n    KEY = os.getenv("KEY")\n    if not USER or not KEY:\n        raise ValueError',
            "USER",
            f"{OLDER}; DB_USER (app.py:11) has to be set all the same",
        ),
        ('USER = os.getenv("DB_USER", "shop")\n    KEY = os.environ["KEY"]', "USER", OLDER),
    ],
    ids=["read before", "read by the value", "asked for", "asked for with another", "another one"],
)
def test_parts_that_have_to_be_set_all_the_same(tmp_path: Path, before: str, user: str, note: str) -> None:
    """What stops the application without a part of the URL, also where the variable has all of it."""
    (tmp_path / "app.py").write_text(dedent(PARTS.format(before=before, user=user)))
    project = detect(tmp_path)
    candidate = Candidate(tmp_path, project, make_plans(project, Answers())[0])

    assert [one for one in notes(candidate.plan, candidate.first, proven()) if "which work" in one] == [note]


def test_caller_of_the_factory_decides(tmp_path: Path) -> None:
    """The place is named, and the variable that is read there already."""
    app = 'app = Flask(__name__)\n    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DB_URI", uri)\n'
    (tmp_path / "app.py").write_text(
        "import os\nfrom flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"
        f"def create_app(uri='sqlite:///shop.db'):\n    {app}    db.init_app(app)\n    return app\n"
    )
    plan = replace(make_plans(detect(tmp_path), Answers())[0], caller_decides=True)

    assert why_not_followed(plan, Rehearsal(Rehearsed(False, True))) == (
        "its URL comes from the arguments of a function (app.py:7); to go on with DB_URI, which is read there:"
        "  -d database_url_variable=DB_URI"
    )


def test_models_that_the_application_does_not_import(tmp_path: Path) -> None:
    """Each module that env.py imports, each model that could not be loaded, and why."""
    broken = {**MODEL, "exception": "ImportError: no"}

    assert notes_of(tmp_path, "db.create_all()", imported_modules=["shop.audit"], failed_models=[MODEL, broken]) == [
        "shop.audit has models and the application does not import it; migrations/project.ini has env.py do so",
        "Old (shop/old.py:7) has a table and could not be loaded (it does not belong to this SQLAlchemy object);"
        " the baseline leaves it out",
        "Old (shop/old.py:7) has a table and could not be loaded (ImportError: no); the baseline leaves it out",
    ]


def test_what_the_baseline_does_not_make(tmp_path: Path) -> None:
    """It is named, with what to do; what could not be read has no name."""
    unbuilt = [{"kind": "trigger", "name": "touch", "table": "user"}, {"kind": "policy", "name": None, "table": None}]
    databases = [{"unbuilt": unbuilt, "unbuilt_advice": "no revision makes that"}]

    assert notes_of(tmp_path, "pass", databases=databases) == [
        "beside tables the existing database has touch; no revision makes that"
    ]
