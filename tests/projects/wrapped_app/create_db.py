import os

from config import app, db
from models import Person

# Data to initialize database with
PEOPLE = [
    {"fname": "Doug", "lname": "Farrell"},
    {"fname": "Kent", "lname": "Brockman"},
]

# Delete database file if it exists currently
if os.path.exists("people.db"):
    os.remove("people.db")

with app.app_context():
    db.create_all()
    for person in PEOPLE:
        db.session.add(Person(lname=person["lname"], fname=person["fname"]))
    db.session.commit()
