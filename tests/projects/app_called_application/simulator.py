"""A sensor for the desk: answers as the real ones do."""

from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/")
def celsius():
    return jsonify(21.5)
