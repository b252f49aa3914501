from main import app
from website.models import Note, User, db

with app.app_context():
    tim = User(email='tim@notes.example', first_name='Tim')
    tim.notes.append(Note(data='Buy milk'))
    db.session.add(tim)
    db.session.commit()
