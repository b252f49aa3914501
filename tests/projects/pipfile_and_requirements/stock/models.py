from stock import db


class Shelf(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    label = db.Column(db.String(10), unique=True, nullable=False)


class Item(db.Model):
    sku = db.Column(db.String(40), primary_key=True)
    amount = db.Column(db.Integer, nullable=False, default=0)
    shelf_id = db.Column(db.ForeignKey("shelf.id"), index=True)
