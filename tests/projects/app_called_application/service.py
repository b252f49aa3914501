import pathlib

import click
from flask import Flask, jsonify

from database import Reading, db

data = pathlib.Path(__file__).parent / "data"
data.mkdir(exist_ok=True)

application = Flask(__name__)
application.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{data / 'readings.db'}"
db.init_app(application)

with application.app_context():
    db.create_all()


@application.get("/readings")
def readings():
    return jsonify([[reading.sensor, reading.celsius] for reading in Reading.query])


@application.cli.command()
def load():
    db.session.add_all([Reading(sensor="roof", celsius=-3.5), Reading(sensor="cellar", celsius=9.0)])
    db.session.commit()


@application.cli.command("list")
def show():
    for reading in Reading.query.order_by(Reading.id):
        click.echo(f"{reading.sensor} {reading.celsius}")


if __name__ == "__main__":
    application.run()
