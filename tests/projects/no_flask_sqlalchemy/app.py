from flask import Flask, jsonify

from board.database import session
from board.models import Message

app = Flask(__name__)


@app.teardown_appcontext
def shutdown_session(exception=None):
    session.remove()


@app.route("/")
def index():
    return jsonify([message.text for message in session.query(Message)])
