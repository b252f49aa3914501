from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Room(db.Model):
    number = db.Column(db.Integer, primary_key=True, autoincrement=False)
    beds = db.Column(db.SmallInteger, nullable=False, server_default="2")


class Booking(db.Model):
    __tablename__ = "bookings"
    __table_args__ = (db.UniqueConstraint("room_number", "night"),)

    id = db.Column(db.Integer, primary_key=True)
    room_number = db.Column(db.ForeignKey("room.number", ondelete="CASCADE"), nullable=False)
    night = db.Column(db.Date, nullable=False)
    guest = db.Column(db.String(60), nullable=False)
