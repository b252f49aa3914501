from app import db


class Car(db.Model):
    plate = db.Column(db.String(12), primary_key=True)


class Ticket(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    plate = db.Column(db.String(12), db.ForeignKey("car.plate"), nullable=False)
