from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Paper(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)


class Visit(db.Model):
    __bind_key__ = "logs"

    id = db.Column(db.Integer, primary_key=True)
    page = db.Column(db.String(200), nullable=False)
