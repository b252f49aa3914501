from flask import Blueprint, jsonify

from .models import Product

bp = Blueprint("views", __name__)


@bp.route("/")
def index():
    return jsonify([product.name for product in Product.query])
