"""The existing databases of a run, from the first look at them to the last."""

from __future__ import annotations

import importlib
import sys

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


def test_driver_is_imported_when_a_database_is_known():
    """Threads that import psycopg2 at the same time end in a deadlock; a driver that is not there is told later."""
    places = Places(lambda name: importlib.import_module(MODULES[name]))
    gone = [sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "pg8000"]

    for scheme in ("postgresql+pg8000", "mysql+none"):
        places.add({"url": f"{scheme}://127.0.0.1/shop", "said": "", "key": None, "connect_args": {}})

    assert "pg8000" in sys.modules
    sys.modules.update({module.__name__: module for module in gone})
