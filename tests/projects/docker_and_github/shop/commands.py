import click
from flask.cli import with_appcontext

from shop.models import Product, db


@click.command("init-db")
@with_appcontext
def init_db():
    """Make the tables that are missing."""
    db.create_all()


@click.command("seed")
@with_appcontext
def seed():
    """Put in a few products."""
    db.session.add_all([Product(name="tea", price="3.20"), Product(name="coffee", price="7.90")])
    db.session.commit()
