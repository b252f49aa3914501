from flask import Flask

from shop.accounts import db as accounts_db
from shop.catalogue import db as catalogue_db


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    accounts_db.init_app(app)
    catalogue_db.init_app(app)
    return app
