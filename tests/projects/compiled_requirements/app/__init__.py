import click
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", SQLALCHEMY_DATABASE_URI="sqlite:///tickets.db")
    db.init_app(app)

    from app.models import Ticket

    @app.cli.command()
    @click.option("--title", default="broken")
    def seed(title):
        """Make the tables and a ticket."""
        db.create_all()
        db.session.add(Ticket(title=title))
        db.session.commit()

    return app
