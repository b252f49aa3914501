from flask import Flask

from mailer.models import db


def create_app():
    app = Flask(__name__)
    app.config.from_object("mailer.settings.Settings")
    db.init_app(app)
    return app
