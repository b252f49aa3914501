from flask import Flask

from results.models import db


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///results.db"
    db.init_app(app)
    return app
