from shop.extensions import db
from shop.models.mixins import TimestampMixin


class Customer(TimestampMixin, db.Model):
    __tablename__ = "customers"

    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(255), nullable=False, unique=True, index=True)
    name = db.Column(db.String(120), nullable=False)
    birthday = db.Column(db.Date)
    newsletter = db.Column(db.Boolean, nullable=False, default=False)

    addresses = db.relationship("Address", back_populates="customer", cascade="all, delete-orphan")
    orders = db.relationship("Order", back_populates="customer")

    def to_dict(self):
        return {"id": self.id, "email": self.email, "name": self.name}


class Address(db.Model):
    __tablename__ = "addresses"
    __table_args__ = (db.UniqueConstraint("customer_id", "label", name="uq_addresses_customer_label"),)

    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True)
    label = db.Column(db.String(40), nullable=False, default="home")
    street = db.Column(db.String(200), nullable=False)
    postcode = db.Column(db.String(12), nullable=False)
    city = db.Column(db.String(80), nullable=False)
    country = db.Column(db.String(2), nullable=False, server_default="DE")

    customer = db.relationship("Customer", back_populates="addresses")
