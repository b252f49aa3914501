from flask import Blueprint, jsonify, request

from shop.extensions import db
from shop.models import Customer, Order, OrderItem, Product

orders = Blueprint("orders", __name__)


@orders.get("/<number>")
def show(number):
    return jsonify(db.first_or_404(db.select(Order).filter_by(number=number)).to_dict())


@orders.post("/")
def create():
    wanted = request.get_json()
    customer = db.first_or_404(db.select(Customer).filter_by(email=wanted["email"]))
    count = db.session.scalar(db.select(db.func.count(Order.id)))
    order = Order(number=f"R-{count + 1:05}", customer=customer)
    db.session.add(order)
    for sku, quantity in wanted["items"].items():
        product = db.first_or_404(db.select(Product).filter_by(sku=sku))
        product.stock -= quantity
        order.items.append(OrderItem(product=product, quantity=quantity, unit_price=product.price))
    db.session.commit()
    return jsonify(order.to_dict()), 201
