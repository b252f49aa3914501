"""Real databases for tests: SQLite always, PostgreSQL and MariaDB where a server answers.

POSTGRESQL_SERVER and MARIADB_SERVER name other servers than the local ones, as SQLAlchemy URLs of a role that may create databases.
With REQUIRE_SERVERS=1 a server that does not answer fails the test instead of skipping it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from adopt.server import scratch

SERVERS = {
    "postgresql": os.environ.get("POSTGRESQL_SERVER", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mariadb": os.environ.get("MARIADB_SERVER", "mysql+pymysql://root@127.0.0.1:3306/mysql"),
}
DIALECTS = ("sqlite", *SERVERS)


def engine_for(url: str | URL, **options: Any) -> Engine:
    """An engine that keeps no connection open; a plain postgresql:// means psycopg2, as in SQLAlchemy before 2.1."""
    url = make_url(url)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg2")
    if url.get_driver_name() == "pymysql":  # it would read the machine's certificates for every connection
        options["connect_args"] = {"ssl_disabled": True, **options.get("connect_args", {})}
    return create_engine(url, poolclass=NullPool, **options)


@cache
def why_unreachable(dialect: str) -> str:
    """Why the server of `dialect` cannot be used; "" when it can."""
    try:
        with engine_for(SERVERS[dialect]).connect():
            return ""
    except (SQLAlchemyError, ImportError) as error:
        return str(error).splitlines()[0]


def require_server(dialect: str) -> str:
    """The URL of the server of `dialect`; skips the test, or fails it under REQUIRE_SERVERS=1, where none answers."""
    if reason := why_unreachable(dialect):
        words = f"no {dialect} server at {make_url(SERVERS[dialect]).render_as_string()}: {reason}"
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(words)
        pytest.skip(words)
    return SERVERS[dialect]


def execute(url: str | URL, *statements: str) -> None:
    """Run statements outside of a transaction, as CREATE DATABASE needs it."""
    engine = engine_for(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def new_database(dialect: str, folder: Path | None = None, name: str | None = None) -> Iterator[str]:
    """The URL of an empty database that is dropped afterwards; for SQLite, that of a file in `folder` that is not there yet."""
    name = name or f"test_{secrets.token_hex(6)}"
    if dialect == "sqlite":
        assert folder is not None
        yield f"sqlite:///{folder / name}.db"
        return
    server = require_server(dialect)
    quoted = f"`{name}`" if dialect == "mariadb" else f'"{name}"'
    execute(server, f"CREATE DATABASE {quoted}" + (" CHARACTER SET utf8mb4" if dialect == "mariadb" else ""))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        if dialect == "postgresql":
            execute(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        execute(server, f"DROP DATABASE IF EXISTS {quoted}")


def databases_of_runs(root: Path) -> list[str]:
    """Those on PostgreSQL that runs in the project at `root` have made."""
    return sorted(name for name in databases("postgresql") if name.startswith(scratch.prefix(root.resolve())))


def databases(dialect: str) -> set[str]:
    """The names of all databases on the server of `dialect`, so that a test can see what a run has left behind."""
    question = "SHOW DATABASES" if dialect == "mariadb" else "SELECT datname FROM pg_database"
    with engine_for(require_server(dialect)).connect() as connection:
        return set(connection.scalars(text(question)))
