import click
from app import app, db
from models import Sailing


@app.cli.command("create-tables")
def create_tables():
    db.create_all()


@app.cli.command("sail")
@click.argument("harbour")
@click.argument("leaves")
def sail(harbour, leaves):
    db.session.add(Sailing(harbour=harbour, leaves=leaves))
    db.session.commit()


@app.cli.command("timetable")
def timetable():
    for one in Sailing.query.order_by(Sailing.id):
        print(one.harbour, one.leaves)
