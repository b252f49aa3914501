"""Does the edited app start on an empty database, and does it follow the variable?"""

from __future__ import annotations

from pathlib import Path

from tests.inside import tools
from tests.servers import new_database


def test_app_that_follows(tmp_path: Path, database_url: str) -> None:
    """The variable decides, the tables are made in the scratch database, and the existing one is not touched."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n")
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")

    heard = tools.rehearse(root, base_url=url)

    facts = heard.one("rehearsed")
    assert (facts["follows_variable"], facts["tables"], facts["some_of_models"]) == (True, 1, [])
    assert not (root / "shop.db").exists()


def test_app_that_makes_some_of_its_tables(tmp_path: Path, database_url: str) -> None:
    """An extension that makes its own tables when it is attached, as Flask-AppBuilder does, leaves the others to the migrations."""
    after = """\
class Role(db.Model):
    id = db.Column(db.Integer, primary_key=True)

with app.app_context():
    Role.__table__.create(db.engine)
    db.session.execute(db.text("CREATE TABLE log (id INTEGER)"))
    db.session.commit()
"""
    root = tools.shop(tmp_path / "shop", after=after)
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")

    facts = tools.rehearse(root, base_url=url).one("rehearsed")

    assert (facts["tables"], facts["some_of_models"]) == (2, ["role"])


def test_app_that_makes_no_table_of_its_models(tmp_path: Path) -> None:
    """A table of nobody's at the start is no matter of the migrations, nor is one where all are made."""
    make_own = (
        "with app.app_context():\n    db.session.execute(db.text('CREATE TABLE log (id INTEGER)'))\n    db.session.commit()\n"
    )
    make_all = make_own + "    db.create_all()\n"

    found = [
        tools.rehearse(tools.shop(tmp_path / name, after=after), base_url=f"sqlite:///{tmp_path}/shop.db").one("rehearsed")
        for name, after in (("own", make_own), ("all", make_all))
    ]

    assert [(facts["tables"], facts["some_of_models"]) for facts in found] == [(1, []), (2, [])]


def test_app_that_ignores_the_variable(tmp_path: Path) -> None:
    """It starts, on the scratch database all the same, and is found out."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n")
    tools.run_sqlite(root / "shop.db", "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'ada');")
    source = (root / "app.py").read_text()
    (root / "app.py").write_text(source.replace('os.environ.get("DATABASE_URL") or ', ""))
    before = (root / "shop.db").read_bytes()

    facts = tools.rehearse(root, base_url=f"sqlite:///{root}/shop.db").one("rehearsed")

    assert (facts["follows_variable"], facts["tables"]) == (False, 1)
    assert (root / "shop.db").read_bytes() == before


def test_other_variables_lead_nowhere(tmp_path: Path, database_url: str) -> None:
    """The existing database's URL in another variable is not handed on, and an app that follows that one is found out."""
    root = tools.shop(tmp_path / "shop", after="print('other:', os.environ['EXISTING_URL'])\n")
    source = (root / "app.py").read_text()
    (root / "app.py").write_text(source.replace('os.environ.get("DATABASE_URL") or ', ""))
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")

    heard = tools.rehearse(root, base_url=url, env={"EXISTING_URL": url})

    assert heard.one("rehearsed")["follows_variable"] is False
    (other,) = [line for line in heard.stderr.splitlines() if line.startswith("other: ")]
    assert other.endswith("_elsewhere")


def test_app_that_brings_its_driver(tmp_path: Path) -> None:
    """PyMySQL that the application announces as MySQLdb is there before the application is loaded."""
    root = tools.shop(tmp_path / "shop")
    source = (root / "app.py").read_text()
    (root / "app.py").write_text("import pymysql\npymysql.install_as_MySQLdb()\n" + source)

    with new_database("mariadb") as url:
        facts = tools.rehearse(root, base_url=url.replace("mysql+pymysql://", "mysql://")).one("rehearsed")

    assert facts["follows_variable"] is True


def test_app_that_asks_the_server_for_its_database(tmp_path: Path) -> None:
    """SQLAlchemy-Utils' `database_exists` names no database when it connects; it gets the scratch database as well."""
    after = """\
import sqlalchemy as sa
with app.app_context():
    engine = sa.create_engine(sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"])._replace(database=None))
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT schema_name FROM information_schema.schemata"))
"""
    root = tools.shop(tmp_path / "shop", after=after)

    with new_database("mariadb") as url:
        facts = tools.rehearse(root, base_url=url).one("rehearsed")

    assert facts["follows_variable"] is True


def test_app_that_needs_its_tables(tmp_path: Path) -> None:
    """Without its create_all() the app does not start on an empty database; the reason says so."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    NAMES = [user.name for user in User.query.all()]\n")

    error = tools.rehearse(root, base_url=f"sqlite:///{root}/shop.db").one("error")

    assert (error["reason"], error["path"]) == ("app-queries-while-loading", "app.py")


def test_without_an_empty_database_nothing_is_tried(tmp_path: Path) -> None:
    """Where no scratch database can be made, that is the answer, and not that the app does not start."""
    root = tools.shop(tmp_path / "shop")

    error = tools.rehearse(root, base_url="postgresql+psycopg2://nobody@127.0.0.1:1/shop").one("error")

    assert error["reason"] == "no-scratch-database"
    assert error["message"]


def test_seeds_go_to_the_scratch_database(tmp_path: Path) -> None:
    """Rows that the app writes while it starts reach no database of anybody's."""
    seeds = "with app.app_context():\n    db.create_all()\n    db.session.add(User(name='admin'))\n    db.session.commit()\n"
    root = tools.shop(tmp_path / "shop", after=seeds)

    assert tools.rehearse(root).one("rehearsed")
    assert not (root / "shop.db").exists()


def test_what_a_plain_flask_finds(tmp_path: Path) -> None:
    """`flask` looks into wsgi.py and app.py; another module needs FLASK_APP, which the request may carry."""
    root = tools.shop(tmp_path / "shop")
    (root / "app.py").rename(root / "shop.py")

    lost = tools.rehearse(root, by_flask=True).one("error")
    found = tools.rehearse(root, by_flask=True, flask_app="shop").one("rehearsed")

    assert (lost["reason"], lost["exception"].partition(":")[0]) == ("app-failed-to-load", "NoAppException")
    assert found


def test_why_a_plain_flask_fails(tmp_path: Path) -> None:
    """The error is the project's own, not the traceback that `flask` makes of it."""
    root = tools.shop(tmp_path / "shop")
    (root / "wsgi.py").write_text("from app import application\n")

    error = tools.rehearse(root, by_flask=True).one("error")

    assert (error["path"], error["line"]) == ("wsgi.py", 1)
    assert error["exception"].startswith("ImportError: cannot import name 'application'")


def test_another_application_is_not_the_one(tmp_path: Path) -> None:
    """Plain `flask` finds an application, and that has no database."""
    root = tools.shop(tmp_path / "shop")
    (root / "wsgi.py").write_text("from flask import Flask\napp = Flask(__name__)\n")

    assert tools.rehearse(root, by_flask=True).one("error")["reason"] == "app-has-no-database"
