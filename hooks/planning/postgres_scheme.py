"""Whether the variable may hold a URL that begins with `postgres://`, as Heroku and others give it.

SQLAlchemy 1.4 and newer refuse it, and the application fails on that platform alone. So the line that reads the variable puts it
right in a project whose files say that such a platform runs it, or that has such a URL already. Elsewhere nobody writes one, and
the line is shorter without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hooks.base.facts import Project, UriSite

PLATFORMS = ("Procfile", "heroku.yml", "DOKKU_SCALE", "fly.toml", "railway.toml", "railway.json", "render.yaml", "app.json")
DRIVERS = {  # by the distributions that have them
    "psycopg2": "postgresql",
    "psycopg2-binary": "postgresql",
    "psycopg2cffi": "postgresql+psycopg2cffi",
    "psycopg": "postgresql+psycopg",
    "psycopg-binary": "postgresql+psycopg",
    "pg8000": "postgresql+pg8000",
}
OTHER_SERVERS = re.compile(r"(mysql|mariadb|oracle|mssql|cockroachdb|db2|snowflake|redshift)\b")
OTHER_DRIVERS = {"pymysql", "mysqlclient", "mysql-connector-python", "oracledb", "cx-oracle", "pyodbc", "pymssql"}


def scheme_for(project: Project, sites: Sequence[UriSite]) -> str:
    """What stands for `postgres` in URLs of today, "postgresql" as a rule; "" where no such URL is to be expected.

    `sites` are the places that configure the database; what the tests use counts for nothing.
    """
    schemes = [scheme for site in sites for scheme in site.schemes]
    declared = {name for one in project.declarations for name in (*one.names, *one.included)}
    here = next((scheme for scheme in schemes if scheme.startswith("postgres")), "")
    if "postgres" not in schemes and not any(name in project.files for name in PLATFORMS):
        return ""
    if "+" in here:
        return here.removesuffix("+psycopg2")
    if here:
        return "postgresql"
    if any(OTHER_SERVERS.match(scheme) for scheme in schemes):
        return ""
    driver = next((scheme for name, scheme in DRIVERS.items() if name in declared), "")
    if driver or declared & OTHER_DRIVERS:
        return driver
    return "postgresql"
