"""What `flask db migrate` writes beyond Alembic's operations: enum types, remarks on rows at stake; and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.servers import engine_for, execute
from tests.template.project import Project

ORDER = """

class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
"""


SLOW = """

import time
from sqlalchemy import event

@event.listens_for(db.metadata, "before_create")
def slow(*args, **options):
    time.sleep(1.5)

def late(object_, name, type_, reflected, compare_to):
    time.sleep(0.5 if name == "parcels" else 0)
    return True

app.extensions["migrate"].configure_args["include_object"] = late
"""


def migrated(project: Project, message: str) -> str:
    """The text of a new revision."""
    project.flask("db", "migrate", "-m", message)
    (path,) = (path for path in project.revisions() if path.name.endswith(f"_{message}.py"))
    return path.read_text()


def body(code: str, function: str) -> str:
    """The lines of one function without Alembic's marks."""
    lines = code.split(f"def {function}():\n")[1].split("\n\n\n", maxsplit=1)[0].splitlines()
    return "\n".join(line[4:] for line in lines if "### " not in line)


def labels(url: str) -> dict[str, list[str]]:
    with engine_for(url).connect() as connection:
        return {one["name"]: list(one["labels"]) for one in inspect(connection).get_enums()}


@pytest.fixture
def project(postgresql_url: str, tmp_path: Path) -> Project:
    """Two tables, upgraded."""
    result = Project(tmp_path / "project", postgresql_url)
    result.add(ORDER)
    result.flask("db", "migrate", "-m", "first")
    result.flask("db", "upgrade")
    return result


def test_enum_in_a_new_column(project):
    """Its type is made before the column and dropped after it; nothing is left to do after the upgrade."""
    column = "    {} = db.Column({})\n"
    enum = "db.Enum('new', 'paid', name='state')"
    project.add(column.format("state", enum) + column.format("states", f"db.ARRAY({enum})"))

    code = migrated(project, "state")

    assert body(code, "upgrade") == (
        "op.execute(\"CREATE TYPE state AS ENUM ('new', 'paid')\")\n"
        "with op.batch_alter_table('orders', schema=None) as batch_op:\n"
        "    batch_op.add_column(sa.Column('state',"
        " postgresql.ENUM('new', 'paid', name='state', create_type=False), nullable=True))\n"
        "    batch_op.add_column(sa.Column('states',"
        " sa.ARRAY(postgresql.ENUM('new', 'paid', name='state', create_type=False)), nullable=True))\n"
    )
    assert body(code, "downgrade") == (
        "with op.batch_alter_table('orders', schema=None) as batch_op:\n"
        "    batch_op.drop_column('states')\n"
        "    batch_op.drop_column('state')\n"
        "\n"
        "op.execute('DROP TYPE state')"
    )
    project.flask("db", "upgrade")
    assert labels(project.database_url) == {"state": ["new", "paid"]}
    assert "No changes in schema detected." in project.flask("db", "migrate")
    project.flask("db", "downgrade")
    assert labels(project.database_url) == {}
    project.flask("db", "upgrade")


def test_types_that_are_copied_while_the_models_are_built(project):
    """Alembic adds listeners to their MetaData as it compares, and not while `create_all()` goes through them."""
    enums = [
        f"    state_{number} = db.Column(db.Enum('a', 'b', name='state_{number}', metadata=db.metadata))\n" for number in range(3)
    ]
    project.add(ORDER.replace("Order", "Parcel").replace("orders", "parcels") + "".join(enums) + SLOW)

    assert "create_table('parcels'" in migrated(project, "parcels")


def test_percent_signs(project):
    """The condition in the revision is that of the model, and so is the one in the database."""
    condition = 'db.CheckConstraint("email LIKE \'%@%\'", name="has_at")'
    project.add(ORDER.replace("Order(", "Reader(").replace("orders", "reader"))
    project.add(f"    email = db.Column(db.String(80))\n    __table_args__ = ({condition},)\n")

    assert """sa.CheckConstraint("email LIKE '%@%'",""" in body(migrated(project, "reader"), "upgrade")
    project.flask("db", "upgrade")
    with engine_for(project.database_url).connect() as connection:
        (found,) = inspect(connection).get_check_constraints("reader")
    assert "%@%" in found["sqltext"]
    assert "%%" not in found["sqltext"]


