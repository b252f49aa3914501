import click

from delivery.ext.db import db, models


def create_db():
    """Creates the database."""
    db.create_all()


def populate_db():
    """Puts the first stores in."""
    bakery = models.Category(name="Bakery")
    db.session.add_all([models.Store(name="Knead", category=bakery, active=True), models.Store(name="Crust")])
    db.session.commit()


def stores():
    """Lists the stores."""
    for store in models.Store.query.order_by(models.Store.name):
        click.echo(store.name)


def init_app(app):
    for command in (create_db, populate_db, stores):
        app.cli.command(command.__name__.replace("_", "-"))(command)
