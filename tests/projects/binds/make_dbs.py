from archive import create_app
from archive.models import Paper, Visit, db

with create_app().app_context():
    db.create_all()
    db.session.add_all([Paper(title="On Binds"), Visit(page="/")])
    db.session.commit()
