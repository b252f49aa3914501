"""What is baked today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from bakery import views
from bakery.config import Config
from bakery.models import db

if TYPE_CHECKING:
    from collections.abc import Mapping


def create_app(settings: Mapping[str, object] | None = None) -> Flask:
    """Make the application; tests give it settings of their own."""
    app = Flask(__name__)
    app.config.from_object(Config)
    app.config.update(settings or {})
    db.init_app(app)
    with app.app_context():
        db.create_all()
    app.register_blueprint(views.blueprint)
    app.cli.add_command(views.seed)
    return app
