"""env.py under Flask-Migrate's own commands."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url

from tests.servers import SERVERS, engine_for, execute
from tests.template.project import ORDERS, Project


@pytest.fixture
def sqlite_project(tmp_path: Path) -> Project:
    return Project(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.db")


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path / "shop", database_url)


def test_migrate_upgrade_and_nothing_left_to_do(database_url, tmp_path):
    """All models are in the revision, other tables are left alone, application code is not imported, and a second run is empty."""
    project = Project(tmp_path / "project", database_url)
    project.write("orders.py", ORDERS)
    project.write("migrations/project.ini", "[models]\nimport =\n    orders\n\n[unmanaged]\ntables =\n    legacy\n")
    execute(database_url, "CREATE TABLE legacy (id INTEGER)")

    project.flask("db", "migrate", "-m", "Users, orders")
    [revision] = project.revisions()
    code = revision.read_text()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_[0-9a-f]{12}_users_orders\.py", revision.name)
    assert re.findall(r"op\.(\w+)\('(\w+)'", code) == [
        ("create_table", "users"),
        ("create_table", "orders"),
        ("drop_table", "orders"),
        ("drop_table", "users"),
    ]
    assert "sa.Column('secret', sa.LargeBinary(), nullable=True)" in code
    assert "shop" not in code

    project.flask("db", "upgrade")
    assert set(inspect(engine_for(database_url)).get_table_names()) == {"users", "orders", "legacy", "alembic_version"}
    assert "No changes in schema detected." in project.flask("db", "migrate")
    assert project.revisions() == [revision]
    assert "(head)" in project.flask("db", "current")


def test_upgrade_with_nothing_to_do_asks_once(database_url, tmp_path):
    """A database at the newest revision is asked for it once, as with Flask-Migrate's own env.py, and nothing is written."""
    project = Project(tmp_path / "project", database_url)
    project.flask("db", "migrate", "-m", "users")
    project.flask("db", "upgrade")
    project.add(ASKED)

    asked = [line for line in project.flask("db", "upgrade").splitlines() if line.startswith("asked:")]

    assert len([line for line in asked if "FROM alembic_version" in line]) == 1, asked
    assert not [line for line in asked if re.match("asked: (INSERT|UPDATE|DELETE|CREATE|DROP)", line)]


ASKED = """
from sqlalchemy import event
from sqlalchemy.engine import Engine

@event.listens_for(Engine, "before_cursor_execute")
def tell(connection, cursor, statement, *rest):
    print("asked:", " ".join(statement.split()))
"""


def test_sizes_of_texts_on_mariadb(mariadb_url, tmp_path):
    """TEXT(n) is there as the smallest type with room for it, which is no change; another size is one."""
    project = Project(tmp_path / "project", mariadb_url)
    columns = [
        "size = db.Column(db.Text(100000))",
        "huge = db.Column(db.Text(4294000000))",
        "raw = db.Column(db.LargeBinary(2**20))",
    ]
    project.add("\n\nclass Page(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    " + "\n    ".join(columns) + "\n")
    project.flask("db", "migrate", "-m", "pages")
    project.flask("db", "upgrade")

    assert "No changes in schema detected." in project.flask("db", "migrate")
    project.write("shop.py", (project.folder / "shop.py").read_text().replace("Text(100000)", "Text(100)"))
    assert "MEDIUMTEXT(), Text(length=100)" in project.flask("db", "check", expect=1)


def test_offline_and_online_use_the_same_options(project):
    """SQL that a person reviews writes the version table that the online run writes."""
    project.add("\nmigrate.init_app(app, db, version_table='shop_version')\n")
    project.flask("db", "migrate", "-m", "users")

    assert "INSERT INTO shop_version (version_num)" in project.flask("db", "upgrade", "--sql")
    project.flask("db", "upgrade")
    assert "shop_version" in inspect(engine_for(project.database_url)).get_table_names()


def test_options_of_the_project_win(project):
    """`Migrate(...)` can leave out more, and replace what env.py would do."""
    project.write("migrations/project.ini", "[unmanaged]\ntables = legacy\n")
    project.add(
        "\ndef without_orders(object_, name, *rest): return name != 'other'\n"
        "\ndef rename(context, revision, directives): directives[0].message = 'renamed'\n"
        "migrate.init_app(app, db, include_object=without_orders, process_revision_directives=rename)\n"
    )
    execute(project.database_url, "CREATE TABLE legacy (id INTEGER)", "CREATE TABLE other (id INTEGER)")

    project.flask("db", "migrate", "-m", "users")

    [revision] = project.revisions()
    assert "legacy" not in revision.read_text()
    assert "other" not in revision.read_text()
    assert revision.read_text().startswith('"""renamed')


