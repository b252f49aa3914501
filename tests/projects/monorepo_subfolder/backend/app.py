from flask import Flask, jsonify

from config import Config
from models import Chore, db

app = Flask(__name__)
app.config.from_object(Config)

db.init_app(app)


@app.route("/api/chores")
def chores():
    return jsonify([chore.to_dict() for chore in Chore.query.all()])
