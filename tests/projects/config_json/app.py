import json

from flask import Flask, jsonify

from models import Room, db

app = Flask(__name__)
app.config.from_file("config.json", load=json.load)
db.init_app(app)


@app.get("/rooms")
def rooms():
    return jsonify([{"number": room.number, "beds": room.beds} for room in Room.query.order_by(Room.number)])


if __name__ == "__main__":
    app.run()
