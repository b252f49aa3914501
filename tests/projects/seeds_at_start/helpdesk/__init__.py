import os

from flask import Flask

from .models import Role, User, db


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "dev")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///helpdesk.db"

    db.init_app(app)

    from .tickets import tickets

    app.register_blueprint(tickets)

    with app.app_context():
        db.create_all()
        create_roles()
        create_admin()

    return app


def create_roles():
    for name in ("agent", "admin"):
        if not Role.query.filter_by(name=name).first():
            db.session.add(Role(name=name))
    db.session.commit()


def create_admin():
    if User.query.count() == 0:
        admin = Role.query.filter_by(name="admin").one()
        db.session.add(User(email="admin@helpdesk.example", role=admin))
        db.session.commit()
