from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///parking.db"
db = SQLAlchemy(app)


@app.route("/health")
def health():
    return jsonify(ok=True)
