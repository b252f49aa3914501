from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Reading(db.Model):
    __tablename__ = "readings"
    __table_args__ = (db.UniqueConstraint("sensor", "taken_at", name="one_reading_at_a_time"),)

    id = db.Column(db.Integer, primary_key=True)
    sensor = db.Column(db.String(40), nullable=False)
    taken_at = db.Column(db.DateTime, server_default=db.func.now())
    celsius = db.Column(db.Float)
