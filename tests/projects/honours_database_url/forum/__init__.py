from flask import Flask

from .cli import forum_cli
from .models import db
from .routes import posts


def create_app(config="forum.settings"):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    app.register_blueprint(posts)
    app.cli.add_command(forum_cli)
    return app
