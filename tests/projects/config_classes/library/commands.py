import click

from library.extensions import db
from library.models import Author, Book


def register_commands(app):
    @app.cli.command("init-db")
    @click.option("--drop", is_flag=True, help="Drop all tables first.")
    def init_db(drop):
        """Make the tables."""
        if drop:
            click.confirm("This deletes the database. Go on?", abort=True)
            db.drop_all()
        db.create_all()
        click.echo("Initialized database.")

    @app.cli.command("import-books")
    def import_books():
        """Put the first books into the catalogue."""
        author = Author(name="Selma Lagerlöf")
        author.books = [Book(title="Jerusalem", isbn="9780000000019"), Book(title="Gösta Berlings saga")]
        db.session.add(author)
        db.session.commit()
