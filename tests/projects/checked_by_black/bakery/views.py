"""What people see."""

import click
from flask import Blueprint
from flask.cli import with_appcontext

from bakery.models import Loaf, db

blueprint = Blueprint("bakery", __name__)


@blueprint.get("/")
def index():
    """List the labels."""
    loaves = db.session.scalars(db.select(Loaf).order_by(Loaf.name))
    return [f"{loaf.name}, {loaf.grams} g" for loaf in loaves]


@click.command("seed")
@with_appcontext
def seed():
    """Bake."""
    db.session.add_all([Loaf(name="Rye", grams=500), Loaf(name="Spelt", grams=750)])
    db.session.commit()
