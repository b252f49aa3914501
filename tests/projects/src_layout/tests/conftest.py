import pytest

from shop import create_app
from shop.db import db


@pytest.fixture()
def app(tmp_path):
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'test.sqlite'}"})
    with app.app_context():
        db.create_all()
    return app
