"""Several databases in one application: each has scratch, baseline, proof and stamp of its own, whatever servers they are on."""

from __future__ import annotations

import contextlib
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from hooks.inside.base.messages import Compared, Failed, Go, Stamped, Step, Verified
from tests.inside import tools
from tests.inside.test_retrofit import create_user, driver_url, read
from tests.servers import databases, engine_for, execute, new_database

MODELS = """
    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), nullable=False)


    class Visit(db.Model):
        __bind_key__ = "logs"
        id = db.Column(db.Integer, primary_key=True)
        page = db.Column(db.String(40), nullable=False)
"""
PAIRS = [
    ("sqlite", "sqlite"),
    ("postgresql", "postgresql"),
    ("mariadb", "mariadb"),
    ("sqlite", "postgresql"),
    ("postgresql", "mariadb"),
]


def project(root: Path, models: str = MODELS, *, binds: str = '{"logs": os.environ["LOGS_URL"]}', after: str = "") -> Path:
    """The shop with a bind `logs`, whose database is LOGS_URL."""
    head = tools.HEAD.replace(
        "    db = SQLAlchemy(app)\n", f'    app.config["SQLALCHEMY_BINDS"] = {binds}\n    db = SQLAlchemy(app)\n'
    )
    return tools.write_project(root, {"app.py": "\n".join(textwrap.dedent(part) for part in (head, models, after))})


def create_visit(url: str) -> None:
    """The table of the bind, as `create_all()` makes it, with rows."""
    dialect = engine_for(url).dialect.name
    key = {"sqlite": "INTEGER NOT NULL", "postgresql": "SERIAL NOT NULL"}.get(dialect, "INTEGER NOT NULL AUTO_INCREMENT")
    execute(
        url,
        f"CREATE TABLE visit (id {key}, page VARCHAR(40) NOT NULL, PRIMARY KEY (id))",
        "INSERT INTO visit (page) VALUES ('/'), ('/about')",
    )


@pytest.fixture(params=PAIRS, ids="-".join)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The default database and that of the bind `logs`, empty."""
    with ExitStack() as stack:
        shop, logs = (stack.enter_context(new_database(dialect, tmp_path)) for dialect in request.param)
        yield shop, logs


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    """Two SQLite databases with tables and rows."""
    shop, logs = (f"sqlite:///{tmp_path}/{name}.db" for name in ("shop", "logs"))
    create_user(shop)
    create_visit(logs)
    return shop, logs


def env(urls: tuple[str, str], **more: str) -> dict[str, str]:
    """What tells the application where its databases are."""
    return {"EXISTING_URL": driver_url(urls[0]), "LOGS_URL": driver_url(urls[1]), **more}


def names(url: str) -> list[str]:
    """The tables of a database."""
    return sorted(inspect(engine_for(url)).get_table_names())


def version(url: str) -> list[tuple[object, ...]]:
    """The rows of alembic_version."""
    return read(url, "SELECT version_num FROM alembic_version")


def of(facts: dict[str, Any], name: str) -> dict[str, Any]:
    """What is told of one database."""
    (found,) = (one for one in facts["databases"] if one["name"] == name)
    return found


def test_each_database_is_verified_and_stamped(tmp_path: Path, urls: tuple[str, str]) -> None:
    """One revision file with functions for each; every row is as before, and each database has its own version row."""
    root = project(tmp_path / "shop")
    create_user(urls[0])
    create_visit(urls[1])
    quoted = engine_for(urls[0]).dialect.identifier_preparer.quote("user")

    heard = tools.hear(root, env=env(urls))

    assert heard.names == ["loaded", "verified", "stamped", "stamped"], heard.stderr
    facts = heard.one("verified")
    for name in ("", "logs"):
        one = of(facts, name)
        assert (one["existing"], one["tables"], one["differences"], one["unverified"]) == ("present", 1, [], [])
    assert [event["name"] for event in heard.events if event["event"] == "stamped"] == ["", "logs"]
    assert read(urls[0], f"SELECT name FROM {quoted} ORDER BY id") == [("ada",), ("bob",)]
    assert read(urls[1], "SELECT page FROM visit ORDER BY id") == [("/",), ("/about",)]
    assert (names(urls[0]), names(urls[1])) == (["alembic_version", "user"], ["alembic_version", "visit"])
    assert version(urls[0]) == version(urls[1]) == [(tools.REVISION,)]


def test_the_file(tmp_path: Path, two: tuple[str, str]) -> None:
    """Flask-Migrate's own form for several databases, and what each part builds."""
    heard = tools.hear(project(tmp_path / "shop"), env=env(two), stamp=False)

    facts = heard.one("verified")
    assert facts["baseline"]["text"] == BASELINE.format(server=of(facts, "")["dialect"], space=" ")


