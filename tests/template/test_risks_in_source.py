"""What the source of a revision says of rows that are nowhere yet: what CI is told, and what it is not bothered with."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from adopt.rows import operations, risks
from adopt.rows.conditions import has_grown
from adopt.rows.counting import Statements

REPLACED = """\
def upgrade():
    op.drop_constraint('ck_state', 'people')
    op.create_check_constraint('ck_state', 'people', {new!r})

def downgrade():
    op.drop_constraint('ck_state', 'people')
    op.create_check_constraint('ck_state', 'people', {old!r})
"""


def names(folder: Path, source: str) -> list[str]:
    (folder / "second.py").write_text(source)
    made, undone = [operations.read(folder / "second.py", {name})[0] for name in ("upgrade", "downgrade")]
    return [one.name for one in risks.Chain(Statements(postgresql.dialect())).follow(made, None, undone)]


GROWN = [
    ("state IN ('a', 'b')", "state IN ('a', 'b', 'c')"),
    ("((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "state IN ('b', 'a')"),
    ("(state = ANY (ARRAY[1, 2]))", '"state" IN (1, 2, -3)'),
    ("`state` in ('it''s')", "state IN ('it''s', 'x')"),
    ("((state)::text = 'a'::text)", "state IN ('a', 'b')"),
    ("state::text IN ('a'::text)", "state IN ('a', 'b')"),
]
NOT_GROWN = [
    ("state IN ('a', 'b')", "state IN ('a', 'c')"),
    ("state IN ('a')", "other IN ('a', 'b')"),
    ("state NOT IN ('a')", "state NOT IN ('a', 'b')"),
    ("state > 0", "state > 1"),
    ("state IN ('a') OR age IN (1)", "state IN ('a')"),
    ("state IN ('a')", "state IN ('a') AND age > 1"),
    ("state IN (1)", "state IN ('1')"),
    (None, "state IN ('a')"),
]


@pytest.mark.parametrize(("old", "new"), GROWN)
def test_a_list_of_values_grows(old, new, tmp_path):
    """A label more in an Enum that a CHECK holds: every row satisfies it already."""
    assert has_grown(old, new)
    assert names(tmp_path, REPLACED.format(old=old, new=new)) == []


@pytest.mark.parametrize(("old", "new"), NOT_GROWN)
def test_another_condition(old, new, tmp_path):
    assert not has_grown(old, new)
    assert names(tmp_path, REPLACED.format(old=old, new=new)) == ["check:people.ck_state"]


def test_condition_on_a_new_column(tmp_path):
    """No row has a value in it, and CHECK lets NULL through."""
    lines = "    op.add_column('people', sa.Column('mail', sa.String(80)))\n"
    condition = "    op.create_check_constraint('ck', '{}', \"state = 'a' OR mail IS NULL\")\n"

    assert names(tmp_path, "def upgrade():\n" + lines + condition.format("people")) == []
    assert names(tmp_path, "def upgrade():\n" + lines + condition.format("persons")) == ["check:persons.ck"]


@pytest.mark.parametrize("name", ["people", '"Two words"', '"a%b"'])
def test_a_table_of_sqlite_that_is_made_anew(name, tmp_path):
    """The table is not dropped, whatever it is called; another one is."""
    temporary = name.replace('"', "")
    temporary = f'"_alembic_tmp_{temporary}"' if temporary != name else f"_alembic_tmp_{name}"
    statements = (
        f"CREATE TABLE {temporary} (id INTEGER)",
        f"INSERT INTO {temporary} (id) SELECT id FROM {name}",
        f"DROP TABLE {name}",
        f"ALTER TABLE {temporary} RENAME TO {name}",
    )
    source = "def upgrade():\n" + "".join(f"    op.execute({one!r})\n" for one in statements)

    assert names(tmp_path, source) == []
    assert names(tmp_path, source + "    op.execute('DROP TABLE other')\n") == ["drop-table:other"]


COPIED = """\
def copied(connection):
    connection.execute(sa.text({said!r}))

def filled():
    copied(op.get_bind())

def upgrade():
    {call}
    op.drop_column('people', 'name')
