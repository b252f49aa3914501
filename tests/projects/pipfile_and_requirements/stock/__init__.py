import os

from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI="sqlite:///" + os.path.join(os.path.dirname(app.root_path), "stock.db"),
    SQLALCHEMY_TRACK_MODIFICATIONS=False,
)
db = SQLAlchemy(app)

from stock import commands, models  # noqa: E402,F401


@app.route("/items")
def items():
    return jsonify({item.sku: item.amount for item in models.Item.query})
