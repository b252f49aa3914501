"""The database server that a job starts beside it: of the kind, and where it can be known of the version, of the project's own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hooks.ci.facts import Service

DRIVERS = {
    "postgresql": ("psycopg2-binary", "psycopg2", "psycopg", "pg8000", "asyncpg", "psycopg2cffi"),
    "mysql": ("pymysql", "mysqlclient", "mysql-connector-python", "mariadb"),
}
NEWEST = {"postgres": "17", "mariadb": "11.4", "mysql": "8.4"}
IMAGES = {
    "postgres": re.compile(r"(^|/)(postgres|postgresql|postgis|pgvector|timescaledb)[\w.-]*(:|$)"),
    "mariadb": re.compile(r"(^|/)mariadb(:|$)"),
    "mysql": re.compile(r"(^|/)(mysql|percona)[\w-]*(:|$)"),
}
OFFICIAL = re.compile(r"(postgres|postgis/postgis|pgvector/pgvector|timescale/timescaledb\S*|mariadb|mysql)(:|$)")
HEALTH = {
    "postgres": ("pg_isready",),
    "mariadb": ('"healthcheck.sh --connect --innodb_initialized"',),
    "mysql": ('"mysqladmin ping -h 127.0.0.1"',),
}
PASSWORD = "not-a-secret"  # of a server that lives for one job


def kind_of(driver: str, server: str) -> str:
    """Which server it is: "postgres", "mariadb", "mysql", "sqlite"; "" for another. `server` is as in "MariaDB 10.11.6"."""
    dialect = driver.partition("+")[0]
    if dialect == "sqlite":
        return dialect
    if dialect in ("postgresql", "postgres"):
        return "postgres"
    if dialect in ("mysql", "mariadb"):
        return "mariadb" if "mariadb" in (server + dialect).lower() else "mysql"
    return ""


def make_service(kind: str, driver: str, server: str, images: Iterable[str]) -> Service:
    """The service for a kind of server; an official image that the repository names already comes first."""
    named = [image for image in images if IMAGES[kind].search(image) and OFFICIAL.match(image)]
    number = re.search(r"\d+(\.\d+)?", server)
    version = number[0] if number and kind in server.lower() else NEWEST[kind]
    if kind == "postgres" and not version.startswith("9."):  # the major versions are whole numbers from 10 on
        version = version.partition(".")[0]
    image = named[0] if named else f"{kind}:{version}"
    if kind == "postgres":
        scheme = driver.replace("postgres+", "postgresql+") if driver != "postgres" else "postgresql"
        url = f"{scheme}://postgres:{PASSWORD}@{{host}}:5432/postgres"
        return Service(image, {"POSTGRES_PASSWORD": PASSWORD}, 5432, HEALTH[kind], url)
    name = kind.upper()
    variables = {f"{name}_ROOT_PASSWORD": PASSWORD, f"{name}_DATABASE": "project"}
    return Service(image, variables, 3306, HEALTH[kind], f"{driver}://root:{PASSWORD}@{{host}}:3306/project")
