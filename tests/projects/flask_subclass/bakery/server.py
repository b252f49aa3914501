from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from .commands import bake
from .database import db
from .views import loaves


class Bakery(Flask):
    """The application: its configuration, its database, its pages."""

    def __init__(self) -> None:
        super().__init__("bakery")
        self._configure()
        db.init_app(self)
        self.register_blueprint(loaves)
        self.cli.add_command(bake)

    def _configure(self) -> None:
        var = Path(self.root_path).parent / "var"
        var.mkdir(exist_ok=True)
        self.config.update(
            SECRET_KEY=os.environ.get("BAKERY_SECRET", "flour"),
            SQLALCHEMY_DATABASE_URI=f"sqlite:///{var / 'bakery.db'}",
        )
