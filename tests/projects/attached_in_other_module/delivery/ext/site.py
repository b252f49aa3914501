from flask import Blueprint, jsonify

from delivery.ext.db.models import Store

bp = Blueprint("site", __name__)


@bp.route("/")
def index():
    return jsonify([store.name for store in Store.query.filter_by(active=True)])


def init_app(app):
    app.register_blueprint(bp)
