"""An upgrade that would lose values of this very database, or fail on its rows, is refused before its first statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from adopt.rows import operations, risks
from adopt.rows.counting import Uncounted
from tests.servers import engine_for, execute
from tests.template.history import write_revision
from tests.template.project import Project
from tests.template.states import everything, shown, stamped

TABLE = """\
op.create_table('people',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=True),
    sa.Column('age', sa.Numeric(precision=8, scale=4), nullable=True),
    sa.Column('price', sa.Numeric(precision=8, scale=4), nullable=True),
    sa.Column('born', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id')
)"""
ROWS = (
    "INSERT INTO people (id, name, age, price, born) VALUES (1, 'Ada Lovelace', 36.5, 1.125, '1815-12-10 07:00:00')",
    "INSERT INTO people (id, name, age, price) VALUES (2, 'Ada Lovelace', 12, 9.5)",
    "INSERT INTO people (id, name, age, price) VALUES (3, NULL, NULL, 2000.25)",
)
BATCH = "with op.batch_alter_table('people', schema=None) as batch_op:\n    batch_op."
RISKS = {
    "drop-column:people.name": ("drop_column('name')", "2 rows with a value in it"),
    "not-null:people.name": (
        "alter_column('name', existing_type=sa.String(length=80), nullable=False)",
        "1 row without a value, which the statement fails on",
    ),
    "type:people.name": (
        "alter_column('name', existing_type=sa.String(length=80), type_=sa.String(length=5))",
        "2 rows with a value that does not fit String(length=5)",
    ),
    "type:people.age": (
        "alter_column('age', existing_type=sa.Numeric(precision=8, scale=4), type_=sa.Integer())",
        "1 row with a value that does not fit Integer()",
    ),
    "type:people.price": (
        "alter_column('price', existing_type=sa.Numeric(precision=8, scale=4), type_=sa.Numeric(precision=5, scale=2))",
        "2 rows with a value that does not fit Numeric(precision=5, scale=2)",
    ),
    "type:people.born": (
        "alter_column('born', existing_type=sa.DateTime(), type_=sa.Date())",
        "1 row with a value that does not fit Date()",
    ),
    "unique:people.name": (
        "create_unique_constraint('uq_people_name', ['name'])",
        "1 value in several rows, which the statement fails on",
    ),
}
NO_WAY_BACK = "raise NotImplementedError"


def at_first(url: str, folder: Path) -> Project:
    """At a revision that has made `people`, without rows."""
    result = Project(folder / "project", url)
    write_revision(result, "first", None, TABLE, "op.drop_table('people')")
    result.flask("db", "upgrade")
    return result


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    return at_first(database_url, tmp_path)


def message(project: Project, *risks: tuple[int, str, str], renames: str = "") -> str:
    evidence = "".join(f"    migrations/versions/second.py:{line}   {name}   {words}\n" for line, name, words in risks)
    renamed = (
        f"  Where that is a rename, write this in the place of both, and the reverse in downgrade():\n    {renames}\n"
        if renames
        else ""
    )
    consents = ", ".join(f'"{name}": "why"' for _, name, _ in risks)
    return (
        "Error: risky-revision\n"
        f"  This upgrade would lose values of {shown(project.database_url)}, or fail on rows of it:\n"
        f"{evidence}"
        "  Nothing was changed.\n"
        f"{renamed}"
        "  Where it is meant, say why in the revision, and run it again:\n"
        f"    consents = {{{consents}}}\n"
    )


@pytest.mark.parametrize("risk", RISKS)
def test_rows_that_are_there(project, risk):
    """Refused with rows, and done without."""
    statement, words = RISKS[risk]
    write_revision(project, "second", "first", BATCH + statement, NO_WAY_BACK)
    execute(project.database_url, *ROWS)
    before = everything(project.database_url)

    if risk in ("type:people.name", "type:people.price") and project.database_url.startswith("sqlite"):  # it keeps what is longer
        project.flask("db", "upgrade")
        return
    said = project.flask("db", "upgrade", expect=1)

    assert said.endswith(message(project, (17, risk, words))), said
    assert everything(project.database_url) == before

    execute(project.database_url, "DELETE FROM people")
    project.flask("db", "upgrade")
    assert stamped(project.database_url) == ["second"]


def test_consent(project):
    """The revision says why, and the values go."""
    write_revision(
        project,
        "second",
        "first",
        BATCH + "drop_column('name')",
        NO_WAY_BACK,
        "\nconsents = {'drop-column:people.name': 'unused'}\n",
    )
    execute(project.database_url, *ROWS)

    project.flask("db", "upgrade")

    assert [column["name"] for column in inspect(engine_for(project.database_url)).get_columns("people")] == [
        "id",
        "age",
        "price",
        "born",
    ]


def test_table(project):
    """A table with rows, and one that the same upgrade has made."""
    up = "op.create_table('other', sa.Column('id', sa.Integer()))\nop.drop_table('other')\nop.drop_table('people')"
    write_revision(project, "second", "first", up, NO_WAY_BACK)
    execute(project.database_url, *ROWS)

    said = project.flask("db", "upgrade", expect=1)

    assert said.endswith(message(project, (18, "drop-table:people", "3 rows in it"))), said


def test_column_renamed(project):
    """What autogenerate makes of a rename, on a database that has values: the call that keeps them is in the message."""
    up = (
        "with op.batch_alter_table('people', schema=None) as batch_op:\n"
        "    batch_op.add_column(sa.Column('full_name', sa.String(length=80), nullable=True))\n"
        "    batch_op.drop_column('name')"
    )
    write_revision(project, "second", "first", up, NO_WAY_BACK)
    execute(project.database_url, *ROWS)

    said = project.flask("db", "upgrade", expect=1)

    call = "op.alter_column('people', 'name', new_column_name='full_name')"
    assert said.endswith(message(project, (18, "drop-column:people.name", "2 rows with a value in it"), renames=call)), said


@pytest.mark.parametrize(
    "up",
    [
        "op.add_column('people', sa.Column('full_name', sa.String(80)))\n"
        "op.execute('UPDATE people SET full_name = name')\n" + BATCH + "drop_column('name')",
        "op.execute(\"UPDATE people SET name = '' WHERE name IS NULL\")\n"
        + BATCH
        + "alter_column('name', existing_type=sa.String(80), nullable=False)",
        "op.add_column('people', sa.Column('more', sa.String(80)))\n" + BATCH + "drop_column('more')",
        BATCH + "alter_column('name', existing_type=sa.String(80), type_=sa.String(120))",
        BATCH + "add_column(sa.Column('state', sa.String(8), nullable=False, server_default='new'))",
        BATCH + "create_index('ix_people_name', ['name'])",
        "op.create_table('other', sa.Column('id', sa.Integer()))\n"
        "op.execute('INSERT INTO other (id) SELECT id FROM people')\nop.drop_table('people')",
    ],
    ids=[
        "copied before",
        "filled before",
        "column of the same upgrade",
        "longer",
        "with a default",
        "an index",
        "rows copied before",
    ],
)
def test_nothing_at_stake(project, up):
    """Rows are there, and nothing of them is lost."""
    write_revision(project, "second", "first", up, NO_WAY_BACK)
    execute(project.database_url, *ROWS)

    project.flask("db", "upgrade")

    assert stamped(project.database_url) == ["second"]


def test_unique_for_some_rows(postgresql_url, tmp_path):
    """Rows that the condition leaves out may repeat a value; another server's condition is none here."""
    project = at_first(postgresql_url, tmp_path)
    execute(project.database_url, *ROWS)
    index = "op.create_index('one_name', 'people', ['name'], unique=True, {}_where=sa.text('id = 1'))"

    write_revision(project, "second", "first", index.format("sqlite"), NO_WAY_BACK)
    assert "unique:people.name" in project.flask("db", "upgrade", expect=1)

    write_revision(project, "second", "first", index.format("postgresql"), NO_WAY_BACK)
    project.flask("db", "upgrade")
    assert stamped(project.database_url) == ["second"]


