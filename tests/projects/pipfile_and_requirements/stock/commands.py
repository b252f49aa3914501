from stock import app, db
from stock.models import Item, Shelf


@app.cli.command()
def seed():
    db.create_all()
    db.session.add(Shelf(id=1, label="A1"))
    db.session.add(Item(sku="bolt-m6", amount=400, shelf_id=1))
    db.session.commit()
