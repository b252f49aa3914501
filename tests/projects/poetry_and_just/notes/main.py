from flask import Flask

from notes.config import Settings
from notes.models import db
from notes.web import bp


def create_app(settings: Settings | None = None) -> Flask:
    app = Flask("notes")
    app.config.from_object(settings or Settings())
    db.init_app(app)
    app.register_blueprint(bp)
    return app


def main() -> None:
    create_app().run()
