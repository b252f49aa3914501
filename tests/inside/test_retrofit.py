"""From loading the app to the stamp, on real databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text

from hooks.inside.base.messages import Go
from tests.inside import tools
from tests.servers import SERVERS, databases_of_runs, engine_for, execute, new_database

BASELINE = '''\
"""baseline

Builds the schema of the models from nothing, on {server}.

Revision ID: 0123456789ab
Revises:{space}
Create Date: 2024-05-06 07:08:09

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0123456789ab'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade():
    refuse_to_drop_rows({table!r})
    op.drop_table('user')


def refuse_to_drop_rows(*tables):
    """Raise where one of the tables holds rows, before the first of them is dropped."""
    if op.get_context().as_sql:
        return
    for table in tables:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {{table}} LIMIT 1")).first():
            raise RuntimeError(f"{{table}} holds rows; nothing was dropped")
'''


def create_user(url: str) -> None:
    """The table of the model, as `create_all()` makes it, with rows."""
    engine = engine_for(url)
    quote = engine.dialect.identifier_preparer.quote("user")
    key = {"sqlite": "INTEGER NOT NULL", "postgresql": "SERIAL NOT NULL"}.get(
        engine.dialect.name, "INTEGER NOT NULL AUTO_INCREMENT"
    )
    execute(
        url,
        f"CREATE TABLE {quote} (id {key}, name VARCHAR(20) NOT NULL, PRIMARY KEY (id))",
        f"INSERT INTO {quote} (name) VALUES ('ada'), ('bob')",
    )


def read(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with engine_for(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def driver_url(url: str) -> str:
    """The URL with the driver that the tests have."""
    return url.replace("postgresql://", "postgresql+psycopg2://")


def test_verified_database_is_stamped_and_keeps_its_rows(tmp_path: Path, database_url: str) -> None:
    """Every check passes, then the one row is written; the tables and rows are the same as before."""
    root = tools.shop(tmp_path / "shop")
    create_user(database_url)
    quoted = engine_for(database_url).dialect.identifier_preparer.quote("user")

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(database_url)})

    assert heard.names == ["loaded", "verified", "stamped"], heard.stderr
    facts = heard.one("verified")
    assert (facts["existing"], facts["tables"], facts["differences"], facts["unverified"]) == ("present", 1, [], [])
    assert facts["baseline"]["filename"] == "2024-05-06_0123456789ab_baseline.py"
    assert facts["baseline"]["text"] == BASELINE.format(server=facts["dialect"], space=" ", table=quoted)
    assert read(database_url, "SELECT version_num FROM alembic_version") == [(tools.REVISION,)]
    assert read(database_url, f"SELECT name FROM {quoted} ORDER BY id") == [("ada",), ("bob",)]
    assert sorted(inspect(engine_for(database_url)).get_table_names()) == ["alembic_version", "user"]


def test_what_cannot_be_dropped_is_no_failed_stamp(tmp_path: Path, postgresql_url: str) -> None:
    """A database of the run that the server keeps, as while somebody's backup locks it, is told after the stamp."""
    root = tools.shop(tmp_path / "shop")
    create_user(postgresql_url)
    heard, kept = [], make_url(postgresql_url)

    with tools.start(root, env={"EXISTING_URL": driver_url(postgresql_url)}) as inside:
        for event in inside.events():
            heard.append(event.kind)
            if event.kind == "loaded":
                kept = kept.set(database=databases_of_runs(root)[0])
                subscription = "CREATE SUBSCRIPTION keeps CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE)"
                execute(kept.render_as_string(hide_password=False), subscription)
            elif event.kind == "verified":
                inside.send(Go(stamp=True))
    execute(kept.render_as_string(hide_password=False), "DROP SUBSCRIPTION keeps")
    engine_for(kept.render_as_string(hide_password=False)).dispose()
    execute(SERVERS["postgresql"], f'DROP DATABASE "{kept.database}"')

    assert [one for one in heard if one not in ("step", "progress", "fingerprints")] == [
        "loaded",
        "verified",
        "stamped",
        "left-behind",
    ]


@pytest.mark.parametrize("answer", [False, None], ids=["told not to stamp", "caller leaves"])
def test_database_is_untouched_without_the_word(tmp_path: Path, database_url: str, answer: bool | None) -> None:
    """Verification alone writes nothing, not even Alembic's empty version table."""
    root = tools.shop(tmp_path / "shop")
    create_user(database_url)

    heard = tools.hear(root, stamp=answer, env={"EXISTING_URL": driver_url(database_url)})

    assert heard.names == ["loaded", "verified"]
    assert inspect(engine_for(database_url)).get_table_names() == ["user"]


def test_tree_is_untouched(tmp_path: Path) -> None:
    """Nothing is written into the project: no byte code, no revision, no instance folder."""
    root = tools.shop(tmp_path / "shop")
    before = tools.tree(root)

    tools.hear(root)

    assert tools.tree(root) == before


def test_missing_sqlite_file_is_not_created(tmp_path: Path) -> None:
    """A fresh clone gets everything but the stamp."""
    root = tools.shop(tmp_path / "shop")

    heard = tools.hear(root, stamp=False)

    assert heard.one("verified")["existing"] == "absent"
    assert not (root / "shop.db").exists()


def test_missing_database_on_a_server_is_absent(tmp_path: Path, postgresql_url: str) -> None:
    """A database that does not exist yet is told from a server that does not answer."""
    root = tools.shop(tmp_path / "shop")

    heard = tools.hear(root, stamp=False, env={"EXISTING_URL": driver_url(postgresql_url) + "_not_there"})

    facts = heard.one("verified")
    assert (facts["existing"], facts["offline"], facts["unverified"]) == ("absent", False, [])


def test_unreachable_server_gives_an_unverified_baseline(tmp_path: Path) -> None:
    """Without a server the baseline is rendered for its dialect, and called unverified; the password is not shown."""
    root = tools.shop(tmp_path / "shop")

    heard = tools.hear(root, stamp=False, env={"EXISTING_URL": "postgresql+psycopg2://shop:geh%40im@127.0.0.1:1/shop"})

    facts = heard.one("verified")
    assert (facts["existing"], facts["offline"], facts["dialect"]) == ("unreachable", True, "PostgreSQL")
    assert [reason.partition(":")[0] for reason in facts["unverified"]] == [
        "the existing database was not compared, since it cannot be read",
        "the baseline was not run, since no scratch database could be made",
    ]
    loaded = heard.one("loaded")
    assert loaded.pop("url") == "postgresql+psycopg2://shop:geh%40im@127.0.0.1:1/shop"
    assert "geh" not in str([event for event in heard.events if event["event"] != "fingerprints"])  # they are not printed
    assert loaded["database"] == "postgresql+psycopg2://shop:***@127.0.0.1:1/shop"


def test_drift_is_reported(tmp_path: Path, database_url: str) -> None:
    """A database that is not what the baseline builds is verified as different; the caller decides."""
    root = tools.shop(tmp_path / "shop")
    create_user(database_url)
    quoted = engine_for(database_url).dialect.identifier_preparer.quote("user")
    execute(database_url, f"ALTER TABLE {quoted} ADD COLUMN nick VARCHAR(5)")

    heard = tools.hear(root, stamp=False, env={"EXISTING_URL": driver_url(database_url)})

    facts = heard.one("verified")
    advice = "Add it to the model, or drop it; no row has a value in it."
    assert facts["differences"] == [
        {
            "table": "user",
            "what": "column",
            "name": "nick",
            "kind": "extra",
            "expected": "",
            "actual": "VARCHAR(5)",
            "class": "database-ahead",
            "where": "app.py:14",
            "advice": advice,
            "rows": None,
        }
    ]
    assert facts["drift"] == [
        "database-ahead: only the database has it",
        "  user.nick   only in the database  VARCHAR(5)   app.py:14",
        "    " + advice,
    ]


def test_unmanaged_tables_are_listed(tmp_path: Path, database_url: str) -> None:
    """A table without a model is counted, its likely owner named, and written into project.ini."""
    root = tools.shop(tmp_path / "shop")
    create_user(database_url)
    execute(
        database_url,
        "CREATE TABLE jobs (id VARCHAR(20) PRIMARY KEY, next_run_time FLOAT, job_state VARCHAR(20))",
        "INSERT INTO jobs (id) VALUES ('a'), ('b'), ('c')",
        "CREATE TABLE prices (price FLOAT)",
    )

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(database_url)})

    facts = heard.one("verified")
    assert facts["unmanaged"] == [
        {"table": "jobs", "rows": 3, "owner": "APScheduler"},
        {"table": "prices", "rows": 0, "owner": "a tool such as pandas, for it has no primary key"},
    ]
    assert facts["unmanaged_lines"] == [
        "jobs     3 rows   APScheduler",
        "prices   0 rows   a tool such as pandas, for it has no primary key",
    ]
    assert facts["differences"] == []
    assert facts["project_ini"] == (
        "# Tables without a model: `flask db migrate` leaves them alone, whoever made them.\n"
        "[unmanaged]\ntables =\n    jobs\n    prices\n"
    )
    assert heard.one("stamped")["revision"] == tools.REVISION


def test_models_of_views(tmp_path: Path, database_url: str) -> None:
    """A model whose name is that of a view gets no table in the baseline, and is no difference."""
    models = tools.USER + ("\n    class Names(db.Model):\n        name = db.Column(db.String(20), primary_key=True)\n")
    root = tools.shop(tmp_path / "shop", models)
    create_user(database_url)
    quoted = engine_for(database_url).dialect.identifier_preparer.quote("user")
    execute(database_url, f"CREATE VIEW names AS SELECT name FROM {quoted}")

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(database_url)})

    facts = heard.one("verified")
    assert (facts["differences"], facts["views"], facts["tables"]) == ([], ["names"], 1)
    assert "'names'" not in facts["baseline"]["text"]
    assert facts["project_ini"] == "# Views that models read: no table is made for them.\n[views]\nnames =\n    names\n"
    assert heard.one("stamped")["revision"] == tools.REVISION


def test_tables_that_the_application_reads_from_its_database(tmp_path: Path) -> None:
    """Those in the metadata of its SQLAlchemy object are told; those of another one are its own affair."""
    after = """
        from sqlalchemy import MetaData, Table
        with app.app_context():
            Table("jobs", db.metadata, autoload_with=db.engine)
            Table("other", MetaData(), autoload_with=db.engine)
    """
    root = tools.shop(tmp_path / "shop", after=after)
    tools.run_sqlite(
        root / "shop.db",
        "CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL);"
        "CREATE TABLE jobs (id INTEGER NOT NULL PRIMARY KEY); CREATE TABLE other (id INTEGER NOT NULL PRIMARY KEY);",
    )

    heard = tools.hear(root, stamp=False, load_on="schema")

    assert heard.one("verified")["reflected"] == ["jobs"]


def test_stamped_database_is_refused(tmp_path: Path, database_url: str) -> None:
    """A database that names another revision belongs to other migrations."""
    root = tools.shop(tmp_path / "shop")
    create_user(database_url)
    execute(
        database_url, "CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('feedbeef')"
    )

    error = tools.hear(root, env={"EXISTING_URL": driver_url(database_url)}).one("error")

    assert (error["reason"], error["revision"]) == ("already-stamped", "feedbeef")


def test_empty_version_table_is_no_stamp(tmp_path: Path, database_url: str) -> None:
    """`flask db migrate` leaves an empty `alembic_version` behind; that database is stamped as any other."""
    root = tools.shop(tmp_path / "shop")
    create_user(database_url)
    execute(database_url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(database_url)})

    assert heard.one("stamped")["revision"] == tools.REVISION
    assert read(database_url, "SELECT version_num FROM alembic_version") == [(tools.REVISION,)]


def test_edits_are_tried_from_memory(tmp_path: Path) -> None:
    """An edited file is served from the overlay: module, config file and a module that does not exist yet."""
    root = tools.shop(tmp_path / "shop")
    edited = (
        (root / "app.py")
        .read_text()
        .replace("db = SQLAlchemy(app)", "app.config.from_pyfile('settings.cfg')\nimport extra\ndb = SQLAlchemy(app)")
    )
    (root / "app.py").write_text("raise RuntimeError('the old text')\n")
    (root / "settings.cfg").write_text("SQLALCHEMY_DATABASE_URI = 'sqlite:////nowhere/old.db'\n")
    target = tmp_path / "new.db"
    overlay = {"app.py": edited, "settings.cfg": f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{target}'\n", "extra.py": "VALUE = 1\n"}
    before = tools.tree(root)

    heard = tools.hear(root, stamp=False, overlay=overlay)

    assert heard.one("loaded")["url"] == f"sqlite:///{target}"
    assert tools.tree(root) == before


@pytest.fixture
def poor_url(postgresql_url: str) -> Iterator[str]:
    """The same database for a role that may not create databases."""
    role = "poor_" + secrets.token_hex(4)
    execute(
        postgresql_url,
        f"CREATE ROLE {role} LOGIN PASSWORD 'geheim'",
        f"GRANT ALL ON SCHEMA public TO {role}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
    )
    try:
        yield driver_url(make_url(postgresql_url).set(username=role, password="geheim").render_as_string(hide_password=False))
    finally:
        execute(postgresql_url, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


def test_role_without_create_database(tmp_path: Path, poor_url: str) -> None:
    """The baseline is rendered for the server and called unverified, with the reason."""
    root = tools.shop(tmp_path / "shop")
    create_user(poor_url)

    facts = tools.hear(root, stamp=False, env={"EXISTING_URL": poor_url}).one("verified")

    assert (facts["existing"], facts["offline"], facts["differences"]) == ("present", True, [])
    assert facts["dialect"].startswith("PostgreSQL ")
    assert len(facts["unverified"]) == 1
    assert facts["unverified"][0].startswith("the baseline was not run, since no scratch database could be made: the role may not ")


def test_empty_database_url_stands_in(tmp_path: Path, poor_url: str) -> None:
    """EMPTY_DATABASE_URL names an empty database; it is empty again afterwards."""
    root = tools.shop(tmp_path / "shop")
    create_user(poor_url)
    with new_database("postgresql") as empty:
        heard = tools.hear(root, env={"EXISTING_URL": poor_url, "EMPTY_DATABASE_URL": driver_url(empty)})

        assert heard.one("verified")["unverified"] == []
        assert heard.one("stamped")
        assert inspect(engine_for(empty)).get_table_names() == []


@pytest.mark.parametrize("which", ["the existing one", "one with tables"])
def test_empty_database_url_must_be_empty_and_another(tmp_path: Path, postgresql_url: str, which: str) -> None:
    """A scratch database that holds anything, or is in use, is refused before it is touched."""
    root = tools.shop(tmp_path / "shop")
    create_user(postgresql_url)
    with new_database("postgresql") as other:
        execute(other, "CREATE TABLE precious (id INTEGER)", "INSERT INTO precious VALUES (1)")
        empty = postgresql_url if which == "the existing one" else other

        heard = tools.hear(root, env={"EXISTING_URL": driver_url(postgresql_url), "EMPTY_DATABASE_URL": driver_url(empty)})

        assert heard.one("error")["reason"] == "scratch-refused"
        assert read(other, "SELECT id FROM precious") == [(1,)]
    assert read(postgresql_url, 'SELECT count(*) FROM "user"') == [(2,)]


def test_sessions_take_turns_at_the_empty_database(tmp_path: Path, poor_url: str) -> None:
    """A rehearsal beside the session, and an app that is loaded on it: the one empty database serves all of them."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n    COUNT = User.query.count()\n")
    create_user(poor_url)
    with new_database("postgresql") as empty, ThreadPoolExecutor() as pool:
        env = {"EXISTING_URL": poor_url, "EMPTY_DATABASE_URL": driver_url(empty)}
        rehearsals = [pool.submit(tools.rehearse, root, env=env, base_url=poor_url) for _ in range(2)]

        heard = tools.hear(root, env=env, base_url=poor_url)

        assert heard.one("verified")["unverified"] == []
        assert heard.one("stamped")
        assert [one.result().one("rehearsed")["tables"] for one in rehearsals] == [1, 1]
        assert inspect(engine_for(empty)).get_table_names() == []


def test_what_the_baseline_does_not_make_is_named(tmp_path: Path, database_url: str) -> None:
    """Triggers, and views that no model reads, are named with what shows them; nothing differs for them, and the stamp is set."""
    models = tools.USER + ("\n    class Names(db.Model):\n        name = db.Column(db.String(20), primary_key=True)\n")
    root = tools.shop(tmp_path / "shop", models)
    create_user(database_url)
    dialect = engine_for(database_url).dialect
    table = dialect.identifier_preparer.quote("user")
    action = {
        "sqlite": "BEGIN SELECT 1; END",
        "mysql": "FOR EACH ROW SET @a = 1",
        "postgresql": "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    }
    execute(
        database_url,
        f"CREATE VIEW names AS SELECT name FROM {table}",
        f"CREATE VIEW longer AS SELECT name FROM {table}",
        f"CREATE TRIGGER touch BEFORE UPDATE ON {table} {action[dialect.name]}",
    )

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(database_url)})

    facts = heard.one("verified")
    assert [(one["kind"], one["name"], one["table"]) for one in facts["unbuilt"]] == [
        ("trigger", "touch", "user"),
        ("view", "longer", None),
    ]
    assert [line.partition("   ")[0] for line in facts["unbuilt_lines"]] == ["1 trigger: touch on user", "1 view: longer"]
    assert facts["unbuilt_advice"].startswith("no revision makes those, so that a new database goes without; ")
    assert facts["differences"] == []
    assert heard.one("stamped")["revision"] == tools.REVISION


def test_enum_types_and_sequences_of_the_models_are_made(tmp_path: Path, postgresql_url: str) -> None:
    """What the baseline makes beside tables is not named, also where a run has no scratch database to see it in."""
    models = tools.USER + (
        "        mood = db.Column(db.Enum('good', 'bad', name='mood'))\n"
        "        number = db.Column(db.Integer, db.Sequence('numbers'))\n"
    )
    root = tools.shop(tmp_path / "shop", models, after="with app.app_context():\n    pass\n")
    execute(
        postgresql_url,
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE SEQUENCE numbers",
        "CREATE SEQUENCE invoices",
        'CREATE TABLE "user" (id serial PRIMARY KEY, name varchar(20) NOT NULL, mood mood, number integer)',
    )
    url = driver_url(postgresql_url)

    heard = tools.hear(root, env={"EXISTING_URL": url})
    assert [one["name"] for one in heard.one("verified")["unbuilt"]] == ["invoices"]

    role = f"test_{secrets.token_hex(6)}"
    execute(
        postgresql_url,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        "DROP TABLE alembic_version",
    )
    try:
        heard = tools.hear(root, env={"EXISTING_URL": url.replace("postgres@", role + "@")})
        facts = heard.one("verified")
        assert facts["offline"]
        assert [one["name"] for one in facts["unbuilt"]] == ["invoices"]
    finally:
        execute(postgresql_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
