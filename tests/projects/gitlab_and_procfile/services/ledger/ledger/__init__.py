import os

import click
from flask import Flask

from ledger.models import Account, db


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///ledger.db"
    app.config["CURRENCY"] = os.environ["LEDGER_CURRENCY"]
    db.init_app(app)

    @app.cli.command("open-account")
    @click.argument("name")
    def open_account(name):
        """Open an account."""
        db.session.add(Account(name=name))
        db.session.commit()

    @app.route("/")
    def accounts():
        return {account.name: account.balance for account in Account.query}

    return app
