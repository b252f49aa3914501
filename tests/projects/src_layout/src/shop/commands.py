from __future__ import annotations

from decimal import Decimal

import click
from flask.cli import with_appcontext

from shop.db import db
from shop.models import Country, Tea


@click.command("load-catalogue")
@with_appcontext
def load_catalogue() -> None:
    """Make the tables and fill them with the teas of this season."""
    db.create_all()
    japan = Country(name="Japan")
    db.session.add_all([
        Tea(name="Sencha", price=Decimal("8.50"), country=japan),
        Tea(name="Hojicha", price=Decimal("6.90"), country=japan),
    ])
    db.session.commit()


@click.command("list")
@with_appcontext
def list_teas() -> None:
    """Print the catalogue."""
    for tea in db.session.scalars(db.select(Tea).order_by(Tea.name)):
        click.echo(f"{tea.name} {tea.price}")
