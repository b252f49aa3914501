import click
from flask.cli import with_appcontext

from .database import db


class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(60), nullable=False)


@click.command()
@with_appcontext
def seed():
    """Make the tables and a product."""
    db.create_all()
    db.session.add(Product(name="lamp"))
    db.session.commit()
