from video.config import db


class Tape(db.Model):
    __bind_key__ = "rentals"
    __tablename__ = "tapes"

    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String)


class Client(db.Model):
    __bind_key__ = "rentals"
    __tablename__ = "clients"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


class Rental(db.Model):
    __bind_key__ = "rentals"
    __tablename__ = "rentals"

    id = db.Column(db.Integer, primary_key=True)
    client_id = db.Column(db.Integer, db.ForeignKey("clients.id"))
    tape_id = db.Column(db.Integer, db.ForeignKey("tapes.id"))