def test_enum_that_two_new_tables_share(project):
    """One CREATE TYPE, one DROP TYPE."""
    column = "    state = db.Column(db.Enum('new', name='state'))\n"
    for name in ("Bill", "Note"):
        project.add(ORDER.replace("Order", name).replace("orders", name.lower()) + column)

    code = migrated(project, "shared")
    project.flask("db", "upgrade")
    project.flask("db", "downgrade")
    project.flask("db", "upgrade")

    assert code.count("CREATE TYPE") == code.count("DROP TYPE") == 1
    assert labels(project.database_url) == {"state": ["new"]}


def test_enum_that_goes_with_its_last_column(project):
    """Its type is dropped, and made again by the downgrade; a type that another table still has stays."""
    shop = (project.folder / "shop.py").read_text()
    project.add("    state = db.Column(db.Enum('new', name='state'))\n    kind = db.Column(db.Enum('a', name='kind'))\n")
    migrated(project, "types")
    project.flask("db", "upgrade")
    execute(project.database_url, "CREATE TABLE other (kind kind)")
    project.write("migrations/project.ini", "[unmanaged]\ntables = other\n")
    project.write("shop.py", shop)

    code = migrated(project, "gone")
    project.flask("db", "upgrade")

    assert code.count("DROP TYPE state") == code.count("CREATE TYPE state") == 1
    assert "TYPE kind" not in code
    assert labels(project.database_url) == {"kind": ["a"]}
    project.flask("db", "downgrade")
    assert labels(project.database_url) == {"state": ["new"], "kind": ["a"]}


def test_new_labels(project):
    """Each is put in its place in a block that commits; one that only the database has stays, and is no change."""
    shop = (project.folder / "shop.py").read_text()
    project.add("    state = db.Column(db.Enum('new', 'paid', 'old', name='state'))\n")
    migrated(project, "types")
    project.flask("db", "upgrade")
    project.write("shop.py", shop + "    state = db.Column(db.Enum('draft', 'new', 'open', 'paid', \"it's\", name='state'))\n")

    assert "ADD VALUE" in project.flask("db", "check", expect=1)
    code = migrated(project, "labels")
    project.flask("db", "upgrade")

    assert body(code, "upgrade") == (
        "with op.get_context().autocommit_block():\n"
        "    op.execute(\"ALTER TYPE state ADD VALUE IF NOT EXISTS 'draft' BEFORE 'new'\")\n"
        "\n"
        "with op.get_context().autocommit_block():\n"
        "    op.execute(\"ALTER TYPE state ADD VALUE IF NOT EXISTS 'open' BEFORE 'paid'\")\n"
        "\n"
        "with op.get_context().autocommit_block():\n"
        "    op.execute(\"ALTER TYPE state ADD VALUE IF NOT EXISTS 'it''s'\")\n"
    )
    assert body(code, "downgrade") == "# state keeps its new labels: PostgreSQL takes none out of a type.\npass"
    assert labels(project.database_url) == {"state": ["draft", "new", "open", "paid", "old", "it's"]}
    assert "No changes in schema detected." in project.flask("db", "migrate")
    project.flask("db", "downgrade")
    project.flask("db", "upgrade")


USERS = "INSERT INTO users (id, email) VALUES (1, 'a@b.c'), (2, 'd@e.f')"


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Project:
    """Two tables, upgraded, with rows in `users`."""
    result = Project(tmp_path / "project", database_url)
    result.add(ORDER + "    note = db.Column(db.String(20))\n")
    result.flask("db", "migrate", "-m", "first")
    result.flask("db", "upgrade")
    execute(database_url, USERS)
    return result


def edit(project: Project, *changes: tuple[str, str]) -> None:
    """Change the models."""
    shop = (project.folder / "shop.py").read_text()
    for old, new in changes:
        assert old in shop
        shop = shop.replace(old, new)
    project.write("shop.py", shop)


def test_column_without_a_value_for_the_rows(filled):
    """A NOT NULL column without a default is remarked on, also where the table has no row."""
    edit(filled, ("    secret = ", "    phone = db.Column(db.String(20), nullable=False)\n    secret = "))
    filled.add("    phone = db.Column(db.String(20), nullable=False)\n")

    code = migrated(filled, "phones")

    for table, rows in (("orders", "rows of other databases"), ("users", "2 rows")):
        assert (
            f"        # not-null:{table}.phone: {rows} that would have no value, which the statement fails on\n"
            "        #   Give it a server_default, in the model too; or add it nullable, fill it, then alter it.\n"
            "        batch_op.add_column(sa.Column('phone'"
        ) in code
    assert "\nconsents = None\n" in code


