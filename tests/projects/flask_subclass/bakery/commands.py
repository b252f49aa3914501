import click
from flask.cli import with_appcontext

from .database import db
from .models import Flour, Loaf


@click.command()
@with_appcontext
def bake():
    """Fill the shelves of a new shop."""
    db.create_all()
    rye = Flour(kind="rye")
    db.add(rye, Loaf(name="Sourdough", price="4.20", flour=rye), Loaf(name="Pumpernickel", price="3.90", flour=rye))
