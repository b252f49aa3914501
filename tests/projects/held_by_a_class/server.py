import sys

from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy


class Server:
    def __init__(self, app, **options):
        self.app = app
        self.app.config.update(options)

    def run(self):
        self.app.run(host="0.0.0.0")


server = Server(Flask(__name__), SQLALCHEMY_DATABASE_URI="sqlite:///beds.db")
db = SQLAlchemy(server.app)


class Bed(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    ward = db.Column(db.String(10), nullable=False)


@server.app.route("/")
def beds():
    return jsonify([bed.ward for bed in Bed.query])


def seed():
    with server.app.app_context():
        db.create_all()
        db.session.add(Bed(ward="north"))
        db.session.commit()


if __name__ == "__main__":
    seed() if "seed" in sys.argv else server.run()
