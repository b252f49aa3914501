from rest.app import app, initialize_app
from rest.database import reset_database

initialize_app(app)
with app.app_context():
    reset_database()