def test_nothing_is_written_without_the_word(tmp_path: Path, two: tuple[str, str]) -> None:
    """Both files are the same bytes after every check."""
    before = [Path(url.partition(":///")[2]).read_bytes() for url in two]

    tools.hear(project(tmp_path / "shop"), env=env(two), stamp=False)

    assert [Path(url.partition(":///")[2]).read_bytes() for url in two] == before


SEED = "    db.session.add(Visit(page='seeded'))\n    db.session.commit()"
ATTACKS = {
    "rows into the bind": SEED,
    "create_all of the bind": "    db.create_all(bind_key='logs')\n" + SEED,
    "rows by the engine of the bind": (
        "    with db.engines['logs'].begin() as connection:\n        connection.execute(Visit.__table__.delete())"
    ),
    "both": "    db.create_all()\n    db.session.add(User(name='seeded'))\n" + SEED,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_code_that_runs_while_loading_cannot_reach_a_bind(attack: str, tmp_path: Path, urls: tuple[str, str]) -> None:
    """It goes to play databases; rows of both databases are the same, also where they are the last resort."""
    root = project(tmp_path / "shop", after="with app.app_context():\n" + ATTACKS[attack] + "\n")
    create_user(urls[0])
    create_visit(urls[1])
    quoted = engine_for(urls[0]).dialect.identifier_preparer.quote("user")

    refused = tools.hear(root, env=env(urls), stamp=False, load_on="existing", create_all="skip").one("error")
    heard = tools.hear(root, env=env(urls))

    assert refused["reason"] == "app-writes-while-loading"
    if "create_all" in ATTACKS[attack]:
        assert heard.names == ["loaded", "verified", "stamped", "stamped"], heard.stderr
    assert read(urls[0], f"SELECT name FROM {quoted} ORDER BY id") == [("ada",), ("bob",)]
    assert read(urls[1], "SELECT page FROM visit ORDER BY id") == [("/",), ("/about",)]


def test_a_database_that_is_not_there(tmp_path: Path, two: tuple[str, str]) -> None:
    """It is not created and not stamped; the other one is."""
    absent = f"sqlite:///{tmp_path}/absent.db"

    heard = tools.hear(project(tmp_path / "shop"), env=env((two[0], absent)))

    assert [event["name"] for event in heard.events if event["event"] == "stamped"] == [""]
    assert of(heard.one("verified"), "logs")["existing"] == "absent"
    assert not (tmp_path / "absent.db").exists()
    assert version(two[0]) == [(tools.REVISION,)]


def test_a_server_that_does_not_answer(tmp_path: Path, two: tuple[str, str]) -> None:
    """Its part of the baseline is written and called unverified, without its password; the other database is stamped."""
    away = "postgresql+psycopg2://shop:geheim@127.0.0.1:1/logs"

    heard = tools.hear(project(tmp_path / "shop"), env=env((two[0], away)))

    logs = of(heard.one("verified"), "logs")
    assert (logs["existing"], logs["offline"], logs["dialect"], len(logs["unverified"])) == ("unreachable", True, "PostgreSQL", 2)
    assert of(heard.one("verified"), "")["unverified"] == []
    assert [event["name"] for event in heard.events if event["event"] == "stamped"] == [""]
    shown = [event for event in heard.events if event["event"] != "fingerprints"]  # they are not printed
    assert "geheim" not in str(shown)


def test_drift_in_one_bind_only(tmp_path: Path, urls: tuple[str, str]) -> None:
    """The baseline has what the models say of one and what is there of the other; the second revision touches only that one."""
    create_user(urls[0])
    create_visit(urls[1])
    execute(urls[1], "ALTER TABLE visit ADD COLUMN agent VARCHAR(50)", "UPDATE visit SET agent = 'x'")

    heard = tools.hear(project(tmp_path / "shop"), env=env(urls), on_drift="reconcile")

    facts = heard.one("verified")
    assert of(facts, "logs")["held"] == ["visit.agent: 2 rows with a value in it"]
    assert (of(facts, "logs")["left"], of(facts, "logs")["is_reconciled"]) == ([], True)
    assert (of(facts, "")["differences"], "is_reconciled" in of(facts, "")) == ([], False)
    assert "sa.Column('agent', " in facts["baseline"]["text"].partition("def upgrade_logs()")[2]
    assert "def upgrade_():\n    pass\n\n\n" in facts["reconcile"]["text"]
    assert "#     batch_op.drop_column('agent')" in facts["reconcile"]["text"]
    assert version(urls[0]) == version(urls[1]) == [(tools.REVISION,)]
    assert read(urls[1], "SELECT page, agent FROM visit ORDER BY id") == [("/", "x"), ("/about", "x")]


def test_drift_in_both(tmp_path: Path, two: tuple[str, str]) -> None:
    """One second revision carries both to the models."""
    execute(two[0], "ALTER TABLE user ADD COLUMN nick VARCHAR(5)")
    execute(two[1], "CREATE INDEX ix_page ON visit (page)")

    facts = tools.hear(project(tmp_path / "shop"), env=env(two), on_drift="reconcile").one("verified")

    assert [one["held"] for one in facts["databases"]] == [
        ["user.nick: only in the database"],
        ["visit ix_page: only in the database"],
    ]
    assert [one["left"] for one in facts["databases"]] == [[], []]


def test_a_bind_that_is_the_default_database(tmp_path: Path, database_url: str) -> None:
    """Recognised: one scratch database, one proof, one version row; each bind keeps functions of its own."""
    create_user(database_url)
    create_visit(database_url)

    heard = tools.hear(project(tmp_path / "shop"), env=env((database_url, database_url)))

    facts = heard.one("verified")
    assert (facts["keys"], facts["tables"], facts["differences"], facts["unmanaged"]) == ([None, "logs"], 2, [], [])
    assert "def upgrade_():\n    op.create_table('user'" in facts["baseline"]["text"]
    assert "def upgrade_logs():\n    op.create_table('visit'" in facts["baseline"]["text"]
    assert heard.one("stamped")["revision"] == tools.REVISION
    assert version(database_url) == [(tools.REVISION,)]


def test_drift_where_two_binds_are_one_database(tmp_path: Path, database_url: str) -> None:
    """What each bind's tables are is in its own functions, in both revisions."""
    create_user(database_url)
    create_visit(database_url)
    execute(database_url, "ALTER TABLE visit ADD COLUMN agent VARCHAR(50)")

    facts = tools.hear(project(tmp_path / "shop"), env=env((database_url, database_url)), on_drift="reconcile").one("verified")

    assert (facts["held"], facts["left"]) == (["visit.agent: only in the database"], [])
    text_ = facts["reconcile"]["text"]
    assert text_.index("def upgrade_logs()") < text_.index("drop_column('agent')") < text_.index("def downgrade_logs()")


def test_all_models_in_one_bind(tmp_path: Path, database_url: str) -> None:
    """Nothing is expected of the default database, which is not even opened, nor of a bind without tables; both are named."""
    create_visit(database_url)
    models = MODELS[MODELS.index("    class Visit") :]
    root = project(tmp_path / "shop", models, binds='{"logs": os.environ["LOGS_URL"], "cache": "sqlite:///cache.db"}')

    heard = tools.hear(root, env={"LOGS_URL": driver_url(database_url)})

    facts = heard.one("verified")
    assert (facts["name"], facts["tables"], facts["existing"], facts["spare_binds"]) == ("logs", 1, "present", [None, "cache"])
    assert "def upgrade_logs():\n    op.create_table('visit'" in facts["baseline"]["text"]
    assert version(database_url) == [(tools.REVISION,)]
    assert not (root / "shop.db").exists()


def test_binds_without_a_default_database(tmp_path: Path, two: tuple[str, str]) -> None:
    """SQLALCHEMY_BINDS alone, which Flask-SQLAlchemy 3 takes."""
    models = MODELS[MODELS.index("    class Visit") :]
    root = project(tmp_path / "shop", models)
    source = (root / "app.py").read_text()
    (root / "app.py").write_text(source.replace('app.config["SQLALCHEMY_DATABASE_URI"] = URL\n', ""))

    heard = tools.hear(root, env=env(two))

    assert (heard.one("verified")["name"], heard.one("verified")["spare_binds"]) == ("logs", [])
    assert version(two[1]) == [(tools.REVISION,)]
    assert names(two[0]) == ["user"]


def test_the_second_stamp_fails(tmp_path: Path, two: tuple[str, str]) -> None:
    """The first one is told and stays: it is true. The error names the database that has none."""
    root = project(tmp_path / "shop")
    with tools.start(root, env=env(two)) as inside:
        heard = []
        for event in inside.events():
            heard.append(event)
            if isinstance(event, Verified):
                inside.send(Go(compare=True))
            if isinstance(event, Compared):
                execute(two[1], "ALTER TABLE visit ADD COLUMN late INTEGER")
                inside.send(Go(stamp=True))

    stamped, failed = [event for event in heard if isinstance(event, (Stamped, Failed))]
    assert (stamped.name, failed.reason, failed.database) == ("", "stamp-failed", two[1])
    assert "the schema changed after it was verified" in failed.message
    assert version(two[0]) == [(tools.REVISION,)]
    assert names(two[1]) == ["visit"]


def test_a_killed_run_leaves_no_scratch_database_for_good(tmp_path: Path, urls: tuple[str, str]) -> None:
    """What a kill leaves behind on either server is dropped by the next run."""
    servers = {engine_for(url).dialect.name: url for url in urls if not url.startswith("sqlite")}
    create_user(urls[0])
    create_visit(urls[1])
    root = project(tmp_path / "shop")
    prefix = scratch_prefix(root)
    with tools.start(root, env=env(urls)) as inside:
        for event in inside.events():
            if isinstance(event, Step) and event.name == "scratch":
                inside._process.kill()
                break
    wait_for_processes_in(root)

    tools.hear(root, env=env(urls), stamp=False)

    left = {
        name for dialect in servers for name in databases("mariadb" if dialect == "mysql" else dialect) if name.startswith(prefix)
    }
    assert left == set()


def wait_for_processes_in(root: Path) -> None:
    """The children of a killed process end by themselves, and with them their sessions."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        folders = []
        for one in Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                folders.append(one.readlink())
        if root not in folders:
            return
        time.sleep(0.05)


def scratch_prefix(root: Path) -> str:
    """What the names of this project's scratch databases begin with."""
    from adopt.server.scratch import prefix

    return prefix(str(root))


def test_rehearsal_on_empty_databases(tmp_path: Path, urls: tuple[str, str]) -> None:
    """Started on empty databases, each bind has one of its own: the application's tables do not meet, and no row is lost."""
    after = "with app.app_context():\n    db.create_all()\n    db.session.add(Visit(page='seeded'))\n    db.session.commit()\n"
    check = (
        "    from sqlalchemy import inspect\n    assert inspect(db.engine).get_table_names() == ['user']\n"
        "    assert inspect(db.engines['logs']).get_table_names() == ['visit']\n"
    )
    root = project(tmp_path / "shop", after=after + check)
    create_visit(urls[1])

    facts = tools.rehearse(root, env=env(urls), base_url=driver_url(urls[0])).one("rehearsed")

    assert (facts["follows_variable"], facts["tables"]) == (True, 1)
    assert read(urls[1], "SELECT page FROM visit ORDER BY id") == [("/",), ("/about",)]


def test_a_bind_that_is_written_as_the_default_database(tmp_path: Path) -> None:
    """It stays where it is written while the variable moves the default database; the rehearsal reaches neither."""
    url = f"sqlite:///{tmp_path}/one.db"
    create_user(url)
    create_visit(url)
    after = "with app.app_context():\n" + ATTACKS["both"] + "\n"

    facts = tools.rehearse(project(tmp_path / "shop", after=after), env=env((url, url)), base_url=url).one("rehearsed")

    assert facts["follows_variable"] is True
    assert (len(read(url, "SELECT * FROM visit")), len(read(url, "SELECT * FROM user"))) == (2, 2)


def test_empty_databases_by_variables(tmp_path: Path, two: tuple[str, str]) -> None:
    """EMPTY_DATABASE_URL and EMPTY_DATABASE_URL_LOGS stand in for new ones, and are empty again afterwards."""
    with new_database("postgresql") as shop, new_database("postgresql") as logs:
        create_user(shop)
        create_visit(logs)
        with new_database("postgresql") as first, new_database("postgresql") as second:
            given = {"EMPTY_DATABASE_URL": driver_url(first), "EMPTY_DATABASE_URL_LOGS": driver_url(second)}

            heard = tools.hear(project(tmp_path / "shop"), env=env((shop, logs), **given))

            assert heard.names == ["loaded", "verified", "stamped", "stamped"], heard.stderr
            assert (names(first), names(second)) == ([], [])


def test_an_empty_database_that_is_a_bind(tmp_path: Path, two: tuple[str, str]) -> None:
    """A database that any bind leads to is never used as a scratch one."""
    empty = f"sqlite:///{tmp_path}/cache.db"
    root = project(tmp_path / "shop", binds='{"logs": os.environ["LOGS_URL"], "cache": os.environ["EMPTY_DATABASE_URL"]}')

    error = tools.hear(root, env=env(two, EMPTY_DATABASE_URL=empty)).one("error")

    assert error["reason"] == "scratch-refused"
    assert "is a database that the application uses" in error["message"]


def test_a_table_in_two_binds_of_one_database(tmp_path: Path, two: tuple[str, str]) -> None:
    """No baseline could make it twice."""
    models = MODELS.replace("class Visit(db.Model):", "class Visit(db.Model):\n        __tablename__ = 'user'")

    error = tools.hear(project(tmp_path / "shop", models), env=env((two[0], two[0]))).one("error")

    assert (error["reason"], error["tables"]) == ("table-in-two-binds", ["user: the default one, logs"])


def test_names_that_are_alike(tmp_path: Path, two: tuple[str, str]) -> None:
    """Two keys that differ in what no function can be called."""
    models = MODELS.replace('"logs"', '"lo-gs"') + MODELS[MODELS.index("    class Visit") :].replace('"logs"', '"lo.gs"').replace(
        "Visit", "Hit"
    )
    binds = '{"lo-gs": os.environ["LOGS_URL"], "lo.gs": "sqlite:///other.db"}'

    error = tools.hear(project(tmp_path / "shop", models, binds=binds), env=env(two)).one("error")

    assert (error["reason"], error["binds"]) == ("binds-alike", ["lo-gs, lo.gs"])


def test_models_that_nobody_imports_in_a_bind(tmp_path: Path, two: tuple[str, str]) -> None:
    """The table is in the bind's database, so the module is imported, although no model of that bind was loaded before."""
    root = project(tmp_path / "shop", MODELS[: MODELS.index("    class Visit")])
    visit = "from app import db\n\n\n" + textwrap.dedent(MODELS[MODELS.index("    class Visit") :])
    (root / "visits.py").write_text(visit)
    model = {"module": "visits", "name": "Visit", "table": "", "path": "visits.py", "line": 4, "is_table": False}

    heard = tools.hear(root, env=env(two), models=[model])

    assert heard.one("verified")["imported_modules"] == ["visits"]
    assert [one["name"] for one in heard.one("verified")["databases"]] == ["", "logs"]
    assert version(two[0]) == version(two[1]) == [(tools.REVISION,)]


def test_no_model_is_imported_and_all_are_in_a_bind(tmp_path: Path, two: tuple[str, str]) -> None:
    """The bind's database tells that they are in use, though the default one is not there."""
    root = project(tmp_path / "shop", "")
    (root / "visits.py").write_text("from app import db\n\n\n" + textwrap.dedent(MODELS[MODELS.index("    class Visit") :]))
    model = {"module": "visits", "name": "Visit", "table": "", "path": "visits.py", "line": 4, "is_table": False}

    heard = tools.hear(root, env={"LOGS_URL": two[1]}, models=[model])

    assert (heard.one("verified")["name"], heard.one("verified")["spare_binds"]) == ("logs", [None])
    assert version(two[1]) == [(tools.REVISION,)]
    assert not (root / "shop.db").exists()


BASELINE = '''\
"""baseline

Builds these schemas from nothing:
    the default database   of the models, on {server}
    logs                   of the models, on {server}

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


def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()


def upgrade_():
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade_():
    refuse_to_drop_rows('user')
    op.drop_table('user')


def upgrade_logs():
    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('page', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade_logs():
    refuse_to_drop_rows('visit')
    op.drop_table('visit')


def refuse_to_drop_rows(*tables):
    """Raise where one of the tables holds rows, before the first of them is dropped."""
    if op.get_context().as_sql:
        return
    for table in tables:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {{table}} LIMIT 1")).first():
            raise RuntimeError(f"{{table}} holds rows; nothing was dropped")
'''


def test_a_bind_that_only_its_search_path_tells(tmp_path: Path, postgresql_url: str) -> None:
    """Its baseline is run, and its stamp written, in the schema that its names lead to, though that of `public` is in sight."""
    models = """
    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class Room(db.Model):
        __bind_key__ = "tenant"
        id = db.Column(db.Integer, primary_key=True)
    """
    root = tools.shop(tmp_path / "shop", models)
    code = (root / "app.py").read_text()
    binds = 'app.config["SQLALCHEMY_BINDS"] = {"tenant": URL + "?options=-csearch_path=tenant,public"}\n'
    (root / "app.py").write_text(code.replace("db = SQLAlchemy(app)", binds + "db = SQLAlchemy(app)"))
    tables = ('CREATE TABLE "user" (id serial PRIMARY KEY)', "CREATE TABLE tenant.room (id serial PRIMARY KEY)")
    execute(postgresql_url, "CREATE SCHEMA tenant", *tables)

    heard = tools.hear(root, env={"EXISTING_URL": driver_url(postgresql_url)})

    assert [one["differences"] for one in heard.one("verified")["databases"]] == [[], []]
    with engine_for(postgresql_url).connect() as connection:
        for schema in ("public", "tenant"):
            assert connection.scalars(text(f"SELECT version_num FROM {schema}.alembic_version")).all() == [tools.REVISION]
