from results import create_app
from results.models import Result, db

with create_app().app_context():
    db.create_all()
    db.session.add_all([Result(outcome="PASSED"), Result(outcome="FAILED")])
    db.session.commit()
