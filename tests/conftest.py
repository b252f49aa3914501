"""Fixtures for every test: an environment of its own, and real databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import DIALECTS, new_database

# What a shell may hold that would change what a Flask project or a Copier run does.
MISLEADING = ("DATABASE_URL", "EMPTY_DATABASE_URL", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "PGDATABASE")
MISLEADING_PREFIXES = ("FLASK_", "SQLALCHEMY_", "COPIER_", "GIT_")
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Nothing in the developer's shell or git configuration changes what a test sees."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in MISLEADING or name.startswith(MISLEADING_PREFIXES):
                patch.delenv(name)
        for name, value in IDENTITY.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, once on SQLite, once on PostgreSQL and once on MariaDB."""
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The URL of an empty database on PostgreSQL."""
    with new_database("postgresql") as url:
        yield url


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    """The URL of an empty database on MariaDB."""
    with new_database("mariadb") as url:
        yield url
