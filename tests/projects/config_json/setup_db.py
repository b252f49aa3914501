from datetime import date

from app import app
from models import Booking, Room, db

with app.app_context():
    db.create_all()
    db.session.add_all(Room(number=number) for number in (101, 102, 201))
    db.session.add(Booking(room_number=101, night=date(2024, 5, 1), guest="Mr Fawlty"))
    db.session.commit()
