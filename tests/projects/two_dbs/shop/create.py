"""Make the tables of both."""

from flask import Flask

from shop.accounts import Account
from shop.accounts import db as accounts_db
from shop.catalogue import Product
from shop.catalogue import db as catalogue_db

for db, row in ((accounts_db, Account(email="ada@example.org")), (catalogue_db, Product(name="Tea"))):
    app = Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add(row)
        db.session.commit()
