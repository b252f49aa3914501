from flask import Blueprint, current_app, jsonify, request

from shop.extensions import db
from shop.models import Category, Product

catalogue = Blueprint("catalogue", __name__)


@catalogue.get("/")
def index():
    query = db.select(Product).where(Product.is_active).order_by(Product.title)
    if slug := request.args.get("category"):
        query = query.join(Category).where(Category.slug == slug)
    page = db.paginate(query, per_page=current_app.config["PRODUCTS_PER_PAGE"])
    return jsonify(products=[product.to_dict() for product in page.items], pages=page.pages)


@catalogue.get("/<sku>")
def show(sku):
    return jsonify(db.first_or_404(db.select(Product).filter_by(sku=sku)).to_dict())
