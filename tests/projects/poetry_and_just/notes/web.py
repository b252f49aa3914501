import click
from flask import Blueprint

from notes.models import Note, db

bp = Blueprint("web", __name__, cli_group=None)


@bp.get("/")
def index():
    return [note.text for note in db.session.execute(db.select(Note)).scalars()]


@bp.cli.command("init")
def init():
    db.create_all()


@bp.cli.command("add")
@click.argument("text")
def add(text):
    db.session.add(Note(text=text))
    db.session.commit()


@bp.cli.command("show")
def show():
    for note in db.session.execute(db.select(Note).order_by(Note.id)).scalars():
        click.echo(note.text)
