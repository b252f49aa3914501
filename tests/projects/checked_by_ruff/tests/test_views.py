"""The page."""

from bakery import create_app
from bakery.models import Loaf, db


def test_index() -> None:
    """It has what is in the database."""
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": "sqlite://"})
    with app.app_context():
        db.create_all()
        db.session.add(Loaf(name="Rye", grams=500))
        db.session.commit()
        assert app.test_client().get("/").json == ["Rye, 500 g"]
        db.session.remove()
        db.engine.dispose()
