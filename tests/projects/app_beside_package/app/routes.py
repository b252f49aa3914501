from flask import Blueprint, jsonify

from .models.dish import Dish

api = Blueprint('api', __name__)


@api.route('/dishes')
def dishes():
    return jsonify([{'name': dish.name, 'price': dish.price} for dish in Dish.query.all()])
