"""What is kept in the database."""

from sqlalchemy import String
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Loaf(db.Model):  # pylint: disable=too-few-public-methods
    """A loaf in the shop window."""

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(String(80), unique=True, nullable=False)
    grams = db.Column(db.Integer, nullable=False)
