"""Real databases, and migrations/ as users get it."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import tempfile
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
    (root / "migrations" / "__pycache__").mkdir(exist_ok=True)
    for path in byte_code():
        os.link(path, root / "migrations" / "__pycache__" / path.name)


@cache
def bundled() -> bytes:
    """migrations/adopt.py."""
    return bundle()


@cache
def byte_code() -> list[Path]:
    """What this Python compiles its modules to, as every project has it after its first commands: a quarter of a second each."""
    folder = Path(tempfile.mkdtemp(prefix="byte-code-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "adopt.py").write_bytes(bundled())
    spec = importlib.util.spec_from_file_location("byte_code_of_adopt", folder / "adopt.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    importer = made.Importer("byte_code")
    for name in importer.texts:
        importer.get_code(f"byte_code.{name}".rstrip("."))
    return sorted((folder / "__pycache__").glob("adopt.*"))


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