def test_renamed_column(filled):
    """One that goes and one that comes with its type are asked about, with the line to write instead."""
    execute(filled.database_url, "INSERT INTO orders (id, note) VALUES (1, 'n')")
    edit(filled, ("    note = ", "    remark = "), ("    email = ", "    mail = "))

    code = migrated(filled, "renamed")

    assert (
        "        # drop-column:orders.note: 1 row with a value in it\n"
        "        #   Copy the values first: op.execute('UPDATE orders SET ... = note')\n"
        "        #   If orders.note is renamed, delete this file, and run:  flask db migrate -x rename=orders.note:remark\n"
        "        batch_op.drop_column('note')\n"
    ) in code
    assert "run:  flask db migrate -x rename=users.email:mail\n" in code
    for path in filled.revisions():
        if "renamed" in path.name:
            compile(path.read_text(), str(path), "exec")


def test_renamed_column_without_rows(filled):
    """Nothing is lost here, and all of it in production: it is asked about as well."""
    edit(filled, ("    note = ", "    remark = "))

    code = migrated(filled, "renamed")

    assert "        # drop-column:orders.note: rows of other databases with a value in it\n" in code
    assert "run:  flask db migrate -x rename=orders.note:remark\n" in code


def test_renamed_table(filled):
    """A table that goes and one that comes with the same columns, likewise."""
    edit(filled, ('__tablename__ = "users"', '__tablename__ = "people"'))

    code = migrated(filled, "renamed")

    assert (
        "    # drop-table:users: 2 rows in it\n"
        "    #   Stop using users in one release, and drop it in a later one.\n"
        "    #   If users is renamed, delete this file, and run:  flask db migrate -x rename=users:people\n"
    ) in code


def test_values_that_are_missing_or_repeated(filled):
    """NOT NULL and unique are remarked on where the rows would not let them."""
    execute(filled.database_url, "INSERT INTO orders (id, note) VALUES (1, 'n'), (2, 'n'), (3, NULL)")
    edit(filled, ("note = db.Column(db.String(20))", "note = db.Column(db.String(20), nullable=False, unique=True)"))

    code = migrated(filled, "strict")

    assert (
        "        # not-null:orders.note: 1 row without a value, which the statement fails on\n"
        "        #   Fill it first: op.execute('UPDATE orders SET note = ...')\n"
    ) in code
    assert (
        "        # unique:orders.note: 1 value in several rows, which the statement fails on\n"
        "        #   Make them differ first: op.execute('UPDATE orders SET note = ...')\n"
    ) in code


def test_nothing_at_stake(filled):
    """What can lose nothing has no remark."""
    filled.add("    phone = db.Column(db.String(20))\n")
    edit(filled, ("note = db.Column(db.String(20))", "note = db.Column(db.String(30), server_default='')"))

    assert " # " not in migrated(filled, "plain").replace("# ###", "")


