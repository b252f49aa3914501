from app import create_app
from app.extensions import db
from app.models.dish import Dish

with create_app().app_context():
    db.create_all()
    db.session.add_all([Dish(name='Soup', price=450), Dish(name='Pie', price=900)])
    db.session.commit()
