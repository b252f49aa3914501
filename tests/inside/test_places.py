"""The existing databases of a run, from the first look at them to the last."""

from __future__ import annotations

import importlib

from adopt.server import fingerprint
from hooks.inside.places import Places
from tests.servers import execute

MODULES = {"urls": "adopt.base.urls", "named": "adopt.history.named", "fingerprint": "adopt.server.fingerprint"}


def test_a_database_that_the_code_names_is_looked_at_before_any_of_it_runs(postgresql_url, tmp_path, monkeypatch):
    """What is written until the application is asked for its databases, over a socket file, is a change."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "config.py").write_text(f"SQLALCHEMY_DATABASE_URI = {postgresql_url!r}\n")
    places = Places(lambda name: importlib.import_module(MODULES[name]))

    places.look_before(str(tmp_path))
    execute(postgresql_url, "CREATE TABLE users (id INTEGER)")
    places.add({"url": postgresql_url, "said": "", "key": None, "connect_args": {}})
    for place in places:
        places.take_fingerprint(place)

    assert "table public.users is new" in [sentence for _, sentence in places.compared()[0]]


def test_drivers_are_imported_before_there_are_threads(postgresql_url, monkeypatch):
    """Those of every database; one that cannot be imported is told later, where it is connected to."""
    places = Places(lambda name: importlib.import_module(MODULES[name]))
    for url in (postgresql_url, "mysql+mariadbconnector://127.0.0.1/shop"):
        places.add({"url": url, "said": "", "key": None, "connect_args": {}})

    places.import_drivers()

    assert fingerprint.take(postgresql_url)["state"] == "seen"
