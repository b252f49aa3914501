import os

from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

from .migrate import migrate

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///archive.db"
app.config["OLD_ARCHIVE"] = os.path.join(app.root_path, "papers.csv")

db = SQLAlchemy(app)


class Paper(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)
    year = db.Column(db.Integer, index=True)


@app.cli.command("create-tables")
def create_tables():
    db.create_all()


@app.cli.command("load")
def load():
    """Take over the papers of the old archive."""
    for title, year in migrate(app.config["OLD_ARCHIVE"]):
        db.session.add(Paper(title=title, year=year))
    db.session.commit()


@app.route("/papers")
def papers():
    return jsonify([paper.title for paper in Paper.query.order_by(Paper.year)])
