from datetime import datetime

from polls import db


class Question(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(200), nullable=False)
    asked = db.Column(db.DateTime, default=datetime.now, index=True)
    choices = db.relationship('Choice', backref='question')


class Choice(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(80), nullable=False)
    votes = db.Column(db.Integer, default=0, nullable=False)
    question_id = db.Column(db.Integer, db.ForeignKey('question.id'))
