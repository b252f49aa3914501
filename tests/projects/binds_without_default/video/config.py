from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///database.db"
app.config["SQLALCHEMY_BINDS"] = {
    "clients": "sqlite:///clients.db",
    "rentals": "sqlite:///rentals.db",
}

db = SQLAlchemy(app)
