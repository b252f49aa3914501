import enum

from .db import db

watchers = db.Table(
    "watchers",
    db.Column("person_id", db.Integer, db.ForeignKey("person.id"), primary_key=True),
    db.Column("bug_id", db.Integer, db.ForeignKey("bug.id"), primary_key=True),
)


class Severity(enum.Enum):
    minor = 1
    major = 2
    critical = 3


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    login = db.Column(db.String(40), unique=True, nullable=False)
    email = db.Column(db.String(255), index=True)


class Bug(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)
    severity = db.Column(db.Enum(Severity), nullable=False)
    estimate = db.Column(db.Numeric(6, 2))
    reporter_id = db.Column(db.Integer, db.ForeignKey("person.id"), nullable=False)
    duplicate_of_id = db.Column(db.Integer, db.ForeignKey("bug.id"))

    reporter = db.relationship("Person")
    duplicate_of = db.relationship("Bug", remote_side=[id])
    watchers = db.relationship("Person", secondary=watchers)
