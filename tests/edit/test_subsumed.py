"""Edits of one file that another one makes needless."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hooks.base.source import Source
from hooks.edit.core.splice import Edit
from hooks.edit.python import create_all, database_url
from hooks.edit.python.subsumed import without_moot
from tests.edit.tools import check_edit, create_all_in, edits, uri_sites_in


def both(source: Source) -> Sequence[Edit]:
    """Take every `create_all()` out, and let every value follow DATABASE_URL."""
    removed = [create_all.remove(source, call) for call in create_all_in(source)]
    followed = [database_url.follow(source, site, "DATABASE_URL", limit=132) for site in uri_sites_in(source)]
    return without_moot(edits([*removed, *followed]))


FILES = {
    "fallback in the handler of a try that goes": (
        """
        import os

        app = create_app(app_config)

        # Create tables & Fallback to SQLite
        with app.app_context():

            try:
                db.create_all()
            except Exception as e:

                print('> Error: DBMS Exception: ' + str(e))

                # fallback to SQLite
                app.config['SQLALCHEMY_DATABASE_URI'] = SQLALCHEMY_DATABASE_URI = 'sqlite:///' + os.path.join(base, 'db.sqlite3')
                db.create_all()

        Migrate(app, db)
        """,
        """
        import os

        app = create_app(app_config)

        Migrate(app, db)
        """,
    ),
    "an import for nothing": (
        """
        from flask import Flask

        with app.app_context():
            try:
                db.create_all()
            except Exception:
                app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///fallback.db"
        """,
        """
        from flask import Flask
        """,
    ),
    "beside one another": (
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
        with app.app_context():
            db.create_all()
        """,
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), FILES.values(), ids=FILES)
def test_edits_of_one_file(before: str, after: str):
    """What goes needs no other edit; what stays has its own."""
    check_edit(both, before, after)
