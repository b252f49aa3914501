"""Flask app for the pet adoption agency."""

from flask import Flask, jsonify, request

from models import Pet, connect_db, db

app = Flask(__name__)

app.config['SECRET_KEY'] = "abcdef"

app.config['SQLALCHEMY_DATABASE_URI'] = "sqlite:///adopt.db"
app.config['SQLALCHEMY_TRACK_MODIFICATIONS'] = False

connect_db(app)


@app.route("/pets")
def list_pets():
    """List all pets."""
    pets = Pet.query.order_by(Pet.id).all()
    return jsonify([{"name": pet.name, "image": pet.image_url()} for pet in pets])


@app.route("/pets", methods=["POST"])
def add_pet():
    """Add a pet."""
    pet = Pet(name=request.json["name"], species=request.json["species"])
    db.session.add(pet)
    db.session.commit()
    return jsonify(id=pet.id), 201
