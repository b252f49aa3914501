"""Whether the code behind a `create_all()` needs the tables, where loading the application does not run it."""

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
