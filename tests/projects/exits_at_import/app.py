import os
import sys

from flask import Flask

from models import db

API_KEY = os.getenv("WEATHER_API_KEY")
if not API_KEY:
    print("WEATHER_API_KEY is not set, see the README")
    sys.exit(1)

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///weather.db"
db.init_app(app)
