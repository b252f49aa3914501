"""What people see."""

from __future__ import annotations

import click
from flask import Blueprint
from flask.cli import with_appcontext

from bakery.models import Loaf, db, shown

blueprint = Blueprint("bakery", __name__)


@blueprint.get("/")
def index() -> list[str]:
    """List the labels."""
    loaves = db.session.scalars(db.select(Loaf).order_by(Loaf.name))
    return [shown(loaf.name, loaf.grams) for loaf in loaves]


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Bake."""
    db.session.add_all([Loaf(name="Rye", grams=500), Loaf(name="Spelt", grams=750)])
    db.session.commit()
