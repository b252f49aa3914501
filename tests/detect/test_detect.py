"""A whole project read from disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hooks.base.facts import (
    App,
    AppKind,
    Attachment,
    Config,
    CreateAll,
    CreateAllRole,
    Database,
    Declaration,
    DeclarationForm,
    Existing,
    FlaskAppHint,
    Model,
    Project,
    UriForm,
    UriSite,
)
from hooks.base.location import Location
from hooks.detect.project import detect
from tests.detect.tools import Text

SHOP = Text(
    {
        ".flaskenv": "FLASK_APP=shop\n",
        "migrations/env.py": "from alembic import context\nfrom flask import Flask\napp = Flask('not the application')\n",
        "requirements.txt": "Flask\nFlask-SQLAlchemy\n",
        "shop/__init__.py": """
            import os
            from flask import Flask
            from flask_sqlalchemy import SQLAlchemy
            db = SQLAlchemy()
            def create_app():
                app = Flask(__name__)
                app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DB", "sqlite:///shop.db")
                db.init_app(app)
                from shop import models
                with app.app_context():
                    db.create_all()
                return app
            """,
        "shop/models.py": "from shop import db\nclass User(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n",
        "shop/broken.py": "from flask import Flask\nprint 'Python 2'\n",
    }
)


def test_factory_package(tmp_path: Path):
    """Every fact of a small project, with its place; the environment of Alembic is no application."""
    for path, content in SHOP.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    main = "shop/__init__.py"

    assert detect(tmp_path) == Project(
        root=str(tmp_path),
        files=tuple(sorted(SHOP.files)),
        apps=(App("shop", "create_app", AppKind.FACTORY, SHOP.at(main, 5)),),
        databases=(Database("shop", "db", SHOP.at(main, 4), SHOP.span(main, "db = SQLAlchemy()")),),
        attachments=(
            Attachment(
                SHOP.span(main, "db.init_app(app)"),
                SHOP.at(main, 8),
                "shop",
                "db",
                "app",
                "shop:db",
                is_direct=False,
                function="create_app",
            ),
        ),
        models=(Model("shop.models", "User", "user", SHOP.at("shop/models.py", 2)),),
        config=Config(
            sites=(
                UriSite(
                    UriForm.ITEM,
                    SHOP.span(main, 'os.environ.get("DB", "sqlite:///shop.db")'),
                    SHOP.at(main, 7),
                    "shop",
                    "app.config",
                    variables=("DB",),
                    schemes=("sqlite",),
                ),
            )
        ),
        create_all=(
            CreateAll(
                SHOP.span(main, "db.create_all()"),
                SHOP.span(main, "db.create_all()"),
                SHOP.at(main, 11),
                CreateAllRole.START_UP,
                function="create_app",
            ),
        ),
        declarations=(Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 2, ("flask", "flask-sqlalchemy")),),
        existing=Existing(alembic=("migrations",), migrations_entries=("migrations/env.py",)),
        hints=(FlaskAppHint("shop", Location(".flaskenv", 1, "FLASK_APP=shop")),),
        unparsable=(SHOP.at("shop/broken.py", 2),),
    )


def test_nothing_is_written(tmp_path: Path):
    """Looking changes no file and leaves none behind."""
    (tmp_path / "app.py").write_text("raise SystemExit('imported')\nfrom flask import Flask\napp = Flask('x')\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*")}

    assert [app.spec for app in detect(tmp_path).apps] == ["app:app"]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*")} == before
