import click
from flask import Blueprint, jsonify

from journal import db

bp = Blueprint("entries", __name__)


class Entry(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String, nullable=False)
    written = db.Column(db.DateTime, nullable=False, server_default=db.func.now())


@bp.route("/")
def index():
    return jsonify([entry.text for entry in Entry.query.order_by(Entry.id)])


@click.command("init-db")
def init_db():
    """Clear existing data and create new tables."""
    db.drop_all()
    db.create_all()
    click.echo("Initialized the database.")


@click.command("write")
@click.argument("text")
def write(text):
    db.session.add(Entry(text=text))
    db.session.commit()


@click.command("entries")
def show():
    for entry in Entry.query.order_by(Entry.id):
        click.echo(entry.text)


def register(app):
    from flask.cli import with_appcontext

    for command in (init_db, write, show):
        command.callback = with_appcontext(command.callback)
        app.cli.add_command(command)
    app.register_blueprint(bp)
