import click
from flask.cli import AppGroup

from parcels.database import db
from parcels.models import Parcel

parcels = AppGroup("parcels")


@parcels.command("init")
def init():
    db.create_all()


@parcels.command("add")
@click.argument("code")
def add(code):
    db.session.add(Parcel(code=code, weight=2.5))
    db.session.commit()


@parcels.command("list")
def show():
    for parcel in db.session.scalars(db.select(Parcel).order_by(Parcel.code)):
        click.echo(f"{parcel.code} {parcel.state.value}")
