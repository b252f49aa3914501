from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///station.db"
db = SQLAlchemy(app)

with app.app_context():
    db.reflect()


class Reading(db.Model):
    __table__ = db.metadata.tables["reading"]


@app.route("/")
def index():
    return jsonify([reading.value for reading in Reading.query])