def test_percent_sign_in_the_url(tmp_path):
    """A URL with % works online and offline."""
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/50%25.db")
    project.flask("db", "migrate", "-m", "users")
    project.flask("db", "upgrade")

    assert "CREATE TABLE users" in project.flask("db", "upgrade", "--sql")
    assert [path.name for path in tmp_path.glob("50*")] in (["50%.db"], ["50%25.db"])  # SQLAlchemy 2.1 or before


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_percent_sign_in_the_password(dialect, request, tmp_path):
    """A password with % and @ in it connects for every command, and is never shown."""
    url, role, password = request.getfixturevalue(f"{dialect}_url"), f"percent_{secrets.token_hex(4)}", "50%@%(here)s"
    database = make_url(url).database
    if dialect == "postgresql":
        made = f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD '{password}'", f'ALTER DATABASE "{database}" OWNER TO {role}'
        gone = f'ALTER DATABASE "{database}" OWNER TO CURRENT_USER', f"DROP OWNED BY {role}", f"DROP ROLE {role}"
    else:
        made = f"CREATE USER {role} IDENTIFIED BY '{password}'", f"GRANT ALL ON *.* TO {role}"
        gone = (f"DROP USER {role}",)
    execute(SERVERS[dialect], *made)
    try:
        own = make_url(url).set(username=role, password=password).render_as_string(hide_password=False)
        project = Project(tmp_path / "project", own)
        said = [project.flask("db", *one) for one in (("migrate", "-m", "users"), ("upgrade",), ("check",), ("upgrade", "--sql"))]
        said += [project.adopt("status"), project.adopt("check"), project.adopt("deploy")]
        assert "users" in inspect(engine_for(url)).get_table_names()
        assert not [words for words in said if "50%" in words]
    finally:
        execute(url, "DROP TABLE IF EXISTS users, alembic_version")
        execute(SERVERS[dialect], *gone)


def test_upgrade_in_the_application_keeps_its_logging(sqlite_project):
    """An application that upgrades itself still logs afterwards."""
    sqlite_project.flask("db", "migrate", "-m", "users")
    sqlite_project.write(
        "start.py",
        "import logging; log = logging.getLogger('shop.start')\n"
        "from flask_migrate import upgrade; from shop import app\n"
        "with app.app_context(): upgrade()\n"
        "print('disabled:', log.disabled)\n",
    )

    assert "disabled: False" in sqlite_project.run("start")


def test_change_of_a_type_on_sqlite_is_a_batch(sqlite_project):
    """SQLite cannot alter a column, so a changed type is found and written as a batch."""
    sqlite_project.flask("db", "migrate", "-m", "users")
    sqlite_project.flask("db", "upgrade")
    shop = (sqlite_project.folder / "shop.py").read_text()
    sqlite_project.write("shop.py", shop.replace("db.String(120)", "db.String(255)"))

    sqlite_project.flask("db", "migrate", "-m", "longer")

    longer = next(path for path in sqlite_project.revisions() if path.name.endswith("_longer.py")).read_text()
    assert "with op.batch_alter_table('users', schema=None) as batch_op:" in longer
    assert "type_=sa.String(length=255)" in longer


CASCADE = """
from sqlalchemy import event
from sqlalchemy.engine import Engine

@event.listens_for(Engine, "connect")
def enforce(connection, record):
    connection.execute("PRAGMA foreign_keys=ON")

class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
"""


def with_orders(project: Project, body: str) -> None:
    """Two tables with a row each, foreign keys enforced, and a second revision with this body."""
    project.add(CASCADE)
    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")
    execute(project.database_url, "INSERT INTO users (id, email) VALUES (1, 'a@b.c')", "INSERT INTO orders VALUES (7, 1)")
    project.flask("db", "revision", "-m", "second")
    (second,) = (path for path in project.revisions() if "second" in path.name)
    second.write_text(second.read_text().replace("pass", body, 1))


def test_sqlite_table_made_anew_keeps_the_rows_that_refer_to_it(sqlite_project):
    """The application enforces foreign keys with ON DELETE CASCADE: a batch operation on the parent deletes no child row."""
    with_orders(
        sqlite_project,
        "with op.batch_alter_table('users', recreate='always') as batch_op:\n"
        "        batch_op.alter_column('email', type_=sa.String(200))",
    )

    sqlite_project.flask("db", "upgrade")

    with engine_for(sqlite_project.database_url).connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM orders").fetchall() == [(7, 1)]


def test_a_revision_that_leaves_rows_without_their_parent_is_rolled_back(sqlite_project):
    """What enforcement would have refused is found before the commit, and named; everything is as it was."""
    added = "op.add_column('users', sa.Column('phone', sa.String(20)))"
    with_orders(sqlite_project, added + "\n    op.execute('DELETE FROM users WHERE id > 0')")
    path = Path(sqlite_project.engine_url.database)
    before = path.read_bytes()

    said = sqlite_project.flask("db", "upgrade", expect=1)

    assert said.endswith(
        "Error: rows-without-parent\n"
        f"  After this upgrade rows of sqlite:///{path} would refer to rows that are not there:\n"
        "    orders (rowid 7) to users\n"
        "  Its transaction was rolled back.\n"
        "  Let the revision delete or change those rows as well, and run it again.\n"
    )
    assert path.read_bytes() == before


def test_revision_with_environment_and_sql(sqlite_project):
    """Where Alembic runs env.py for every new revision, `--sql` writes one, too, and connects to nothing."""
    settings = sqlite_project.folder / "migrations/alembic.ini"
    settings.write_text(settings.read_text().replace("[alembic]\n", "[alembic]\nrevision_environment = true\n"))

    sqlite_project.flask("db", "revision", "--sql", "-m", "by hand")

    assert [path.name.partition("_")[2].partition("_")[2] for path in sqlite_project.revisions()] == ["by_hand.py"]
    assert not Path(sqlite_project.engine_url.database).exists()
