from __future__ import annotations

from flask import Blueprint, jsonify

from shop.db import db
from shop.models import Tea

bp = Blueprint("shop", __name__)


@bp.get("/")
def index():
    return jsonify([tea.name for tea in db.session.scalars(db.select(Tea).order_by(Tea.name))])
