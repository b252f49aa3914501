from datetime import datetime, timezone

from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///notes.db"

db = SQLAlchemy(app)


class Notebook(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80), nullable=False, unique=True)
    notes = db.relationship("Note", backref="notebook", lazy=True)


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    notebook_id = db.Column(db.Integer, db.ForeignKey("notebook.id"), nullable=False)
    text = db.Column(db.Text, nullable=False)
    pinned = db.Column(db.Boolean, default=False)
    created = db.Column(db.DateTime, index=True, default=lambda: datetime.now(timezone.utc).replace(tzinfo=None))


with app.app_context():
    db.create_all()


@app.route("/notes")
def notes():
    return jsonify([note.text for note in Note.query.order_by(Note.created)])


@app.route("/notes", methods=["POST"])
def add_note():
    book = Notebook.query.get_or_404(request.json["notebook"])
    note = Note(notebook=book, text=request.json["text"])
    db.session.add(note)
    db.session.commit()
    return jsonify(id=note.id), 201


@app.cli.command("seed")
def seed():
    """Add a notebook with some notes."""
    book = Notebook(title="Errands")
    db.session.add(book)
    db.session.add_all([Note(notebook=book, text=text) for text in ("bread", "stamps", "crème fraîche")])
    db.session.commit()


if __name__ == "__main__":
    app.run(debug=True)
