from app import app, db
from video.models import Client, Rental, Tape

with app.app_context():
    db.session.add_all([Client(name="Ada"), Tape(title="Brazil")])
    db.session.flush()
    db.session.add(Rental(client_id=1, tape_id=1))
    db.session.commit()
