import enum

from parcels.database import db


class State(enum.Enum):
    ANNOUNCED = "announced"
    DELIVERED = "delivered"


class Parcel(db.Model):
    __tablename__ = "parcel"
    __table_args__ = (db.CheckConstraint("weight > 0", name="ck_parcel_weight"),)

    id = db.Column(db.Integer, primary_key=True)
    code = db.Column(db.String(32), unique=True, nullable=False)
    weight = db.Column(db.Float, nullable=False, server_default="1")
    state = db.Column(db.Enum(State), nullable=False, default=State.ANNOUNCED)
