import time

from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Timestamped:
    created_at = db.Column(db.Integer, nullable=False, default=lambda: int(time.time()))


class User(Timestamped, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(40), unique=True)

    def __str__(self):
        return self.username


class Client(Timestamped, db.Model):
    __tablename__ = 'client'

    id = db.Column(db.Integer, primary_key=True)
    client_id = db.Column(db.String(48), index=True)
    user_id = db.Column(db.Integer, db.ForeignKey('user.id', ondelete='CASCADE'))
    user = db.relationship('User')
