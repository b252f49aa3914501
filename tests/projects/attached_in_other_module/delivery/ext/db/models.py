from delivery.ext.db import db


class Category(db.Model):
    __tablename__ = "category"
    id = db.Column("id", db.Integer, primary_key=True)
    name = db.Column("name", db.Unicode, unique=True)


class Store(db.Model):
    __tablename__ = "store"
    id = db.Column("id", db.Integer, primary_key=True)
    name = db.Column("name", db.Unicode)
    category_id = db.Column("category_id", db.Integer, db.ForeignKey("category.id"))
    active = db.Column("active", db.Boolean)

    category = db.relationship("Category", foreign_keys=category_id)