def test_renamed_before(project):
    """Rows are counted under the names that table and column have now."""
    up = "op.rename_table('people', 'persons')\n" + BATCH.replace("people", "persons")
    up += "alter_column('name', existing_type=sa.String(80), new_column_name='label')"
    write_revision(project, "second", "first", up, NO_WAY_BACK)
    write_revision(project, "third", "second", BATCH.replace("people", "persons") + "drop_column('label')", NO_WAY_BACK)
    execute(project.database_url, *ROWS)

    said = project.flask("db", "upgrade", expect=1)

    assert "migrations/versions/third.py:17   drop-column:persons.label   2 rows with a value in it" in said
    assert stamped(project.database_url) == ["first"]


def test_other_commands(project):
    """deploy and adopt --upgrade refuse it as well."""
    write_revision(project, "second", "first", BATCH + "drop_column('name')", NO_WAY_BACK)
    execute(project.database_url, *ROWS)

    for command in ("deploy",), ("adopt", "--upgrade"):
        said = project.adopt(*command, expect=1)
        assert '    consents = {"drop-column:people.name": "why"}\n' in said, said
    assert stamped(project.database_url) == ["first"]


def test_added_without_a_value(postgresql_url, tmp_path):
    """PostgreSQL and SQLite refuse it where rows are; MySQL and MariaDB give a value of their own."""
    project = at_first(postgresql_url, tmp_path)
    execute(project.database_url, *ROWS)
    write_revision(project, "second", "first", "op.add_column('people', sa.Column('state', sa.String(8), nullable=False))")

    said = project.flask("db", "upgrade", expect=1)

    words = "3 rows that would have no value, which the statement fails on"
    assert said.endswith(message(project, (16, "not-null:people.state", words))), said


