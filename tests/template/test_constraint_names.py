"""What `flask db migrate` writes about constraints without a name, and MySQL's indexes of foreign keys: it runs, and back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect

from adopt.autogenerate.constraint_names import shortened
from tests.end_to_end.tools import rows, schema, stamped_at
from tests.servers import engine_for, execute
from tests.template.project import Project

ORDER = """

class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
"""
COLUMNS = """\
    user_id = db.Column(db.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code = db.Column(db.String(9), unique=True)
"""
PLAIN = "    user_id = db.Column(db.Integer, index=True)\n    code = db.Column(db.String(9), unique=True)\n"
LINE = """

class Line(db.Model):
    __tablename__ = "lines"
    id = db.Column(db.Integer, primary_key=True)
    order_id = db.Column(db.ForeignKey("orders.id"), index=True, nullable=False)
    code = db.Column(db.String(10), unique=True)
"""
NAMES = {
    "sqlite": ["orders_code_key", "orders_user_id_fkey"],
    "postgresql": ["orders_code_key", "orders_user_id_fkey"],
    "mysql": ["code", "orders_ibfk_1"],
}
CREATE_ALL = "from shop import app, db\nwith app.app_context(): db.create_all()\n"


def started(database_url: str, tmp_path: Path, models: str) -> Project:
    """A project at its first revision, with a row in `users` and in `orders`."""
    project = Project(tmp_path / "project", database_url)
    project.add(models)
    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")
    execute(database_url, "INSERT INTO users (id, email) VALUES (1, 'a@b.c')", "INSERT INTO orders (id) VALUES (1)")
    return project


def changed(project: Project, old: str, new: str) -> str:
    """Change the models; the text of the revision for it."""
    shop = (project.folder / "shop.py").read_text()
    assert old in shop
    project.write("shop.py", shop.replace(old, new))
    project.flask("db", "migrate", "-m", "second")
    (path,) = (path for path in project.revisions() if path.stem.endswith("_second"))
    return path.read_text()


def there_and_back(project: Project) -> None:
    """The revision is all that there is to do; undone it leaves nothing, and no row is lost on the way."""
    url = project.database_url
    before, held = schema(url), rows(url)
    project.flask("db", "upgrade")
    assert "No changes in schema detected." in project.flask("db", "migrate")
    project.consent()
    assert "2 revisions downgraded, each with nothing left over, and upgraded again" in project.adopt("check")
    after = schema(url)
    project.flask("db", "downgrade")
    assert comparable(schema(url)) == comparable(before)
    assert {table: len(found) for table, found in rows(url).items()} == {table: len(found) for table, found in held.items()}
    project.flask("db", "upgrade")
    assert comparable(schema(url)) == comparable(after)


def comparable(found: object) -> object:
    """A schema without the order of its columns, and without the names that servers give in some ways.

    Those are SQLite's of constraints, and MariaDB's of its own index of a foreign key.
    """
    tables = {table: (sorted(columns), *others) for table, (columns, *others) in found[0].items()}  # type: ignore[index]
    return re.sub(r"'name': (None|'\w+_key')", "'name'", repr(sorted(tables.items()))).replace("'orders_ibfk_1'", "'user_id'")


def test_new_columns(database_url, tmp_path):
    """The names are those that the server would give; the downgrade knows them."""
    project = started(database_url, tmp_path, ORDER)

    code = changed(project, ORDER, ORDER + COLUMNS)

    names = NAMES[engine_for(database_url).dialect.name]
    assert re.findall(r"create_(?:unique_constraint|foreign_key)\(batch_op\.f\('(\w+)'\)", code) == names
    assert re.findall(r"drop_constraint\(batch_op\.f\('(\w+)'\)", code) == names[::-1]
    assert "WARNING" not in code
    there_and_back(project)


def test_columns_that_go(database_url, tmp_path):
    """Keys, indexes and unique constraints go in an order that works, and come back."""
    project = started(database_url, tmp_path, ORDER + COLUMNS)

    changed(project, COLUMNS, "")

    there_and_back(project)


def test_foreign_key_that_goes(database_url, tmp_path):
    """The column stays, with its index."""
    project = started(database_url, tmp_path, ORDER + COLUMNS)

    changed(project, COLUMNS, PLAIN)

    there_and_back(project)
    assert inspect(engine_for(database_url)).get_foreign_keys("orders") == []


@pytest.mark.parametrize("before, after", [(", index=True)", ")"), (", unique=True)", ")")], ids=["index", "unique"])
def test_only_the_rule_goes(before, after, database_url, tmp_path):
    """Its column stays; MySQL lets go of the index once the foreign key has another one."""
    project = started(database_url, tmp_path, ORDER + COLUMNS)
    shop = (project.folder / "shop.py").read_text()
    project.write("shop.py", shop.replace(before, after))
    assert "drop_" in project.adopt("check", expect=1)
    project.write("shop.py", shop)

    code = changed(project, before, after)

    there_and_back(project)
    is_mysql = engine_for(database_url).dialect.name == "mysql"
    assert (" FOREIGN KEY (" in code.partition("def downgrade")[0]) == (is_mysql and "index" in before)


def test_an_index_on_a_foreign_key_that_has_none(database_url, tmp_path):
    """MySQL drops its own index for it, which the way back has to bring again."""
    project = started(database_url, tmp_path, ORDER + COLUMNS.replace(", index=True", ""))

    changed(project, 'ondelete="CASCADE")', 'ondelete="CASCADE"), index=True')

    there_and_back(project)
    assert inspect(engine_for(database_url)).get_foreign_keys("orders")[0]["options"] == {"ondelete": "CASCADE"}


def test_a_table_that_is_left_out(tmp_path):
    """Alembic compares it not, nor is its unique constraint looked at."""
    project = started(f"sqlite:///{tmp_path}/shop.db", tmp_path, ORDER + COLUMNS)
    shop = (project.folder / "shop.py").read_text()
    left_out = 'Migrate(app, db, include_object=lambda object, name, type_, *others: name != "orders")'
    project.write("shop.py", shop.replace("Migrate(app, db)", left_out).replace("(9), unique=True", "(9)"))

    assert "No changes in schema detected." in project.flask("db", "migrate")


def test_unique_of_a_foreign_key_goes(database_url, tmp_path):
    """Rows may repeat then, also where the server had no other index for the foreign key."""
    project = started(database_url, tmp_path, ORDER + COLUMNS.replace("index=True", "unique=True"))

    changed(project, 'ondelete="CASCADE"), unique=True', 'ondelete="CASCADE")')

    there_and_back(project)
    execute(database_url, "INSERT INTO orders (id, user_id) VALUES (8, 1), (9, 1)")


@pytest.mark.parametrize("before, after", [(ORDER, ORDER + LINE), (ORDER + LINE, ORDER)], ids=["new", "gone"])
def test_table_with_an_indexed_key(before, after, database_url, tmp_path):
    """Its index goes with it, also where the server would not let it go before."""
    project = started(database_url, tmp_path, before)

    changed(project, before, after)

    there_and_back(project)


def test_database_that_create_all_has_made(database_url, tmp_path):
    """It is adopted as before, and the revision is undone in it as well, where its constraints have no name of their own."""
    project = started(database_url, tmp_path, ORDER)
    changed(project, ORDER, ORDER + COLUMNS)
    project.flask("db", "upgrade")
    newest = stamped_at(database_url)
    for table in ("orders", "users", "alembic_version"):
        execute(database_url, f"DROP TABLE {table}")
    project.write("make.py", CREATE_ALL)
    project.run("make")

    project.adopt("adopt")

    assert stamped_at(database_url) == newest
    project.flask("db", "downgrade")
    project.flask("db", "upgrade")
    assert "No changes in schema detected." in project.flask("db", "migrate")


def test_unnamed_in_one_database_only(tmp_path):
    """On SQLite a revision that drops what has a name here runs where create_all() has made it without one, and back."""
    url, other = (f"sqlite:///{tmp_path}/{name}.db" for name in ("shop", "other"))
    project = started(url, tmp_path, ORDER)
    changed(project, ORDER, ORDER + COLUMNS)
    project.flask("db", "upgrade")
    project.write("make.py", CREATE_ALL)
    project.run("make", DATABASE_URL=other)
    project.adopt("adopt", DATABASE_URL=other)
    project.write("shop.py", (project.folder / "shop.py").read_text().replace(COLUMNS, ""))
    project.flask("db", "migrate", "-m", "third")

    for place in (url, other):
        for arguments in (("upgrade",), ("downgrade",), ("downgrade",), ("upgrade",)):
            project.flask("db", *arguments, DATABASE_URL=place)

        assert "No new upgrade operations detected." in project.flask("db", "check", DATABASE_URL=place)


def test_names_that_are_taken(database_url, tmp_path):
    """Another one is given, as the server does it."""
    project = started(database_url, tmp_path, ORDER)
    execute(database_url, "ALTER TABLE orders ADD COLUMN other INTEGER")
    taken = {"sqlite": "unused", "postgresql": "orders_code_key", "mysql": "code"}[engine_for(database_url).dialect.name]
    execute(database_url, f"CREATE INDEX {taken} ON orders (other)")
    other = f"    other = db.Column(db.Integer)\n    __table_args__ = (db.Index('{taken}', 'other'),)\n"

    code = changed(project, ORDER, ORDER + COLUMNS + other)

    assert f"batch_op.f('{taken}')" not in code
    project.flask("db", "upgrade")
    assert "No changes in schema detected." in project.flask("db", "migrate")
    project.flask("db", "downgrade")


def test_names_of_the_projects_own(database_url, tmp_path):
    """Where the models name their constraints, by a convention or each, nothing is changed."""
    project = Project(tmp_path / "project", database_url)
    names = {
        "ix": "ix_%(column_0_label)s",
        "fk": "key_%(table_name)s_%(column_0_name)s",
        "uq": "once_%(table_name)s_%(column_0_name)s",
    }
    shop = (project.folder / "shop.py").read_text()
    made = f"from sqlalchemy import MetaData\ndb = SQLAlchemy(app, metadata=MetaData(naming_convention={names}))"
    project.write("shop.py", shop.replace("db = SQLAlchemy(app)", made))
    project.add(ORDER)
    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")

    code = changed(project, ORDER, ORDER + COLUMNS)

    assert "naming_convention" not in code
    assert set(re.findall(r"f\('(key_\w+|once_\w+)'\)", code)) == {"key_orders_user_id", "once_orders_code"}
    there_and_back(project)


@pytest.mark.parametrize("table, column", [("orders", "code"), ("o" * 60, "c" * 20), ("o" * 20, "c" * 60), ("o" * 63, "c" * 63)])
def test_names_are_postgresqls(table, column, postgresql_url):
    """The names of the server itself, also where they are too long."""
    execute(postgresql_url, f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {column} INTEGER UNIQUE REFERENCES {table} (id))")

    read = inspect(engine_for(postgresql_url))
    assert read.get_unique_constraints(table)[0]["name"] == shortened(table, column, "key", 63)
    assert read.get_foreign_keys(table)[0]["name"] == shortened(table, column, "fkey", 63)


def test_two_keys_of_one_column(tmp_path):
    """On SQLite, two without a name that would get the same one are both still there after a third constraint goes."""
    url = f"sqlite:///{tmp_path}/shop.db"
    keys = ", ".join(f'db.ForeignKeyConstraint(["user_id"], ["{table}.id"])' for table in ("users", "people"))
    two = f"    __table_args__ = ({keys})\n"
    people = ORDER.replace("Order", "Person").replace("orders", "people")
    models = (
        people
        + ORDER
        + "    user_id = db.Column(db.Integer)\n    other = db.Column(db.ForeignKey('users.id', name='other'))\n"
        + two
    )
    project = started(url, tmp_path, models)

    changed(project, "    other = db.Column(db.ForeignKey('users.id', name='other'))\n", "    other = db.Column(db.Integer)\n")
    project.flask("db", "upgrade")

    keys = inspect(engine_for(url)).get_foreign_keys("orders")
    assert sorted(one["referred_table"] for one in keys) == ["people", "users"]
    project.flask("db", "downgrade")
    assert len(inspect(engine_for(url)).get_foreign_keys("orders")) == 3


def test_revision_from_sqlite_runs_on_postgresql(postgresql_url, tmp_path):
    """A team that develops on SQLite and deploys on PostgreSQL: columns with keys come, go, and come back on both."""
    project = started(f"sqlite:///{tmp_path}/shop.db", tmp_path, ORDER)
    changed(project, ORDER, ORDER + COLUMNS)
    project.flask("db", "upgrade")
    project.write("shop.py", (project.folder / "shop.py").read_text().replace(COLUMNS, ""))
    project.flask("db", "migrate", "-m", "third")

    project.flask("db", "upgrade", DATABASE_URL=postgresql_url)

    for arguments in (("downgrade",), ("downgrade",), ("upgrade",)):
        project.flask("db", *arguments, DATABASE_URL=postgresql_url)
    assert "No new upgrade operations detected." in project.flask("db", "check", DATABASE_URL=postgresql_url)
