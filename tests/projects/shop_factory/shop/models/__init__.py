from shop.models.customer import Address, Customer
from shop.models.order import Coupon, Order, OrderItem, OrderStatus, Payment
from shop.models.product import Category, Product, Review, product_tags, Tag

__all__ = [
    "Address",
    "Category",
    "Coupon",
    "Customer",
    "Order",
    "OrderItem",
    "OrderStatus",
    "Payment",
    "Product",
    "Review",
    "Tag",
    "product_tags",
]