"""


def test_copied_by_a_function_of_the_revision(tmp_path):
    """Directly, or by one that it calls; a function that is not called copies nothing."""
    said = "UPDATE people SET full_name = name"

    assert names(tmp_path, COPIED.format(said=said, call="copied(op.get_bind())")) == []
    assert names(tmp_path, COPIED.format(said=said, call="filled()")) == []
    assert names(tmp_path, COPIED.format(said="SELECT 1", call="filled()")) == ["drop-column:people.name"]
    assert names(tmp_path, COPIED.format(said=said, call="pass")) == ["drop-column:people.name"]


def test_copied_under_its_former_name(tmp_path):
    lines = [
        "def upgrade():",
        "    op.execute('UPDATE people SET new_state = CAST(state AS VARCHAR(8))')",
        "    op.alter_column('people', 'state', new_column_name='old_state')",
        "    op.alter_column('people', 'new_state', new_column_name='state')",
        "    op.drop_column('people', 'old_state')",
    ]

    assert names(tmp_path, "\n".join(lines)) == []
    assert names(tmp_path, "\n".join([lines[0], *lines[2:]])) == ["drop-column:people.old_state"]


DROPPED = {
    "name of a module": ("op.drop_column(TABLE, COLUMN)", "TABLE = 'people'\nCOLUMN = 'name'\n"),
    "name of SQL": ("sql = sa.text('ALTER TABLE people DROP COLUMN name')\n    op.get_bind().execute(sql)", ""),
    "loop": ("for table, in [['teams']]:\n        pass\n    for name in ('name',):\n        op.drop_column('people', name)", ""),
    "loop in a batch": ("with op.batch_alter_table('people') as b:\n        for c in ['name']:\n            b.drop_column(c)", ""),
    "function with arguments": ("drop('people', column='name')", "def drop(table, column):\n    op.drop_column(table, column)\n"),
    "SQL in lines": ("op.execute('''\n  -- why\n  alter table people\n    drop column if exists name;\n''')", ""),
    "several actions": ("op.execute('ALTER TABLE people ADD x NUMERIC(8, 2), DROP name')", ""),
    "SQL about another table before": ("op.execute(\"UPDATE teams SET name = ''\")\n    op.drop_column('people', 'name')", ""),
    "words of a message before": ("if x:\n        raise Exception('upgrade it')\n    op.drop_column('people', 'name')", ""),
}


@pytest.mark.parametrize("situation", DROPPED)
def test_what_is_read(situation, tmp_path):
    """Literals by their names, in loops and as arguments of functions, and SQL as it is written."""
    up, more = DROPPED[situation]

    assert names(tmp_path, f"{more}def upgrade():\n    {up}\n") == ["drop-column:people.name"]


def test_one_name_in_both_functions(tmp_path):
    """Each has its own."""
    up = "    sql = 'UPDATE people SET label = name'\n    op.get_bind().execute(sql)\n    op.drop_column('people', 'name')\n"

    assert names(tmp_path, f"def upgrade():\n{up}def downgrade():\n    sql = 'SELECT 1'\n") == []


def test_sql(tmp_path):
    """What drops or empties tables, several in a statement too; what says which rows is its author's."""
    statements = {
        'DROP TABLE IF EXISTS one, "Two" CASCADE': ["drop-table:one", "drop-table:Two"],
        "TRUNCATE one, two RESTART IDENTITY": ["delete:one", "delete:two"],
        "DELETE FROM one; SELECT 1": ["delete:one"],
        "DELETE FROM one WHERE id = 1": [],
        "UPDATE one SET a = ';DROP TABLE two'": [],
        "ALTER TABLE one DROP CONSTRAINT ck": [],
        "DELETE FROM one WHERE true": ["delete:one"],
        "DO $$ BEGIN IF EXISTS (SELECT a FROM one) THEN ALTER TABLE one DROP COLUMN a; ELSE DROP TABLE two; END IF; END $$": [
            "drop-column:one.a",
            "drop-table:two",
        ],
        "DO LANGUAGE plpgsql $x$ BEGIN EXECUTE 'DROP TABLE one'; END $x$": ["drop-table:one"],
        "DO $$ BEGIN UPDATE one SET b = a; ALTER TABLE one DROP COLUMN a; END $$": [],
        "DO $$ BEGIN RAISE NOTICE 'DROP TABLE one'; END $$": [],
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN DELETE FROM one; END $$ LANGUAGE plpgsql": [],
    }
    for statement, expected in statements.items():
        assert names(tmp_path, f"def upgrade():\n    op.execute({statement!r})\n") == expected, statement
