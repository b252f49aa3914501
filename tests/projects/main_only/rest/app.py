from flask import Flask, jsonify

from rest import settings
from rest.database import db
from rest.models import Post

app = Flask(__name__)


@app.route("/posts")
def posts():
    return jsonify([post.title for post in Post.query])


def configure_app(flask_app):
    flask_app.config["SQLALCHEMY_DATABASE_URI"] = settings.SQLALCHEMY_DATABASE_URI


def initialize_app(flask_app):
    configure_app(flask_app)
    db.init_app(flask_app)


def main():
    initialize_app(app)
    app.run(debug=settings.FLASK_DEBUG)


if __name__ == "__main__":
    main()
