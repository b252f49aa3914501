"""A small shop for tea."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask

from shop.commands import list_teas, load_catalogue
from shop.db import db
from shop.views import bp


def create_app(test_config: dict[str, Any] | None = None) -> Flask:
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(
        SECRET_KEY="dev",
        SQLALCHEMY_DATABASE_URI="sqlite:///shop.sqlite",
    )
    if test_config is None:
        app.config.from_pyfile("config.py", silent=True)
    else:
        app.config.from_mapping(test_config)

    os.makedirs(app.instance_path, exist_ok=True)

    db.init_app(app)
    app.register_blueprint(bp)
    app.cli.add_command(load_catalogue)
    app.cli.add_command(list_teas)
    return app
