def test_seeded_catalogue(app, client):
    app.test_cli_runner().invoke(args=["seed"])

    answer = client.get("/products/").get_json()

    assert len(answer["products"]) == 11


def test_order(app, client):
    app.test_cli_runner().invoke(args=["seed"])

    answer = client.post("/orders/", json={"email": "ada@example.com", "items": {"P-002": 2}})

    assert answer.status_code == 201
    assert answer.get_json()["total"] == "5.90"
