from flask import Flask

from delivery.ext import cli, config, db, site


def create_app():
    """Factory to create a Flask app based on the extensions"""
    app = Flask(__name__)
    config.init_app(app)
    db.init_app(app)
    cli.init_app(app)
    site.init_app(app)
    return app
