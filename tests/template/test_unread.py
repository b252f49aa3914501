"""What a revision sends that its source does not show is stopped before it loses a value, and runs where the revision consents."""

from __future__ import annotations

import pytest

from tests.servers import DIALECTS, execute
from tests.template.history import write_revision
from tests.template.states import everything, shown, stamped
from tests.template.test_risks import ROWS, at_first

DROPPED = "drop-column:people.name   2 rows with a value in it"
GONE = "drop-table:people   3 rows in it"
SENT = {  # {situation: (the revision's upgrade, more of its module, what is told, on which servers)}
    "f-string": ("for name in ('name',):\n    op.execute(f'ALTER TABLE people DROP COLUMN {name}')", "", DROPPED, DIALECTS),
    "alias of op": ("other.drop_column('people', 'name')", "from alembic import op as other\n", DROPPED, DIALECTS),
    "put together": ("op.drop_column('peo' + 'ple', 'name')", "", DROPPED, DIALECTS),
    "batch": (
        "with op.batch_alter_table('people') as batch_op:\n    batch_op.drop_column('na' + 'me')",
        "",
        DROPPED,
        DIALECTS,
    ),
    "copy_from": (
        "people = sa.Table('people', sa.MetaData(), sa.Column('id', sa.Integer()), sa.Column('age', sa.Numeric(8, 4)))\n"
        "columns = ('price', sa.Numeric(8, 4)), ('born', sa.DateTime())\n"
        "people = sa.Table('people', sa.MetaData(), *people.columns, *[sa.Column(*one) for one in columns]) if False else people\n"
        "with op.batch_alter_table('people', copy_from=people, recreate='always') as batch_op:\n"
        "    batch_op.add_column(sa.Column('more', sa.Integer()))",
        "",
        DROPPED,
        ("sqlite",),
    ),
    "of the driver": ("op.get_bind().exec_driver_sql('DROP ' + 'TABLE people')", "", GONE, DIALECTS),
    "delete()": ("op.execute(sa.table('people').delete())", "", "delete:people   3 rows in it", DIALECTS),
    "several statements": (
        "op.execute('SELECT 1;' + 'ALTER TABLE people ADD COLUMN x INTEGER, DROP COLUMN name')",
        "",
        DROPPED,
        ("postgresql",),
    ),
    "block": (
        "op.execute('DO $$ BEGIN IF true THEN ' + 'ALTER TABLE people DROP COLUMN name; END IF; END $$')",
        "",
        DROPPED,
        ("postgresql",),
    ),
    "autocommit": (
        "with op.get_context().autocommit_block():\n    op.execute('ALTER TABLE people DROP ' + 'COLUMN name')",
        "",
        DROPPED,
        ("postgresql",),
    ),
    "type": (
        "op.execute('ALTER TABLE people ALTER name TYPE ' + 'VARCHAR(5) USING LEFT(name, 5)')",
        "",
        "type:people.name   2 rows with a value that does not fit VARCHAR(5)",
        ("postgresql",),
    ),
}
CASES = [(dialect, situation) for situation, (*_, dialects) in SENT.items() for dialect in dialects]


@pytest.mark.parametrize("database_url, situation", CASES, indirect=["database_url"])
def test_upgrade(database_url, tmp_path, situation):
    """Refused with rows, the database being as it was; done where the revision consents, and without rows."""
    up, more, told, _ = SENT[situation]
    project = at_first(database_url, tmp_path)
    path = write_revision(project, "second", "first", up, "raise NotImplementedError", more)
    path.write_text(path.read_text().replace("from alembic import op\n", "from alembic import op\n" + more, 1))
    execute(database_url, *ROWS)
    before = everything(database_url)

    said = project.flask("db", "upgrade", expect=1)

    name = told.partition(" ")[0]
    assert "Error: risky-revision\n" in said
    assert f"  This upgrade would lose values of {shown(database_url)}, or fail on rows of it:\n" in said
    assert f"   {told}\n" in said
    assert "  Its transaction was rolled back.\n" in said
    assert f'"{name}": "why"' in said
    assert everything(database_url) == before
    assert name in project.adopt("deploy", expect=1)
    assert everything(database_url) == before

    write_revision(project, "second", "first", up, "raise NotImplementedError", more + "\nconsents = {'*': 'it is tried'}\n")
    path.write_text(path.read_text().replace("from alembic import op\n", "from alembic import op\n" + more, 1))
    project.flask("db", "upgrade")
    assert stamped(database_url) == ["second"]


@pytest.mark.parametrize("database_url", DIALECTS, indirect=True)
def test_without_rows_or_copied(database_url, tmp_path):
    """An empty table puts nothing at stake, nor do values that a statement before has copied."""
    project = at_first(database_url, tmp_path)
    write_revision(project, "second", "first", "op.drop_column('people', 'bo' + 'rn')", "raise NotImplementedError")
    project.flask("db", "upgrade")
    execute(database_url, "INSERT INTO people (id, name) VALUES (1, 'Ada Lovelace')")
    up = "op.add_column('people', sa.Column('label', sa.String(80)))\nop.execute('UPDATE people ' + 'SET label = name')\n"
    write_revision(project, "third", "second", up + "op.drop_column('people', 'na' + 'me')", "raise NotImplementedError")

    project.flask("db", "upgrade")

    assert stamped(database_url) == ["third"]


def test_what_stays(mariadb_url, tmp_path):
    """MariaDB has committed what ran before: that is told."""
    project = at_first(mariadb_url, tmp_path)
    up = "op.add_column('people', sa.Column('label', sa.String(80)))\nop.drop_column('people', 'na' + 'me')"
    write_revision(project, "second", "first", up, "raise NotImplementedError")
    execute(mariadb_url, *ROWS)

    said = project.flask("db", "upgrade", expect=1)

    assert said.endswith(
        f"    migrations/versions/second.py:17   {DROPPED}\n"
        "  These of its statements ran before, and stay:\n"
        "    ALTER TABLE people ADD COLUMN label VARCHAR(80)\n"
        "  Undo them by hand, or take them out of the revision: it begins with its first statement.\n"
        "  Where it is meant, say why in the revision, and run it again:\n"
        '    consents = {"drop-column:people.name": "why"}\n'
    )
    assert stamped(mariadb_url) == ["first"]
