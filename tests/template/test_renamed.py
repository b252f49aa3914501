"""flask db migrate -x rename=...: the values stay, and nothing is left to do after the upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.servers import engine_for, execute
from tests.template.project import Project
from tests.template.test_new_revision import body, edit

ORDER = """

class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    note = db.Column(db.String(20), index=True)
    user_id = db.Column(db.ForeignKey("users.id"))
"""


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """Two tables with a row each, one of which refers to the other."""
    result = Project(tmp_path / "project", database_url)
    result.add(ORDER)
    result.flask("db", "migrate", "-m", "first")
    result.flask("db", "upgrade")
    execute(database_url, "INSERT INTO users (id, email) VALUES (1, 'a@b.c')")
    execute(database_url, "INSERT INTO orders (id, note, user_id) VALUES (7, 'n', 1)")
    return result


def renamed(project: Project, *options: str) -> str:
    """The upgrade that is written; it runs there, back and there again, the models are what it makes, and CI says so."""
    given = [word for one in options for word in ("-x", "rename=" + one)]
    project.flask("db", "migrate", "-m", "renamed", *given)
    (path,) = (path for path in project.revisions() if path.name.endswith("_renamed.py"))
    for command in "upgrade", "downgrade", "upgrade":
        project.flask("db", command)
    assert "No changes in schema detected." in project.flask("db", "migrate", "-m", "more")
    project.adopt("check")
    return body(path.read_text(), "upgrade")


def rows(project: Project, query: str) -> list[tuple[object, ...]]:
    with engine_for(project.database_url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_column(project):
    """One call in the place of two, before what else is done to the table."""
    edit(
        project,
        (
            "    email = db.Column(db.String(120), nullable=False, unique=True)",
            "    mail = db.Column(db.String(120), nullable=False)",
        ),
    )

    code = renamed(project, "users.email:mail")

    assert "new_column_name='mail'" in code
    assert "add_column" not in code
    assert "drop_column" not in code
    assert rows(project, "SELECT mail FROM users") == [("a@b.c",)]


def test_column_with_an_index_and_another_type(project):
    """The index has the name of the new column, and the type is changed as well."""
    edit(
        project,
        ("    note = db.Column(db.String(20), index=True)", "    remark = db.Column(db.String(40), index=True)"),
    )

    code = renamed(project, "orders.note:remark")

    assert "ix_orders_remark" in code
    assert rows(project, "SELECT remark FROM orders") == [("n",)]


def test_table(project):
    """It is alone in its revision, and the foreign keys go with it; what else has changed is in the next one."""
    edit(
        project,
        ('__tablename__ = "users"', '__tablename__ = "people"'),
        ("    secret = ", "    phone = db.Column(db.String(20))\n    secret = "),
        ("    email = ", "    mail = "),
        ('"users.id"', '"people.id"'),
    )
    said = project.flask("db", "migrate", "-m", "table", "-x", "rename=users:people")
    assert "What else differs in people is for the next revision: upgrade, and run `flask db migrate` again.\n" in said
    (path,) = (path for path in project.revisions() if path.name.endswith("_table.py"))
    assert body(path.read_text(), "upgrade") == "op.rename_table('users', 'people')"
    for command in "upgrade", "downgrade", "upgrade":
        project.flask("db", command)

    renamed(project, "people.email:mail")

    assert rows(project, "SELECT mail, phone FROM people JOIN orders ON user_id = people.id") == [("a@b.c", None)]


def test_no_such_rename(project):
    """It is refused, and nothing is written."""
    edit(project, ("    note = ", "    remark = "))

    said = project.flask("db", "migrate", "-m", "renamed", "-x", "rename=orders.note:remarks", expect=1)

    assert said.endswith(
        "Error: setting-unreadable\n"
        "  -x rename=orders.note:remarks is no change of the models: they must lack orders.note, and the database remarks.\n"
        "  Nothing was changed.\n"
    )
    assert len(project.revisions()) == 1


def test_table_that_moves_to_another_schema(postgresql_url, tmp_path):
    """No rename is advised, which would leave it where it is, and none is written; that its rows go is told."""
    project = Project(tmp_path / "project", postgresql_url)
    project.add(ORDER)
    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")
    execute(postgresql_url, "INSERT INTO orders (id, note) VALUES (7, 'n')")
    edit(project, ('    __tablename__ = "orders"', '    __tablename__ = "orders"\n    __table_args__ = {"schema": "sales"}'))

    refused = project.flask("db", "migrate", "-m", "moved", "-x", "rename=orders:sales.orders", expect=1)
    said = project.flask("db", "migrate", "-m", "moved")

    assert "-x rename=orders:sales.orders is no change of the models" in refused
    assert "drop-table:orders: 1 row in it\n" in said
    assert "rename" not in said
