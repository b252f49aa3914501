import enum

from shop.extensions import db
from shop.models.mixins import TimestampMixin


class OrderStatus(enum.Enum):
    OPEN = "open"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Coupon(db.Model):
    __tablename__ = "coupons"
    __table_args__ = (db.CheckConstraint("percent > 0 AND percent <= 100", name="ck_coupons_percent"),)

    code = db.Column(db.String(20), primary_key=True)
    percent = db.Column(db.Numeric(5, 2), nullable=False)
    valid_until = db.Column(db.Date, index=True)


class Order(TimestampMixin, db.Model):
    __tablename__ = "orders"

    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20), nullable=False, unique=True)
    customer_id = db.Column(db.ForeignKey("customers.id"), nullable=False, index=True)
    address_id = db.Column(db.ForeignKey("addresses.id"))
    coupon_code = db.Column(db.ForeignKey("coupons.code"))
    status = db.Column(db.Enum(OrderStatus, name="order_status"), nullable=False, default=OrderStatus.OPEN, index=True)
    note = db.Column(db.Text)

    customer = db.relationship("Customer", back_populates="orders")
    items = db.relationship("OrderItem", back_populates="order", cascade="all, delete-orphan")
    payments = db.relationship("Payment", back_populates="order")

    @property
    def total(self):
        return sum(item.quantity * item.unit_price for item in self.items)

    def to_dict(self):
        return {"number": self.number, "status": self.status.value, "total": str(self.total)}


class OrderItem(db.Model):
    __tablename__ = "order_items"
    __table_args__ = (db.CheckConstraint("quantity > 0", name="ck_order_items_quantity"),)

    order_id = db.Column(db.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    product_id = db.Column(db.ForeignKey("products.id"), primary_key=True)
    quantity = db.Column(db.Integer, nullable=False, default=1)
    unit_price = db.Column(db.Numeric(10, 2), nullable=False)

    order = db.relationship("Order", back_populates="items")
    product = db.relationship("Product")


class Payment(db.Model):
    __tablename__ = "payments"

    id = db.Column(db.Integer, primary_key=True)
    order_id = db.Column(db.ForeignKey("orders.id"), nullable=False, index=True)
    method = db.Column(db.Enum("card", "transfer", "invoice", name="payment_method"), nullable=False)
    amount = db.Column(db.Numeric(12, 2), nullable=False)
    reference = db.Column(db.String(64), unique=True)
    received_at = db.Column(db.DateTime)

    order = db.relationship("Order", back_populates="payments")
