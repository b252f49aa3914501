import click

from polls import app, db
from polls.models import Choice, Question


@app.cli.command()
def initdb():
    """Make the tables."""
    db.create_all()
    click.echo('Initialized database.')


@app.cli.command()
@click.option('--count', default=2, help='How many questions.')
def forge(count):
    """Make some questions up."""
    for number in range(count):
        question = Question(text=f'Question {number}?')
        question.choices = [Choice(text='Yes'), Choice(text='No')]
        db.session.add(question)
    db.session.commit()
