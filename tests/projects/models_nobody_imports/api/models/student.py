from init import db


class Model(db.Model):
    __tablename__ = 'students'

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)
    index_number = db.Column(db.String(12), unique=True)
