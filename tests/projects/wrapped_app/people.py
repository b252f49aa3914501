from flask import jsonify

from models import Person


def read_all():
    """GET /people: everybody, by last name."""
    return jsonify([[person.lname, person.fname] for person in Person.query.order_by(Person.lname)])
