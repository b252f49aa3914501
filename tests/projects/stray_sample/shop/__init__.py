from flask import Flask

from .database import db


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db.init_app(app)

    from . import models, views

    app.register_blueprint(views.bp)
    app.cli.add_command(models.seed)
    return app
