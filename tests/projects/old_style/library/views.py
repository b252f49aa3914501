# -*- coding: utf-8 -*-
from flask import jsonify

from library import app
from library.models import Book


@app.route("/books")
def books():
    return jsonify([book.title for book in Book.query.order_by(Book.title)])
