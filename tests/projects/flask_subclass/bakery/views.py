from flask import Blueprint, jsonify

from .database import db
from .models import Loaf

loaves = Blueprint("loaves", __name__)


@loaves.get("/loaves")
def index():
    return jsonify([loaf.name for loaf in db.session.scalars(db.select(Loaf).order_by(Loaf.name))])
