from flask import Flask

from config import config

from .extensions import db


def create_app(name='default'):
    app = Flask(__name__)
    app.config.from_object(config[name])

    db.init_app(app)

    from .routes import api
    app.register_blueprint(api)

    return app
