import os

from flask import Flask

from config import config
from shop.extensions import db


def create_app(config_name=None):
    app = Flask(__name__)
    app.config.from_object(config[config_name or os.environ.get("SHOP_CONFIG", "development")])

    db.init_app(app)

    from shop.blueprints.catalogue import catalogue
    from shop.blueprints.orders import orders

    app.register_blueprint(catalogue, url_prefix="/products")
    app.register_blueprint(orders, url_prefix="/orders")

    from shop.commands import seed

    app.cli.add_command(seed)

    with app.app_context():
        db.create_all()

    return app
