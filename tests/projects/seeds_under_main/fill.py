"""Add a patient with an appointment to a database that app.py has made; make it if it is not there."""
from app import Appointment, User, app, db

with app.app_context():
    db.create_all()
    db.session.add(User(username='admin', role='admin'))
    db.session.add(User(username='ada', appointments=[Appointment()]))
    db.session.commit()
