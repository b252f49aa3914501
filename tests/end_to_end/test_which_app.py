"""Which application `flask` finds: every name of it is tried in the project's own Python, and a plain `flask` works at the end."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

from tests.end_to_end.tools import Result, commit_all, git, run, run_copier, said, tree_bytes

SHOP = """\
    import os

    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()


    class Product(db.Model):
        id = db.Column(db.Integer, primary_key=True)


    def create_app():
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
        db.init_app(app)
        return app
"""
NEEDS_A_VARIABLE = """\
    import os

    from shop import create_app

    TOKEN = os.environ["SHOP_TOKEN"]
    app = create_app()
"""


def write_project(root: Path, **files: str) -> Path:
    """One commit with these files; "__" in a name stands for the dot before the extension, "dot_" for a leading one."""
    root.mkdir()
    for name, text in {"shop__py": SHOP, "requirements__txt": "flask\nflask-sqlalchemy\n", **files}.items():
        (root / name.replace("dot_", ".").replace("__", ".")).write_text(dedent(text), encoding="utf-8")
    commit_all(root)
    return root


def current(root: Path) -> Result:
    """A plain `flask db current`, as the team runs it."""
    return run(sys.executable, "-m", "flask", "db", "current", cwd=root)


def test_an_entry_point_that_fails_is_passed_over(tmp_path: Path) -> None:
    """wsgi.py needs what only the server has: the factory is taken, and .flaskenv leads `flask` to it."""
    root = write_project(tmp_path / "shop", wsgi__py=NEEDS_A_VARIABLE)

    result = run_copier(root)

    assert result.returncode == 0, result.output
    assert "  tried                wsgi:app: KeyError: 'SHOP_TOKEN' (wsgi.py:5)\n" in result.stderr
    assert (root / ".flaskenv").read_text() == "FLASK_APP=shop\n"
    assert current(root).returncode == 0


def test_what_plain_flask_finds_is_named_where_it_is_another(tmp_path: Path) -> None:
    """app.py is another application without the database, which `flask` would take: .flaskenv names the right one."""
    other = "from flask import Flask\n\napp = Flask(__name__)\n"
    root = write_project(tmp_path / "shop", app__py=other)

    result = run_copier(root)

    assert result.returncode == 0, result.output
    assert (root / ".flaskenv").read_text() == "FLASK_APP=shop\n"
    assert current(root).returncode == 0


def test_a_flaskenv_that_leads_elsewhere_is_reported(tmp_path: Path) -> None:
    """.flaskenv is the team's: it stays, and the report says what it should say."""
    root = write_project(tmp_path / "shop", dot_flaskenv="FLASK_APP=server:app\n", server__py="from flask import Flask\n")

    result = run_copier(root)

    assert result.returncode == 0, result.output
    assert (root / ".flaskenv").read_text() == "FLASK_APP=server:app\n"
    said = "Failed to find attribute 'app' in 'server'."
    assert (
        f"unverified a plain `flask` does not load the application (NoAppException: {said});"
        " .flaskenv:1 should say FLASK_APP=shop:create_app\n"
    ) in result.stderr


def test_every_name_fails(tmp_path: Path) -> None:
    """The message has the project's own error, what became of the other name, and where the variable is shown; nothing changes."""
    needs = SHOP.replace("app = Flask(__name__)", 'app = Flask(__name__)\n        app.secret_key = os.environ["SHOP_DSN"]')
    root = write_project(tmp_path / "shop", shop__py=needs, wsgi__py=NEEDS_A_VARIABLE, dot_env__example="SHOP_TOKEN=abc\n")
    (root / "notes.txt").write_text("mine")
    before = tree_bytes(root)

    result = run_copier(root)

    assert result.returncode != 0
    assert (
        dedent("""\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            wsgi.py:5   TOKEN = os.environ["SHOP_TOKEN"]
            KeyError: 'SHOP_TOKEN'
            tried as shop:create_app: KeyError: 'SHOP_DSN' (shop.py:15)
          No file was changed, and nothing was stamped.
          Set SHOP_TOKEN as you do to run the application, and run again. The repository shows it in:
            .env.example:1
        """)
        in result.stderr
    )
    assert tree_bytes(root) == before
    assert git(root, "status", "--porcelain") == "?? notes.txt\n"


def test_own_error_behind_a_query(tmp_path: Path) -> None:
    """Without create_all() it misses its tables; with them it fails by itself, which is what the message is about."""
    start = """\
        with app.app_context():
            db.create_all()
            Product.query.first()
        import shop_blueprints
"""
    root = write_project(tmp_path / "shop", shop__py=SHOP.replace("        return app", start + "        return app"))
    before = tree_bytes(root)

    result = run_copier(root)

    assert result.returncode != 0
    assert (
        dedent("""\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            shop.py:20   import shop_blueprints
            ModuleNotFoundError: No module named 'shop_blueprints'
          Nothing was changed.
          Install shop_blueprints in the project's environment, or name the right Python:  -d python=...
        """)
        in result.stderr
    )
    assert tree_bytes(root) == before


def test_settings_that_git_ignores(tmp_path: Path) -> None:
    """The settings module is not in the repository: the message names the line that ignores it, and the example to copy."""
    needs = SHOP.replace("    import os\n", "    import os\n\n    import settings\n")
    root = write_project(
        tmp_path / "shop", shop__py=needs, settings_example__py="DEBUG = True\n", dot_gitignore="*.pyc\nsettings.py\n"
    )
    before = tree_bytes(root)

    result = run_copier(root)

    assert result.returncode != 0
    assert (
        dedent("""\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            shop.py:3   import settings
            ModuleNotFoundError: No module named 'settings'
          No file was changed, and nothing was stamped.
          Make settings.py, which git ignores (.gitignore:2), from the example in the repository, fill it in, and run again:
            cp settings_example.py settings.py
        """)
        in result.stderr
    )
    assert tree_bytes(root) == before


def test_a_folder_that_is_a_package_of_the_one_above(tmp_path: Path) -> None:
    """The advice leads to the folder where the application can be imported, and works there."""
    root = tmp_path / "shop"
    package = {
        "__init__": "",
        "models": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n\n\nclass Product(db.Model):\n"
        "    id = db.Column(db.Integer, primary_key=True)\n",
        "app": "from flask import Flask\n\nfrom service.models import db\n\napp = Flask(__name__)\n"
        'app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"\ndb.init_app(app)\n',
    }
    (root / "service").mkdir(parents=True)
    for name, text in package.items():
        (root / "service" / f"{name}.py").write_text(text)
    (root / "requirements.txt").write_text("Flask-SQLAlchemy\n")
    commit_all(root)

    refused = run_copier(root / "service")

    advice = "  service is this folder: the application is imported from the one above it. Run the command there:  cd .."
    assert said(refused).splitlines()[-1] == advice
    assert run_copier(root).returncode == 0
