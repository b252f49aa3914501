"""Which extensions the baseline makes: those that the tables of the models need, as the existing database says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hooks.inside.load.extensions import Extensions, Unasked
from tests.inside import tools
from tests.inside.test_retrofit import driver_url
from tests.servers import execute

MODELS = """
    from sqlalchemy import text
    from sqlalchemy.dialects.postgresql import CITEXT, ExcludeConstraint, HSTORE, UUID

    class Thing(db.Model):
        __tablename__ = "thing"
        id = db.Column(UUID(as_uuid=True), primary_key=True, server_default=text("{default}"))
        {column}
        {table_args}
"""
UUID = "CREATE TABLE thing (id uuid PRIMARY KEY DEFAULT {}{})"
NAME = "name = db.Column(db.String(20))"


def made(tmp_path: Path, url: str, *, default: str = "gen_random_uuid()", column: str = NAME, table_args: str = "") -> list[str]:
    """The extensions that the baseline makes; it is proven, and the database stamped."""
    root = tools.shop(tmp_path / "shop", MODELS.format(default=default, column=column, table_args=table_args))
    heard = tools.hear(root, env={"EXISTING_URL": driver_url(url)})
    facts = heard.one("verified")
    assert facts["differences"] == []
    assert heard.one("stamped")["revision"] == tools.REVISION
    return re.findall(r"CREATE EXTENSION IF NOT EXISTS ([^'\\]*)", facts["baseline"]["text"])


def test_a_function_that_the_server_has_itself(tmp_path: Path, postgresql_url: str) -> None:
    """gen_random_uuid() is no extension's since PostgreSQL 13, though pgcrypto has one of that name; what is unused is not made."""
    execute(postgresql_url, "CREATE EXTENSION pgcrypto", "CREATE EXTENSION hstore")
    execute(postgresql_url, UUID.format("gen_random_uuid()", ", name varchar(20)"))

    assert made(tmp_path, postgresql_url) == []


def test_a_function_of_the_teams_own(tmp_path: Path, postgresql_url: str) -> None:
    """uuid_generate_v7() is not uuid-ossp's, which is there for something else."""
    own = "CREATE FUNCTION uuid_generate_v7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'"
    execute(postgresql_url, 'CREATE EXTENSION "uuid-ossp"', own, UUID.format("uuid_generate_v7()", ", name varchar(20)"))
    root = tools.shop(tmp_path / "shop", MODELS.format(default="uuid_generate_v7()", column=NAME, table_args=""))

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(postgresql_url)})

    # the baseline cannot run on an empty database without that function: said with the server's words, and nothing is stamped
    error = heard.one("error")
    assert error["reason"] == "baseline-does-not-run"
    assert "uuid_generate_v7" in error["exception"]


CASES = [
    ('"uuid-ossp"', "uuid_generate_v4()", ", name varchar(20)", NAME, ""),
    ("citext", "gen_random_uuid()", ", name citext[]", "name = db.Column(db.ARRAY(CITEXT))", ""),
    ("hstore", "gen_random_uuid()", ", name hstore", "name = db.Column(HSTORE)", ""),
    (
        "pgcrypto",
        "gen_random_uuid()",
        ", name bytea DEFAULT digest('a', 'md5')",
        "name = db.Column(db.LargeBinary, server_default=text(\"digest('a', 'md5')\"))",
        "",
    ),
]


@pytest.mark.parametrize(("extension", "default", "sql", "column", "table_args"), CASES, ids=[case[0].strip('"') for case in CASES])
def test_what_a_column_needs(
    tmp_path: Path, postgresql_url: str, extension: str, default: str, sql: str, column: str, table_args: str
) -> None:
    """A type, an array of it, or a function in a default."""
    execute(postgresql_url, "CREATE EXTENSION unaccent", f"CREATE EXTENSION {extension}", UUID.format(default, sql))

    assert made(tmp_path, postgresql_url, default=default, column=column, table_args=table_args) == [extension]