def test_rows_that_cannot_be_counted(tmp_path):
    """What may lose them is refused with these words; what may fail on them is left to the database."""
    lines = "def upgrade():\n    op.drop_column('people', 'name')\n    op.alter_column('people', 'age', nullable=False)\n"
    (tmp_path / "second.py").write_text(lines)
    url = f"sqlite:///{tmp_path}/shop.db"
    execute(url, "CREATE TABLE people (id INTEGER, name VARCHAR(20), age INTEGER)")
    with engine_for(url).connect() as connection:
        rows = Uncounted()
        rows.dialect = connection.dialect
        chain = risks.Chain(rows, inspect(connection))
        found = list(chain.follow(*operations.read(tmp_path / "second.py", {"upgrade"})))

    assert [(one.name, one.rows, risks.is_refused(one, True)) for one in found] == [
        ("drop-column:people.name", None, True),
        ("not-null:people.age", None, False),
    ]


def test_a_label_more(project):
    """What every row satisfies already is no risk, to the author and in CI."""
    model = "\n\nclass People(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    name = db.Column(db.String(80))\n"
    model += "    age = db.Column(db.Numeric)\n    state = db.Column(db.Enum('new'{}, native_enum=False, length=8,"
    model += " create_constraint=True, name='people_state'))\n"
    before = (project.folder / "shop.py").read_text()
    project.write("shop.py", before + model.format(""))
    project.flask("db", "migrate", "-m", "state")
    project.flask("db", "upgrade")
    project.write("shop.py", before + model.format(", 'paid'"))

    said = project.flask("db", "migrate", "-m", "paid")
    assert "people_state" not in said, said

    said = project.adopt("check")
    assert "risky-revision" not in said, said


def test_conditions_change_in_one_batch(tmp_path):
    """SQLite makes the table anew once, there and back."""
    url = f"sqlite:///{tmp_path}/shop.db"
    project = Project(tmp_path / "project", url)
    model = "\n\nclass People(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    age = db.Column(db.Integer)\n"
    model += "    __table_args__ = (db.CheckConstraint('age > {0}', name='b'), db.CheckConstraint('age < 100 + {0}', name='a'))\n"
    before = (project.folder / "shop.py").read_text()
    project.write("shop.py", before + model.format(0))
    project.flask("db", "migrate", "-m", "first")
    project.flask("db", "upgrade")
    at_first = everything(url)["schema"]
    project.write("shop.py", before + model.format(1))
    project.flask("db", "migrate", "-m", "second")

    (revision,) = (project.folder / "migrations" / "versions").glob("*second.py")
    assert revision.read_text().partition("def upgrade():")[2] == (
        "\n"
        "    # ### commands auto generated by Alembic - please adjust! ###\n"
        "    # check:people.a: rows of other databases against its condition, which the statement fails on\n"
        "    #   Mend them first: op.execute('UPDATE people SET ...')\n"
        "    # check:people.b: rows of other databases against its condition, which the statement fails on\n"
        "    #   Mend them first: op.execute('UPDATE people SET ...')\n"
        "    with op.batch_alter_table('people', recreate='always') as batch_op:\n"
        "        batch_op.drop_constraint(batch_op.f('a'), type_='check')\n"
        "        batch_op.drop_constraint(batch_op.f('b'), type_='check')\n"
        "        batch_op.create_check_constraint(batch_op.f('a'), 'age < 100 + 1')\n"
        "        batch_op.create_check_constraint(batch_op.f('b'), 'age > 1')\n"
        "\n"
        "    # ### end Alembic commands ###\n"
        "\n\n"
        "def downgrade():\n"
        "    # ### commands auto generated by Alembic - please adjust! ###\n"
        "    with op.batch_alter_table('people', recreate='always') as batch_op:\n"
        "        batch_op.drop_constraint(batch_op.f('b'), type_='check')\n"
        "        batch_op.drop_constraint(batch_op.f('a'), type_='check')\n"
        "        batch_op.create_check_constraint(batch_op.f('b'), 'age > 0')\n"
        "        batch_op.create_check_constraint(batch_op.f('a'), 'age < 100 + 0')\n"
        "\n"
        "    # ### end Alembic commands ###\n"
    )
    project.flask("db", "upgrade")
    assert "No changes" in project.flask("db", "migrate", "-m", "third")
    project.flask("db", "downgrade")
    assert everything(url)["schema"] == at_first
