from datetime import date, datetime
from decimal import Decimal

import click
from flask.cli import with_appcontext

from shop.extensions import db
from shop.models import Address, Category, Coupon, Customer, Order, OrderItem, OrderStatus, Payment, Product, Review, Tag


@click.command("seed")
@with_appcontext
def seed():
    """Fill an empty shop with sample data."""
    if db.session.scalar(db.select(db.func.count(Customer.id))):
        raise click.ClickException("The shop has customers already.")
    customers = [
        Customer(email=f"{name.lower()}@example.com", name=name, birthday=date(1990, 1, day), newsletter=day % 2 == 0)
        for day, name in enumerate(["Ada", "Grace", "Edsger", "Barbara", "Donald"], start=1)
    ]
    for number, customer in enumerate(customers, start=1):
        customer.addresses.append(Address(street=f"{number} Main Street", postcode=f"{10000 + number}", city="Berlin"))
    kitchen = Category(slug="kitchen", title="Kitchen", children=[Category(slug="coffee", title="Coffee", position=1)])
    garden = Category(slug="garden", title="Garden", children=[Category(slug="tools", title="Tools", position=1)])
    tags = [Tag(name="new"), Tag(name="sale"), Tag(name="fair trade")]
    products = [
        Product(
            sku=f"P-{number:03}",
            title=f"Product {number}",
            price=Decimal(number) + Decimal("0.95"),
            weight_kg=number / 4,
            stock=number * 3,
            is_active=number != 7,
            attributes={"colour": ["red", "green", "blue"][number % 3]},
            category=[*kitchen.children, *garden.children][number % 2],
            tags=[tags[number % 3]],
        )
        for number in range(1, 13)
    ]
    coupon = Coupon(code="WELCOME", percent=Decimal("12.50"), valid_until=date(2030, 12, 31))
    orders = [
        Order(
            number=f"R-{number:05}",
            customer=customers[number % 5],
            coupon_code=coupon.code if number % 3 == 0 else None,
            status=list(OrderStatus)[number % 4],
            items=[
                OrderItem(product=product, quantity=1 + number % 3, unit_price=product.price)
                for product in products[number : number + 3]
            ],
        )
        for number in range(1, 9)
    ]
    paid = [order for order in orders if order.status in (OrderStatus.PAID, OrderStatus.SHIPPED)]
    payments = [
        Payment(order=order, method="card", amount=order.total, reference=f"T{order.number}", received_at=datetime(2024, 5, 17, 12))
        for order in paid
    ]
    reviews = [
        Review(product=product, customer_id=1 + number % 5, stars=1 + number % 5, text=f"Très bien, n° {number}")
        for number, product in enumerate(products[:6])
    ]
    db.session.add_all([*customers, coupon])
    db.session.flush()
    db.session.add_all([kitchen, garden, *products, *orders, *payments, *reviews])
    db.session.commit()
    click.echo(f"{len(customers)} customers, {len(products)} products, {len(orders)} orders")
