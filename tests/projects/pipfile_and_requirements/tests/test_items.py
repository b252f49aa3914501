from stock import app, db


def test_items(tmp_path):
    with app.app_context():
        db.create_all()
    assert app.test_client().get("/items").status_code == 200
