import os

os.environ["WEATHER_API_KEY"] = "none"

from app import app  # noqa: E402
from models import Report, db  # noqa: E402

with app.app_context():
    db.create_all()
    db.session.add(Report(text="Rain"))
    db.session.commit()
