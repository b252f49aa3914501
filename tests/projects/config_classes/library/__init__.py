from flask import Flask

from library.commands import register_commands
from library.extensions import db
from library.settings import config
from library.views import books


def create_app(config_name):
    app = Flask("library")
    app.config.from_object(config[config_name])

    register_extensions(app)
    register_blueprints(app)
    register_commands(app)
    register_shell_context(app)
    return app


def register_extensions(app):
    db.init_app(app)


def register_blueprints(app):
    app.register_blueprint(books, url_prefix="/books")


def register_shell_context(app):
    @app.shell_context_processor
    def make_shell_context():
        return {"db": db}
