from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///library.db"

db = SQLAlchemy(app)
migrate = Migrate(app, db)


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)
    author_id = db.Column(db.Integer, db.ForeignKey("author.id"), nullable=False)


@app.route("/")
def index():
    return {"books": [book.title for book in Book.query.order_by(Book.id)]}


@app.cli.command("seed")
def seed():
    db.session.add_all([Author(id=1, name="Le Guin"), Book(title="The Dispossessed", author_id=1)])
    db.session.commit()
