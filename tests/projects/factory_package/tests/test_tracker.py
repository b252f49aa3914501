from tracker import create_app


def test_no_bugs_at_first():
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": "sqlite:///:memory:"})

    assert app.test_client().get("/").get_json() == []
