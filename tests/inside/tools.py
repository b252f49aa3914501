"""Small projects on disk, and what `hooks/inside/run.py` says about them when this very Python plays the project's own."""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
import textwrap
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hooks.base.facts import Interpreter
from hooks.environment.project_python import ProjectPython
from hooks.inside.base.messages import Go, Request, RequestedApp, Verified, data_of
from tests import warm
from tests.template.conftest import put_migrations

REPOSITORY = Path(__file__).parents[2]
PYTHON = os.environ.get("PROJECT_PYTHON")  # another one: `PROJECT_PYTHON=.../bin/python pytest tests/inside`
REVISION = "0123456789ab"

HEAD = """\
    import os
    from flask import Flask
    from flask_migrate import Migrate
    from flask_sqlalchemy import SQLAlchemy

    HERE = os.path.dirname(os.path.abspath(__file__))
    URL = os.environ.get("DATABASE_URL") or os.environ.get("EXISTING_URL") or "sqlite:///" + os.path.join(HERE, "shop.db")
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = URL
    db = SQLAlchemy(app)
    Migrate(app, db)
"""

USER = """
    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), nullable=False)
"""


@dataclass
class Heard:
    """All events of one session, and what the project printed."""

    events: list[dict[str, Any]] = field(default_factory=list)
    stderr: str = ""

    def one(self, name: str) -> dict[str, Any]:
        """The one event of that name; anything else fails the test with all that was heard.

        Where there is one database, what "verified" says of it is among the rest.
        """
        found = [event for event in self.events if event["event"] == name]
        assert len(found) == 1, f"{len(found)} x {name} in {self.events}\n{self.stderr}"
        databases = found[0].get("databases", ())
        return {**databases[0], **found[0]} if len(databases) == 1 else found[0]

    @property
    def names(self) -> list[str]:
        """The events' names, without steps, progress and fingerprints."""
        return [event["event"] for event in self.events if event["event"] not in ("step", "progress", "fingerprints")]


def write_project(root: Path, files: Mapping[str, str]) -> Path:
    """Write dedented files and what Copier renders into `migrations/`."""
    root.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    put_migrations(root)
    return root


def shop(root: Path, models: str = USER, *, after: str = "") -> Path:
    """A project of one file, `app.py`, with these models; its database is EXISTING_URL, else shop.db beside it."""
    return write_project(root, {"app.py": "\n".join(textwrap.dedent(part) for part in (HEAD, models, after))})


def request(root: Path, **more: Any) -> Request:
    """A request for `app:app`, read-only against the existing database; `overlay` takes text."""
    overlay = {path: base64.b64encode(text.encode()).decode() for path, text in more.pop("overlay", {}).items()}
    app = RequestedApp(**{"module": "app", "name": "app", **more.pop("app", {})})
    usual = {"on_drift": "stop", "revision_id": REVISION, "create_date": "2024-05-06T07:08:09", "purpose": str(root)}
    return Request(**{"root": str(root), "app": app, "overlay": overlay, **usual, **more})


def environ(**more: str) -> dict[str, str]:
    """This environment, without what the tests themselves are configured by."""
    return {**{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "EMPTY_DATABASE_URL")}, **more}


def hear(
    root: Path, *, stamp: bool | None = True, env: Mapping[str, str] | None = None, timeout_s: float = 60, **more: Any
) -> Heard:
    """Run one whole session; `stamp` is the answer to "verified", None leaves without one."""
    heard = Heard()
    with start(root, env=env, timeout_s=timeout_s, **more) as inside:
        for event in inside.events():
            heard.events.append(data_of(event))
            if isinstance(event, Verified):
                if stamp is None:
                    break
                inside.send(Go(stamp=stamp))
    heard.stderr = inside.stderr_tail()
    return heard


def start(root: Path, *, env: Mapping[str, str] | None = None, timeout_s: float = 60, **more: Any) -> ProjectPython:
    """One session in the hands of the test."""
    python = Interpreter(PYTHON or warm.python(), "tests")
    return ProjectPython.start(python, request(root, **more), root=root, environ=environ(**(env or {})), timeout_s=timeout_s)


def rehearse(root: Path, **more: Any) -> Heard:
    """Start the app on an empty database that DATABASE_URL names."""
    return hear(root, mode="rehearse", load_on="play", create_all="run", **more)


def tree(root: Path) -> dict[str, str]:
    """Every file and folder below `root`, with a hash of what it holds."""
    found = {}
    for path in sorted(root.rglob("*")):
        found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    return found


def run_sqlite(path: Path, script: str) -> None:
    """Run SQL statements in an SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query in an SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


USER_TABLE = """
    CREATE TABLE user (id INTEGER NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id));
    INSERT INTO user (name) VALUES ('ada'), ('bob');
"""
