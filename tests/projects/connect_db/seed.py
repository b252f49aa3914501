"""Seed file to make sample data for the database."""

from app import app
from models import Pet, db

app.app_context().push()

# Create all tables
db.drop_all()
db.create_all()

db.session.add_all([
    Pet(name="Woofly", species="dog", age=3),
    Pet(name="Porchetta", species="porcupine", photo_url="/static/porchetta.jpg"),
    Pet(name="Snargle", species="cat", available=False),
])
db.session.commit()
