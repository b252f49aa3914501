"""A database whose tables are in another schema than `public`, by what its URL, its role or itself says of the search path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text

from tests.servers import engine_for, execute
from tests.template.states import STEPS, History

BINDS = """
import os
app.config["SQLALCHEMY_BINDS"] = {"tenant": app.config["SQLALCHEMY_DATABASE_URI"] + "?options=" + os.environ["OPTIONS"]}
db = SQLAlchemy(app)
"""


def bind_project(folder: Path, url: str) -> History:
    """Users in the default bind, rooms in the bind `tenant` of the same database."""
    shop = History(folder / "shop", url, {})
    shop.write("shop.py", (folder / "shop" / "shop.py").read_text().replace("db = SQLAlchemy(app)\n", BINDS))
    shop.add("\n\nclass Room(db.Model):\n    __bind_key__ = 'tenant'\n    id = db.Column(db.Integer, primary_key=True)\n")
    return shop


REVISION = """\
from alembic import op
import sqlalchemy as sa

revision = "first"
down_revision = None


def upgrade(engine_name):
    globals()["upgrade_" + engine_name]()


def downgrade(engine_name):
    pass


def upgrade_():
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))


def upgrade_tenant():
    op.create_table("room", sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def shop(postgresql_url, tmp_path) -> History:
    """Both binds have their tables and rows, and no stamp."""
    project = bind_project(tmp_path, postgresql_url)
    project.write("migrations/versions/first.py", REVISION)
    execute(
        postgresql_url,
        "CREATE SCHEMA tenant",
        "CREATE TABLE users (id serial PRIMARY KEY)",
        "CREATE TABLE tenant.room (id serial PRIMARY KEY)",
        "INSERT INTO tenant.room VALUES (7)",
    )
    return project


def stamps(url: str) -> dict[str, list[str]]:
    """The rows of alembic_version, by schema."""
    found = {}
    with engine_for(url).connect() as connection:
        for schema in ("public", "tenant"):
            if inspect(connection).has_table("alembic_version", schema=schema):
                found[schema] = list(connection.scalars(text(f"SELECT version_num FROM {schema}.alembic_version")))
    return found


@pytest.mark.parametrize("path", ["tenant", "tenant,public"])
def test_adopt_and_status(shop, path):
    """Each bind is verified and stamped in the schema that its names lead to; a second run finds nothing to do."""
    options = {"OPTIONS": f"-csearch_path={path}"}

    said = shop.adopt(**options)
    assert said.count("stamped   first, committed and read back\n") == 2
    assert stamps(shop.database_url) == {"public": ["first"], "tenant": ["first"]}
    assert said.count("bind ") == 2

    said = shop.adopt("status", **options)
    assert said.count("current ") == 2
    with engine_for(shop.database_url).connect() as connection:
        assert connection.scalars(text("SELECT id FROM tenant.room")).all() == [7]


def test_the_stamp_of_another_schema_is_not_this_ones(shop):
    """With "tenant,public" the `alembic_version` of public is in sight; `tenant` is not stamped for that."""
    options = {"OPTIONS": "-csearch_path=tenant,public"}
    shop.adopt("--bind", "", **options)
    assert stamps(shop.database_url) == {"public": ["first"]}

    said = shop.adopt("status", "--bind", "tenant", "--json", expect=3, **options)
    [found] = json.loads(said)["databases"]

    assert (found["state"], found["stamped"], found["revision"]) == ("unstamped", [], "first")


def test_an_empty_schema_is_built(shop):
    """A tenant that has no table yet gets them, with a stamp of its own."""
    execute(shop.database_url, "DROP TABLE tenant.room")

    said = shop.adopt(OPTIONS="-csearch_path=tenant")

    assert said.count("built ") == 1
    assert stamps(shop.database_url) == {"public": ["first"], "tenant": ["first"]}


def test_an_empty_schema_beside_a_stamped_one(shop):
    """An upgrade does not take public's stamp for the tenant's, whoever starts it."""
    execute(shop.database_url, "DROP TABLE tenant.room")
    options = {"OPTIONS": "-csearch_path=tenant,public"}

    shop.adopt("--bind", "", **options)
    assert "Target database is not up to date" in shop.flask("db", "migrate", expect=1, **options)
    shop.flask("db", "upgrade", **options)
    assert stamps(shop.database_url) == {"public": ["first"], "tenant": ["first"]}

    execute(shop.database_url, "DROP TABLE tenant.room, tenant.alembic_version")
    assert "built " in shop.adopt(**options)
    assert stamps(shop.database_url) == {"public": ["first"], "tenant": ["first"]}
    assert shop.adopt("status", **options).count("current ") == 2


def test_a_schema_that_is_not_there(shop):
    """It is not made in an existing database: the statement is told."""
    execute(shop.database_url, "DROP SCHEMA tenant CASCADE")

    said = shop.adopt("--bind", "tenant", expect=2, OPTIONS="-csearch_path=tenant")

    assert "no schema of its search_path is there; make the one for its tables:  CREATE SCHEMA tenant.\n" in said
    assert "This command wrote nothing to it.\n" in said


@pytest.mark.parametrize("where", ["DATABASE {database}", "ROLE {role} IN DATABASE {database}"])
def test_search_path_of_the_database(postgresql_url, tmp_path, where):
    """ALTER DATABASE ... SET search_path counts on the scratch database as well, whose tables are in the same schema then."""
    shop = History(tmp_path / "shop", postgresql_url, {name: STEPS[name] for name in ("first", "orders")})
    database = make_url(postgresql_url).database
    setting = f"ALTER {where} SET search_path TO tenant, public".format(database=f'"{database}"', role="postgres")
    execute(postgresql_url, "CREATE SCHEMA tenant", setting)
    shop.build("first", "orders")

    assert "stamped   orders," in shop.adopt()
    assert stamps(postgresql_url) == {"tenant": ["orders"]}
