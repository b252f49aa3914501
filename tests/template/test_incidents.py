"""Revisions that have cost teams their data, as public reports tell of them: each stops before a value is lost, and runs once it is
meant, or mended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.servers import DIALECTS, engine_for, execute
from tests.template.history import write_revision
from tests.template.project import Project
from tests.template.states import everything, stamped

TABLES = """\
op.create_table('teams', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('name', sa.String(80)))
op.create_table('people',
    sa.Column('id', sa.Integer(), primary_key=True),
    sa.Column('name', sa.String(80)),
    sa.Column('state', sa.Enum('new', 'paid', 'old', name='state')),
    sa.Column('number', sa.BigInteger()),
    sa.Column('team_id', sa.Integer()),
)"""
ROWS = (
    "INSERT INTO teams (id, name) VALUES (1, 'Engines')",
    "INSERT INTO people (id, name, state, number, team_id) VALUES (1, 'Ada Lovelace', 'new', 1, 1)",
    "INSERT INTO people (id, name, state, number, team_id) VALUES (2, 'Ada Lovelace', 'old', 5000000000, 9)",
    "INSERT INTO people (id, name, state, number, team_id) VALUES (3, NULL, NULL, NULL, NULL)",
)
ASKS = "\nconsents = None\n"  # as a revision has it that `flask db migrate` wrote
BATCH = "with op.batch_alter_table('people', schema=None) as batch_op:\n    batch_op."
LABELS = "existing_type=sa.Enum('new', 'paid', 'old', name='state'), type_=sa.Enum('new', 'paid', name='state')"


@dataclass(frozen=True)
class Incident:
    """`up` loses or fails on servers of `dialects`, which `told` says; `mended` is code that lets it through, "" for a consent."""

    up: str
    told: str
    mended: str = ""
    dialects: tuple[str, ...] = DIALECTS

    @property
    def name(self) -> str:
        return self.told.partition("   ")[0]


INCIDENTS = {
    # https://alembic.sqlalchemy.org/en/latest/autogenerate.html#what-does-autogenerate-detect-and-what-does-it-not-detect
    "column renamed": Incident(
        BATCH + "add_column(sa.Column('full_name', sa.String(80)))\n    batch_op.drop_column('name')",
        "drop-column:people.name   2 rows with a value in it",
        "op.add_column('people', sa.Column('label', sa.String(80)))\nop.execute('UPDATE people SET label = name')\n",
    ),
    "column dropped that is in use": Incident(
        BATCH + "drop_column('number')", "drop-column:people.number   2 rows with a value in it"
    ),
    "table dropped that is in use": Incident("op.drop_table('people')", "drop-table:people   3 rows in it"),
    "table dropped in SQL": Incident("op.execute('DROP TABLE people')", "drop-table:people   3 rows in it"),
    "every row deleted": Incident("op.execute('DELETE FROM people')", "delete:people   3 rows in it"),
    "table emptied": Incident("op.execute('TRUNCATE TABLE people')", "delete:people   3 rows in it", "", ("postgresql", "mariadb")),
    "columns dropped in a loop": Incident(
        "for column in ['name']:\n    op.drop_column('people', column)", "drop-column:people.name   2 rows with a value in it"
    ),
    "NOT NULL": Incident(
        BATCH + "alter_column('name', existing_type=sa.String(80), nullable=False)",
        "not-null:people.name   1 row without a value, which the statement fails on",
        "op.execute(\"UPDATE people SET name = '' WHERE name IS NULL\")\n",
    ),
    "new column that is NOT NULL": Incident(
        "op.add_column('people', sa.Column('mail', sa.String(80), nullable=False))",
        "not-null:people.mail   3 rows that would have no value, which the statement fails on",
        "op.execute('DELETE FROM people WHERE id > 0')\n",
        ("postgresql",),
    ),
    "text shortened": Incident(
        BATCH + "alter_column('name', existing_type=sa.String(80), type_=sa.String(5))",
        "type:people.name   2 rows with a value that does not fit String(5)",
        "op.execute('UPDATE people SET name = LEFT(name, 5)')\n",
        ("postgresql", "mariadb"),
    ),
    "number that overflows": Incident(
        BATCH + "alter_column('number', existing_type=sa.BigInteger(), type_=sa.Integer())",
        "type:people.number   1 row with a value that does not fit Integer()",
        "op.execute('UPDATE people SET number = 0 WHERE number > 2147483647')\n",
        ("postgresql", "mariadb"),
    ),
    "label of an enum removed": Incident(
        BATCH + f"alter_column('state', {LABELS})",
        "enum:people.state   1 row with none of 'new', 'paid'",
        "op.execute(\"UPDATE people SET state = 'paid' WHERE state = 'old'\")\n",
        ("sqlite", "mariadb"),
    ),
    "label of a type removed": Incident(
        "op.execute('ALTER TYPE state RENAME TO state_before')\n"
        "op.execute(\"CREATE TYPE state AS ENUM ('new', 'paid')\")\n"
        "op.execute('ALTER TABLE people ALTER COLUMN state TYPE state USING state::text::state')\n"
        "op.execute('DROP TYPE state_before')",
        "enum:people.state   1 row with none of 'new', 'paid'",
        "op.execute(\"UPDATE people SET state = 'paid' WHERE state = 'old'\")\n",
        ("postgresql",),
    ),
    "unique with duplicates": Incident(
        BATCH + "create_unique_constraint('uq_name', ['name'])",
        "unique:people.name   1 value in several rows, which the statement fails on",
        "op.execute('DELETE FROM people WHERE id = 2')\n",
    ),
    "foreign key with orphans": Incident(
        BATCH + "create_foreign_key('fk_team', 'teams', ['team_id'], ['id'])",
        "foreign-key:people.team_id   1 row without one in teams, which the statement fails on",
        "op.execute('UPDATE people SET team_id = NULL WHERE team_id = 9')\n",
    ),
    "foreign key to a new table": Incident(
        "op.create_table('clubs', sa.Column('id', sa.Integer(), primary_key=True))\n"
        + BATCH
        + "create_foreign_key('fk_club', 'clubs', ['team_id'], ['id'])",
        "foreign-key:people.team_id   2 rows without one in clubs, which the statement fails on",
        "op.execute('UPDATE people SET team_id = NULL')\n",
    ),
    "condition that rows do not satisfy": Incident(
        BATCH + "create_check_constraint(op.f('ck_number'), 'number < 10')",
        "check:people.ck_number   1 row against its condition, which the statement fails on",
        "op.execute('UPDATE people SET number = 9 WHERE number > 9')\n",
    ),
}
CASES = [(dialect, situation) for situation, incident in INCIDENTS.items() for dialect in incident.dialects]


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """At a revision that has made both tables, without rows."""
    result = Project(tmp_path / "project", database_url)
    down = "op.drop_table('people')\nop.drop_table('teams')\nop.execute('DROP TYPE IF EXISTS state')"
    write_revision(result, "first", None, TABLES, down)
    result.flask("db", "upgrade")
    return result


@pytest.mark.parametrize("database_url, situation", CASES, indirect=["database_url"])
def test_upgrade(project, situation):
    """Refused with these rows before anything is changed; done with them once it is mended or meant, and done without rows."""
    incident = INCIDENTS[situation]
    write_revision(project, "second", "first", incident.up, "raise NotImplementedError")
    execute(project.database_url, *ROWS)
    before = everything(project.database_url)

    said = project.flask("db", "upgrade", expect=1)

    assert f"   {incident.told}\n" in said
    assert said.endswith(
        f'  Where it is meant, say why in the revision, and run it again:\n    consents = {{"{incident.name}": "why"}}\n'
    )
    assert everything(project.database_url) == before
    assert incident.name in project.adopt("deploy", expect=1)
    assert everything(project.database_url) == before

    consent = "" if incident.mended else f"\nconsents = {{{incident.name!r}: 'nobody needs them'}}\n"
    write_revision(project, "second", "first", incident.mended + incident.up, "raise NotImplementedError", consent)
    project.flask("db", "upgrade")
    assert stamped(project.database_url) == ["second"]


@pytest.mark.parametrize("database_url, situation", CASES, indirect=["database_url"])
def test_upgrade_without_rows(project, situation):
    """An empty table puts nothing at stake."""
    incident = INCIDENTS[situation]
    write_revision(project, "second", "first", incident.up, "raise NotImplementedError")

    project.flask("db", "upgrade")

    assert stamped(project.database_url) == ["second"]


def test_downgrade(project):
    """Values that came after the upgrade are lost by the way back: it stops, and goes on where the revision consents."""
    up, down = "op.add_column('people', sa.Column('mail', sa.String(80)))", BATCH + "drop_column('mail')"
    write_revision(project, "second", "first", up, down, ASKS)
    project.flask("db", "upgrade")
    execute(project.database_url, *ROWS, "UPDATE people SET mail = 'ada@example.org' WHERE id = 1")
    before = everything(project.database_url)

    said = project.flask("db", "downgrade", expect=1)

    assert "  This downgrade would lose values of " in said
    assert "   drop-column:people.mail   1 row with a value in it\n" in said
    assert everything(project.database_url) == before

    write_revision(project, "second", "first", up, down, "\nconsents = {'drop-column:people.mail': 'a trial'}\n")
    project.flask("db", "downgrade")
    assert stamped(project.database_url) == ["first"]
    with engine_for(project.database_url).connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM people")).scalar() == 3


def test_downgrade_of_a_revision_that_says_nothing_of_consents(project):
    """One that a team wrote before goes back as it was written: the values go."""
    up, down = "op.add_column('people', sa.Column('mail', sa.String(80)))", BATCH + "drop_column('mail')"
    write_revision(project, "second", "first", up, down)
    project.flask("db", "upgrade")
    execute(project.database_url, *ROWS, "UPDATE people SET mail = 'ada@example.org' WHERE id = 1")

    project.flask("db", "downgrade")

    assert stamped(project.database_url) == ["first"]


@pytest.mark.parametrize(
    "default", ["'none'", '"it\'s"', "sa.text('CURRENT_TIMESTAMP')"], ids=["literal", "with a quote", "expression"]
)
def test_values_that_the_database_has_given(project, default):
    """What is the default of its column in every row is no loss; what an expression has given may be one."""
    type_ = "sa.DateTime()" if "text" in default else "sa.String(80)"
    up = f"op.add_column('people', sa.Column('mail', {type_}, nullable=False, server_default={default}))"
    if "text" in default:  # which SQLite adds to no table that has rows
        up = "with op.batch_alter_table('people', recreate='auto') as batch_op:\n    batch_op." + up[len("op.") :].replace(
            "'people', ", ""
        )
        up = up.replace("auto", "always" if project.database_url.startswith("sqlite") else "auto")
    write_revision(project, "second", "first", up, BATCH + "drop_column('mail')", ASKS)
    execute(project.database_url, *ROWS)
    project.flask("db", "upgrade")

    if "text" in default:
        assert "   drop-column:people.mail   3 rows with a value in it\n" in project.flask("db", "downgrade", expect=1)
        return
    project.flask("db", "downgrade")
    assert stamped(project.database_url) == ["first"]
    project.flask("db", "upgrade")
    execute(project.database_url, "UPDATE people SET mail = 'ada@example.org' WHERE id = 1")
    assert "   drop-column:people.mail   1 row with a value in it\n" in project.flask("db", "downgrade", expect=1)
