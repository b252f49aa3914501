from flask import Blueprint, jsonify

from .models import Bug

bp = Blueprint("bugs", __name__)


@bp.route("/")
def index():
    return jsonify([bug.title for bug in Bug.query.order_by(Bug.id)])
