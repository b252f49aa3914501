"""Fixtures for every test: an environment of its own, and real databases."""

from __future__ import annotations

import compileall
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.plain_environ import plain_environ
from tests.servers import DIALECTS, new_database
from tests.warm.server import RARELY

ROOT = Path(__file__).resolve().parents[1]

# How long something takes is measured in benchmarks/: no test fails because the machine is busy.
# In CI the examples are the same ones each time.
IS_CI = bool(os.environ.get("CI")) or os.environ.get("REQUIRE_SERVERS") == "1"
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=IS_CI)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """What has been loaded until now stays: no search for garbage, here or in a fork, looks at it, and there are fewer of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Nothing in the developer's shell or git configuration changes what a test sees."""
    with pytest.MonkeyPatch.context() as patch:
        plain = plain_environ()
        for name in os.environ.keys() - plain.keys():
            patch.delenv(name)
        for name, value in plain.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(autouse=True, scope="session")
def byte_code() -> None:
    """The programs of a test write no byte code; so what every one of them imports has it, in the working tree."""
    for folder in ("hooks", "adopt"):
        compileall.compile_dir(ROOT / folder, quiet=2)


@pytest.fixture
def from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program is started as a user starts it, with no library imported and no template cloned before (see tests/warm)."""
    monkeypatch.setenv("WARM", "0")


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
