import os

from flask import Flask

from shop.models import db, migrate


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or "sqlite:///shop.db"
    db.init_app(app)
    migrate.init_app(app, db)

    from shop.commands import init_db, seed

    app.cli.add_command(init_db)
    app.cli.add_command(seed)
    return app
