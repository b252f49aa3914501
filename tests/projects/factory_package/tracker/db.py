import click
from flask.cli import with_appcontext
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def register(app):
    """Attach the database and the commands that work on it."""
    db.init_app(app)
    app.cli.add_command(seed)

    with app.app_context():
        from . import models  # noqa: F401

        db.create_all()


@click.command("seed")
@with_appcontext
def seed():
    """Add some people and bugs."""
    from .models import Bug, Person, Severity

    people = [Person(login=login) for login in ("ann", "bob", "cem")]
    bugs = [Bug(title=f"Bug {number}", severity=Severity.minor, reporter=people[number % 3]) for number in range(6)]
    bugs[5].duplicate_of = bugs[0]
    bugs[1].watchers.extend(people[:2])
    db.session.add_all([*people, *bugs])
    db.session.commit()