def test_what_an_index_needs(tmp_path: Path, postgresql_url: str) -> None:
    """An operator class, which only the index names."""
    execute(postgresql_url, "CREATE EXTENSION pg_trgm", UUID.format("gen_random_uuid()", ", name varchar(20)"))
    execute(postgresql_url, "CREATE INDEX thing_name ON thing USING gin (name gin_trgm_ops)")
    options = "postgresql_using='gin', postgresql_ops={'name': 'gin_trgm_ops'}"

    assert made(tmp_path, postgresql_url, table_args=f"__table_args__ = (db.Index('thing_name', 'name', {options}),)") == [
        "pg_trgm"
    ]


def test_what_no_text_names(tmp_path: Path, postgresql_url: str) -> None:
    """btree_gist has the operator class of an index that names none; pg_depend knows."""
    execute(postgresql_url, "CREATE EXTENSION btree_gist", UUID.format("gen_random_uuid()", ", name varchar(20)"))
    execute(postgresql_url, "CREATE INDEX thing_name ON thing USING gist (name)")

    args = "__table_args__ = (db.Index('thing_name', 'name', postgresql_using='gist'),)"
    assert made(tmp_path, postgresql_url, table_args=args) == ["btree_gist"]


def test_in_a_schema_of_its_own(tmp_path: Path, postgresql_url: str) -> None:
    """The default names the schema, so a new database needs it there too."""
    execute(postgresql_url, "CREATE SCHEMA extensions", 'CREATE EXTENSION "uuid-ossp" SCHEMA extensions')
    execute(postgresql_url, UUID.format("extensions.uuid_generate_v4()", ", name varchar(20)"))

    made_ = made(tmp_path, postgresql_url, default="extensions.uuid_generate_v4()")

    assert made_ == ['"uuid-ossp" SCHEMA extensions']


def test_what_an_extension_requires_comes_first() -> None:
    """In the order in which the database made them."""
    found = Extensions(
        {"plpgsql": None, "cube": None, "earthdistance": None}, [("shop", "earthdistance")], {}, [("earthdistance", "cube")]
    )

    assert found.needed({"shop"}, "", "") == ["cube", "earthdistance"]
    assert found.needed({"other"}, "", "") == []


def test_names_that_are_like_an_extensions() -> None:
    """A function counts where it is called, a type where it is one, and both by their whole names."""
    members = {("pg_proc", "uuid_generate_v4"): "uuid-ossp", ("pg_proc", "delete"): "hstore", ("pg_type", "hstore"): "hstore"}
    found = Extensions({"uuid-ossp": None, "hstore": None}, [], members, [])

    assert found.needed({"shop"}, "VARCHAR(20)", "uuid_generate_v7() 'hstore' shop.delete") == []
    assert found.needed({"shop"}, "HSTORE", "uuid_generate_v4()") == ["uuid-ossp", "hstore"]
    assert found.needed({"shop"}, "TEXT", "''::hstore") == ["hstore"]


@pytest.mark.parametrize(
    ("types", "text", "version", "expected"),
    [
        ("CITEXT", "", (), ["citext"]),
        ("geometry(POINT,4326)", "", (), ["postgis"]),
        ("UUID", "uuid_generate_v1()", (), ["uuid-ossp"]),
        ("UUID", "uuid_generate_v7()", (), []),
        ("UUID", "gen_random_uuid()", (), []),
        ("UUID", "gen_random_uuid()", (15, 2), []),
        ("UUID", "gen_random_uuid()", (12, 9), ["pgcrypto"]),
        ("BYTEA", "digest('a', 'md5')", (15, 2), ["pgcrypto"]),
        ("VARCHAR(20)", "crypt", (), []),
    ],
)
def test_without_a_database_to_ask(types: str, text: str, version: tuple[int, ...], expected: list[str]) -> None:
    """Well-known names, and nothing that the server has itself."""
    assert Unasked(version).needed({"thing"}, types, text) == expected
