from flask import Blueprint, jsonify

from library.models import Book

books = Blueprint("books", __name__)


@books.route("/")
def index():
    return jsonify([{"title": book.title, "author": book.author.name} for book in Book.query.order_by(Book.title)])
