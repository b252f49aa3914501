"""The environment of the attacked project: one with every driver that there is."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import uv

from tests.end_to_end.stacks import Environment, require_python, run_uv
from tests.end_to_end.tools import run

REQUIREMENTS = ("Flask", "Flask-SQLAlchemy", "Flask-Migrate", "SQLAlchemy", "python-dotenv", "gevent")
DRIVERS = (
    *("psycopg[binary]", "psycopg2-binary", "pg8000", "asyncpg", "asyncmy", "PyMySQL", "cryptography", "mysql-connector-python"),
    *("apsw", "pysqlite3-binary"),
)
BESIDE = (  # what ordinary applications have beside Flask-SQLAlchemy, and keeps its own data in the same database or a folder
    *("APScheduler", "peewee", "pony", "huey", "celery[sqlalchemy]", "databases", "aiosqlite", "aiomysql", "psycopg-pool"),
    *("SQLAlchemy-Utils", "Flask-Caching", "sqlite-utils"),
    *("adbc-driver-sqlite", "adbc-driver-postgresql"),
)
BUILT = ("mysqlclient", "mariadb")  # need the headers of MariaDB's client; attacks with them are left out where they do not build


def make_environment(folder: Path) -> Environment:
    """Make it in `folder`; with uv's cache in a second or two."""
    environment = Environment(folder)
    run_uv("venv", "--python", require_python(f"{sys.version_info[0]}.{sys.version_info[1]}"), folder)
    run_uv("pip", "install", "--compile-bytecode", "--python", environment.python, *REQUIREMENTS, *DRIVERS, *BESIDE)
    for package in BUILT:
        run(uv.find_uv_bin(), "pip", "install", "--compile-bytecode", "--python", environment.python, package, cwd=Path.cwd())
    return environment


@cache
def has_module(python: Path, name: str) -> bool:
    """Whether that environment can import it."""
    return run(python, "-c", f"import {name}", cwd=Path.cwd()).returncode == 0
