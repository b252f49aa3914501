import sys

from app import app
from models import Chore, User, db


def create_db():
    db.create_all()


def add_user(name):
    db.session.add(User(name=name, chores=[Chore(title="dishes of " + name)]))
    db.session.commit()


def users():
    for user in User.query.order_by(User.id):
        print(user.name, [chore.title for chore in user.chores])


if __name__ == "__main__":
    with app.app_context():
        globals()[sys.argv[1]](*sys.argv[2:])
