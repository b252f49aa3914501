"""Where `postgres://` is to be expected, told from the text of the project."""

from __future__ import annotations

import pytest

from hooks.base.facts import Declaration, DeclarationForm, Project, UriForm, UriSite
from hooks.base.location import Location, Span
from hooks.planning.postgres_scheme import scheme_for

HEROKU = ("Procfile",)


def scheme(*schemes: str, declares: tuple[str, ...] = (), files: tuple[str, ...] = ()) -> str:
    """What is decided for a project whose configuration has URLs of these kinds."""
    site = UriSite(UriForm.ITEM, Span("shop.py", 5, 0, 5, 9), Location("shop.py", 5), "shop", schemes=schemes)
    declaration = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 1, declares)
    return scheme_for(Project(root=".", files=files, declarations=(declaration,)), [site])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(scheme("postgresql", files=HEROKU), "postgresql", id="PostgreSQL"),
        pytest.param(scheme("postgres"), "postgresql", id="the old scheme itself"),
        pytest.param(scheme("sqlite", "postgresql", files=HEROKU), "postgresql", id="one of two configurations"),
        pytest.param(scheme("postgresql+psycopg2", files=HEROKU), "postgresql", id="the usual driver"),
        pytest.param(scheme("postgresql+psycopg", files=HEROKU), "postgresql+psycopg", id="another driver"),
        pytest.param(
            scheme("sqlite", declares=("flask", "psycopg2-binary"), files=HEROKU), "postgresql", id="a driver for production"
        ),
        pytest.param(scheme(declares=("psycopg",), files=HEROKU), "postgresql+psycopg", id="the URL is in data"),
        pytest.param(scheme("sqlite", files=("Procfile",)), "postgresql", id="SQLite, and Heroku or Dokku"),
        pytest.param(scheme("sqlite", files=("railway.json",)), "postgresql", id="SQLite, and Railway"),
        pytest.param(scheme("sqlite", files=("fly.toml",)), "postgresql", id="SQLite, and Fly"),
    ],
)
def test_expected(found: str, expected: str):
    """A platform that has PostgreSQL runs the application, or the old scheme is there already."""
    assert found == expected


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(scheme("sqlite"), id="SQLite"),
        pytest.param(scheme("postgresql"), id="PostgreSQL of its own"),
        pytest.param(scheme(declares=("psycopg2",)), id="a driver, and no platform"),
        pytest.param(scheme("sqlite", files=("Dockerfile", "docs/Procfile")), id="files of others"),
        pytest.param(scheme("mysql+pymysql"), id="MySQL"),
        pytest.param(scheme("mysql", files=("Procfile",)), id="MySQL on Heroku"),
        pytest.param(scheme("mariadb", declares=("psycopg2",)), id="MariaDB, and a driver that something else uses"),
        pytest.param(scheme("sqlite", declares=("pymysql",), files=("Procfile",)), id="SQLite, MySQL in production on Heroku"),
        pytest.param(scheme(), id="nothing is known"),
    ],
)
def test_not_expected(found: str):
    """A project of another database, or on a server of its own, keeps its plain line."""
    assert found == ""
