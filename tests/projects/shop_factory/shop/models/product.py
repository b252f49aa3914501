from shop.extensions import db
from shop.models.mixins import TimestampMixin

product_tags = db.Table(
    "product_tags",
    db.Column("product_id", db.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
)


class Category(db.Model):
    __tablename__ = "categories"

    id = db.Column(db.Integer, primary_key=True)
    parent_id = db.Column(db.ForeignKey("categories.id"), index=True)
    slug = db.Column(db.String(80), nullable=False, unique=True)
    title = db.Column(db.String(80), nullable=False)
    position = db.Column(db.SmallInteger, nullable=False, default=0)

    children = db.relationship("Category", back_populates="parent")
    parent = db.relationship("Category", back_populates="children", remote_side=[id])
    products = db.relationship("Product", back_populates="category")


class Product(TimestampMixin, db.Model):
    __tablename__ = "products"
    __table_args__ = (
        db.CheckConstraint("price >= 0", name="ck_products_price"),
        db.CheckConstraint("stock >= 0", name="ck_products_stock"),
        db.Index("ix_products_category_title", "category_id", "title"),
    )

    id = db.Column(db.Integer, primary_key=True)
    category_id = db.Column(db.ForeignKey("categories.id"), nullable=False)
    sku = db.Column(db.String(32), nullable=False, unique=True)
    title = db.Column(db.String(160), nullable=False)
    description = db.Column(db.Text)
    price = db.Column(db.Numeric(10, 2), nullable=False)
    weight_kg = db.Column(db.Float)
    stock = db.Column(db.Integer, nullable=False, default=0)
    is_active = db.Column(db.Boolean, nullable=False, default=True, index=True)
    attributes = db.Column(db.JSON)

    category = db.relationship("Category", back_populates="products")
    reviews = db.relationship("Review", back_populates="product", cascade="all, delete-orphan")
    tags = db.relationship("Tag", secondary=product_tags, back_populates="products")

    def to_dict(self):
        return {"id": self.id, "sku": self.sku, "title": self.title, "price": str(self.price), "stock": self.stock}


class Tag(db.Model):
    __tablename__ = "tags"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False, unique=True)

    products = db.relationship("Product", secondary=product_tags, back_populates="tags")


class Review(TimestampMixin, db.Model):
    __tablename__ = "reviews"
    __table_args__ = (
        db.UniqueConstraint("product_id", "customer_id", name="uq_reviews_product_customer"),
        db.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_reviews_stars"),
    )

    id = db.Column(db.Integer, primary_key=True)
    product_id = db.Column(db.ForeignKey("products.id", ondelete="CASCADE"), nullable=False)
    customer_id = db.Column(db.ForeignKey("customers.id", ondelete="SET NULL"))
    stars = db.Column(db.SmallInteger, nullable=False)
    text = db.Column(db.Text)

    product = db.relationship("Product", back_populates="reviews")
