import click
from flask.cli import AppGroup

from .models import Post, db

forum_cli = AppGroup("forum", help="Look after the forum.")


@forum_cli.command()
def create():
    db.create_all()


@forum_cli.command()
@click.argument("text")
def post(text):
    db.session.add(Post(text=text))
    db.session.commit()


@forum_cli.command()
def posts():
    for one in Post.query.order_by(Post.id):
        click.echo(f"{one.id} {one.text}")