MODELS = """
from shop import db


class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


def test_models_that_nobody_imported(filled):
    """A table whose model is in a file that was not loaded is not proposed for dropping."""
    filled.write("customers.py", MODELS)
    filled.add("\nimport customers\n")
    filled.flask("db", "migrate", "-m", "customers")
    filled.flask("db", "upgrade")
    edit(filled, ("\nimport customers\n", ""))

    said = filled.flask("db", "migrate", "-m", "gone", expect=1)

    assert "Error: models-not-loaded\n  This revision would drop 1 of the 3 tables of " in said
    assert said.endswith(
        ", which no loaded model has:\n"
        "    customer  customers.py:5\n"
        "  No revision was written.\n"
        "  Import the modules of those models where the application is made, or name them in migrations/project.ini:\n"
        "    [models]\n"
        "    import = customers\n"
        "  To drop the tables:  MIGRATIONS_ALLOW_DROP=1 python -m flask db migrate -m gone\n"
    )
    assert len(filled.revisions()) == 2
    filled.flask("db", "migrate", "-m", "gone", MIGRATIONS_ALLOW_DROP="1")
    assert len(filled.revisions()) == 3


def test_no_models_at_all(filled):
    """A revision that would drop every table is refused."""
    shop = (filled.folder / "shop.py").read_text()
    filled.write("shop.py", shop[: shop.index("class User")])

    said = filled.flask("db", "migrate", "-m", "gone", expect=1)

    assert "This revision would drop 2 of the 2 tables of " in said
    assert "    users  no file of the project declares it\n" in said
    assert len(filled.revisions()) == 1


def test_deleted_model(filled):
    """A model that is gone from the source is proposed as before, with the rows at stake."""
    shop = (filled.folder / "shop.py").read_text()
    execute(filled.database_url, "INSERT INTO orders (id, note) VALUES (1, 'n')")
    filled.write("shop.py", shop[: shop.index("class Order")])

    code = migrated(filled, "gone")

    assert (
        "    # drop-table:orders: 1 row in it\n"
        "    #   Stop using orders in one release, and drop it in a later one.\n"
        "    op.drop_table('orders')\n"
    ) in code


def test_migrate_and_check_make_no_version_table(database_url, tmp_path):
    """What only compares leaves nothing behind in the database."""
    project = Project(tmp_path / "project", database_url)

    project.flask("db", "migrate", "-m", "first")

    assert inspect(engine_for(database_url)).get_table_names() == []


def test_revision_that_somebody_else_writes(project):
    """A hook of the project's sees what ours has put in, and may change it."""
    project.add("    state = db.Column(db.Enum('new', name='state'))\n\n")
    project.add(
        "def last(context, revision, directives):\n"
        "    directives[0].message = str(len(directives[0].upgrade_ops.ops))\n"
        "migrate.init_app(app, db, process_revision_directives=last)\n"
    )

    project.flask("db", "migrate", "-m", "x")

    assert any(path.read_text().startswith('"""2\n') for path in project.revisions())


@pytest.fixture
def formatted(tmp_path: Path) -> Project:
    """A table in SQLite, and ruff for new revisions."""
    result = Project(tmp_path / "project", f"sqlite:///{tmp_path / 'shop.db'}")
    result.write("migrations/project.ini", "[format]\nrun =\n    ruff check --select I --fix\n    ruff format\n")
    return result


def test_new_revision_is_formatted(formatted):
    """As the project's formatters would, one after the other."""
    code = migrated(formatted, "first")

    assert code.count("'") == 0
    assert '    op.create_table(\n        "users",\n' in code
    assert "import sqlalchemy as sa\nfrom alembic import op\n" in code
    formatted.flask("db", "upgrade")
    assert "No changes in schema detected." in formatted.flask("db", "migrate")


def test_formatter_that_is_missing(formatted):
    """A line says so, and the revision is there as Alembic wrote it."""
    formatted.write("migrations/project.ini", "[format]\nrun = no_such_module --quiet\n")

    said = formatted.flask("db", "migrate", "-m", "first")

    assert "Not formatted by no_such_module: " in said
    assert "No module named no_such_module" in said
    (path,) = formatted.revisions()
    assert "down_revision = None" in path.read_text()


def test_hooks_of_the_team(formatted):
    """What alembic.ini has under [post_write_hooks] is run in the place of the formatters."""
    ini = formatted.folder / "migrations" / "alembic.ini"
    own = "hooks = own\nown.type = console_scripts\nown.entrypoint = alembic\nown.options = --version\n"
    ini.write_text(ini.read_text().replace("[loggers]", f"[post_write_hooks]\n{own}\n[loggers]"))

    assert "'users'" in migrated(formatted, "first")


def test_without_formatters(formatted):
    """Nothing is run, and nothing said."""
    formatted.write("migrations/project.ini", "[models]\n")

    assert "post write hook" not in formatted.flask("db", "migrate", "-m", "first")


def test_type_that_sqlite_reads_back_as_another(tmp_path):
    """BINARY(16) is NUMERIC for SQLite: it is compared by its words, so nothing is found until they change."""
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path / 'shop.db'}")
    project.add("    key = db.Column(db.BINARY(16), nullable=False)\n")
    migrated(project, "first")
    project.flask("db", "upgrade")
    assert "No changes in schema detected." in project.flask("db", "migrate")
    project.write("shop.py", (project.folder / "shop.py").read_text().replace("BINARY(16)", "BINARY(20)"))

    assert "type_=sa.BINARY(length=20)" in body(migrated(project, "longer"), "upgrade")
