"""For a database that differs from the models: what it is, and the revision that carries it to them."""
