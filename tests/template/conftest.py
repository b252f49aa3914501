"""Real databases, and migrations/ as users get it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import text

from hooks.bundle import PATH, bundle
from tests.servers import DIALECTS, engine_for, new_database

TEMPLATE = Path(__file__).resolve().parents[2] / "template"


def put_migrations(root: Path) -> None:
    """Put into a project what Copier renders into migrations/, but what is made from answers, and what its task bundles."""
    ignored = shutil.ignore_patterns("__pycache__", "*.jinja")
    shutil.copytree(TEMPLATE / "migrations", root / "migrations", dirs_exist_ok=True, ignore=ignored)
    (root / PATH).write_bytes(bundled())


@cache
def bundled() -> bytes:
    """migrations/adopt.py."""
    return bundle()


@pytest.fixture(params=DIALECTS)
def populated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with one table `users` of two rows, on each server."""
    with new_database(request.param, tmp_path, name=None) as url:
        key = {"sqlite": "INTEGER PRIMARY KEY", "postgresql": "SERIAL PRIMARY KEY", "mariadb": "INTEGER PRIMARY KEY AUTO_INCREMENT"}
        with engine_for(url).begin() as connection:
            connection.execute(text(f"CREATE TABLE users (id {key[request.param]}, email VARCHAR(120) NOT NULL)"))
            connection.execute(text("INSERT INTO users (email) VALUES ('a@example.com'), ('b@example.com')"))
        yield url


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """new("postgresql") is the URL of another empty database."""
    with ExitStack() as stack:
        yield lambda dialect: stack.enter_context(new_database(dialect, tmp_path))


@pytest.fixture
def fleet(tmp_path: Path):
    """The application of fleets.py; its own database is a SQLite file that is not there."""
    from tests.template.fleets import application

    return application(tmp_path / "shop", f"sqlite:///{tmp_path}/own.db")
