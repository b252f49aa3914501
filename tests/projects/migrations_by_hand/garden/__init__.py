from flask import Flask

from garden.models import db


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///garden.db"
    db.init_app(app)
    return app
