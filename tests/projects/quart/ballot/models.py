from ballot import db


class Vote(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    choice = db.Column(db.String(40), nullable=False)
