"""Whether the code behind a `create_all()` needs it: for the tables, or where the call fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.detect.project import detect

APP = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
db = SQLAlchemy(app)
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
def seed():
    db.session.add(User())
"""
LINES = APP.count("\n")
MAIN = 'if __name__ == "__main__":\n'


def needed(root: Path, code: str) -> bool:
    """The fact about the one call in a module that ends like this."""
    (root / "app.py").write_text(APP + code)
    (call,) = detect(root).create_all
    return call.is_needed_unseen


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            MAIN + "    with app.app_context():\n        db.create_all()\n"
            "        if 1:\n            User.query.all()\n            db.session.commit()\n    app.run()\n",
            id="query in the same block",
        ),
        pytest.param(
            MAIN + "    with app.app_context():\n        db.create_all()\n    seed()\n    app.run()\n",
            id="a function of the project",
        ),
        pytest.param(
            "@app.before_first_request\ndef first():\n    db.create_all()\n    db.session.add(User())\n",
            id="before the first request",
        ),
        pytest.param("def main():\n    db.create_all()\n    seed()\n    app.run()\n" + MAIN + "    main()\n", id="in main()"),
    ],
)
def test_what_uses_the_tables(code: str, tmp_path: Path) -> None:
    """A query, a session, or a function of the project."""
    assert needed(tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            MAIN + "    with app.app_context():\n        db.create_all()\n    app.run(port=int(os.getenv('PORT', 1)))\n", id="run"
        ),
        pytest.param(MAIN + "    db.create_all()\n    db.session.commit()\n    print('ready')\n    app.run()\n", id="commit"),
        pytest.param("with app.app_context():\n    db.create_all()\n    seed()\n", id="while loading: the rehearsal shows it"),
        pytest.param(
            "def create_app():\n    db.create_all()\n    seed()\n    return app\n" + MAIN + "    create_app().run()\n", id="factory"
        ),
        pytest.param("@app.before_first_request\ndef first():\n    db.create_all()\n", id="nothing follows"),
    ],
)
def test_what_does_not(code: str, tmp_path: Path) -> None:
    """Serving, committing nothing, and what loading the application runs."""
    assert not needed(tmp_path, code)


FALLBACK = """\
def make_tables():
    try:
        db.create_all()
    except Exception as error:
        print(error)
        {handled}
with app.app_context():
    make_tables()
"""


def fallback_of(root: Path, code: str) -> int:
    """The line of the fallback in a module that ends like this, counted from there; 0 for none."""
    (root / "app.py").write_text(APP + code)
    (call,) = detect(root).create_all
    return max(0, call.fallback - LINES)


@pytest.mark.parametrize(
    "handled",
    [
        pytest.param("_create_database()", id="a function"),
        pytest.param("create_database(app.config['X'])", id="SQLAlchemy-Utils"),
        pytest.param("db.engine.execute('CREATE DATABASE shop')", id="statement"),
        pytest.param("init_db(app)", id="init"),
    ],
)
def test_what_is_made_where_the_call_fails(handled: str, tmp_path: Path) -> None:
    """Its line is found."""
    assert fallback_of(tmp_path, FALLBACK.format(handled=handled)) == 6


@pytest.mark.parametrize(
    "handled",
    [
        pytest.param("pass", id="nothing"),
        pytest.param("app.logger.error('no tables: %s', error)", id="log"),
        pytest.param("raise RuntimeError('no tables') from error", id="raise"),
        pytest.param("raise CreateFailed(str(error))", id="an error of that name"),
        pytest.param("sys.exit(1)", id="exit"),
        pytest.param("db.session.rollback()", id="rollback"),
        pytest.param("time.sleep(5)", id="wait"),
    ],
)
def test_what_only_reports_that_the_call_failed(handled: str, tmp_path: Path) -> None:
    """There is nothing to keep."""
    assert fallback_of(tmp_path, FALLBACK.format(handled=handled)) == 0


def test_call_that_stands_in_for_another(tmp_path: Path) -> None:
    """Where the first fails, the tables are made in another database."""
    tried = "    try:\n        db.create_all()\n    except Exception:\n        use_sqlite()\n        db.create_all()\n"
    code = f"with app.app_context():\n{tried}"
    (tmp_path / "app.py").write_text(APP + code)

    calls = detect(tmp_path).create_all

    assert [(call.where.line - LINES, call.stands_in) for call in calls] == [(3, False), (6, True)]


def test_handler_of_a_call_in_its_own_block(tmp_path: Path) -> None:
    """A call in the `except` or the `else` of a `try` is not what that `except` is for."""
    code = "try:\n    import x\nexcept ImportError:\n    setup()\n    with app.app_context():\n        db.create_all()\n"

    assert fallback_of(tmp_path, code) == 0
