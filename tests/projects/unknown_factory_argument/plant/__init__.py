from flask import Flask

from plant.models import db


def create_app(settings):
    app = Flask(__name__)
    app.config["PLANT"] = settings["name"]
    app.config["SQLALCHEMY_DATABASE_URI"] = settings["database"]
    db.init_app(app)
    return app
