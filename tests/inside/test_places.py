"""The existing databases of a run, from the first look at them to the last."""

from __future__ import annotations

import importlib
import sys
import time

from hooks.inside.guard.out_of_reach import Refused
from hooks.inside.places import Places
from tests.servers import execute

MODULES = {
    **{"urls": "adopt.base.urls", "named": "adopt.history.named", "fingerprint": "adopt.server.fingerprint"},
    **{"readonly": "adopt.server.readonly", "connecting": "adopt.server.connecting", "errors": "adopt.base.errors"},
}


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


def late(places, url, arguments=None):
    """What is said of the time before the first look at this database."""
    places.add({"url": url, "said": "", "key": None, "connect_args": arguments or {}})
    place = list(places)[-1]
    places.take_fingerprint(place)
    return place.fingerprint["is_late"]


def test_what_the_application_could_have_written_before_the_first_look(tmp_path):
    """It is said of a server that it could connect to while it was asked where that is, and of a file that was changed then."""
    places = Places(lambda name: importlib.import_module(MODULES[name]))
    places.refused = Refused((5432, 3306), socket_files=True)
    before, meanwhile = tmp_path / "before.db", tmp_path / "meanwhile.db"
    execute(f"sqlite:///{before}", "CREATE TABLE users (id INTEGER)")
    time.sleep(0.02)
    places.asked_at = time.time()
    missing = late(places, f"sqlite:///{tmp_path / 'folder' / 'missing.db'}")
    time.sleep(0.02)
    execute(f"sqlite:///{meanwhile}", "CREATE TABLE users (id INTEGER)")

    assert [missing, late(places, f"sqlite:///{before}"), late(places, f"sqlite:///{meanwhile}")] == [False, False, True]
    assert not late(places, "postgresql://nowhere.invalid/one")
    assert late(places, "postgresql://nowhere.invalid:6000/two")
    assert late(places, "postgresql://nowhere.invalid/three?service=shop")
    assert late(places, "mysql+pymysql://nowhere.invalid/four", {"port": 6000})
    changed, compared = places.compared()
    assert changed == []
    assert [one["unclear"][:1] for one in compared[1:3]] == [[], ["it could not be looked at before the application was run"]]


def test_where_nothing_is_refused(tmp_path):
    """Of every server it is said that it was looked at late, if it was not looked at before the application was asked."""
    places = Places(lambda name: importlib.import_module(MODULES[name]))

    assert late(places, "postgresql://nowhere.invalid/one")


def test_where_no_file_can_be_written(tmp_path):
    """A file that others write all the time was out of the application's reach all the same."""
    places = Places(lambda name: importlib.import_module(MODULES[name]))
    places.refused = Refused(files=True)
    time.sleep(0.02)
    execute(f"sqlite:///{tmp_path / 'busy.db'}", "CREATE TABLE users (id INTEGER)")

    assert not late(places, f"sqlite:///{tmp_path / 'busy.db'}")
