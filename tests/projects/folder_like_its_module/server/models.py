from app import db


class Sailing(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    harbour = db.Column(db.String(80), nullable=False)
    leaves = db.Column(db.String(20), nullable=False)
