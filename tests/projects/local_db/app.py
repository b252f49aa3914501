import click
from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy


def create_app():
    app = Flask(__name__)
    app.config.from_object("config")
    db = SQLAlchemy(app)

    class City(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(50), nullable=False, unique=True)

    class Reading(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        city_id = db.Column(db.Integer, db.ForeignKey("city.id"), nullable=False)
        celsius = db.Column(db.Float, nullable=False)

    with app.app_context():
        db.create_all()

    @app.route("/cities")
    def cities():
        return jsonify([city.name for city in City.query.order_by(City.name)])

    @app.cli.command("add-city")
    @click.argument("name")
    def add_city(name):
        city = City(name=name)
        db.session.add(city)
        db.session.flush()
        db.session.add(Reading(city_id=city.id, celsius=-3.5))
        db.session.commit()

    return app
