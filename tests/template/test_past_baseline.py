"""A downgrade past the baseline, on databases with rows and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import execute
from tests.template.history import BASELINE, write_revision
from tests.template.project import Project
from tests.template.states import everything, shown, stamped

REFUSING = """

def refuse_to_drop_rows(*tables):
    for table in tables:
        if op.get_context().as_sql:
            return
        if op.get_bind().execute(sa.text('SELECT 1 FROM %s LIMIT 1' % table)).first():
            raise RuntimeError('%s holds rows, and this downgrade would drop it; nothing was dropped' % table)
"""  # as hooks/inside/baseline/baseline.py writes it
ROW = "INSERT INTO users (id, email) VALUES (1, 'a@b.c')"


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """At the baseline, which has one table, without rows."""
    result = Project(tmp_path / "project", database_url)
    write_revision(result, "first", None, BASELINE, "refuse_to_drop_rows('users')\nop.drop_table('users')", REFUSING)
    result.flask("db", "upgrade")
    return result


def message(project: Project, *risks: tuple[str, str]) -> str:
    """`risks` are (place, "drop-table:users"), of one row each."""
    evidence = "".join(f"    migrations/versions/{place}   {name}   1 row in it\n" for place, name in risks)
    consents = ", ".join(f'"{name}": "why"' for _, name in risks)
    return (
        "Error: risky-revision\n"
        f"  This downgrade would lose values of {shown(project.database_url)}:\n"
        f"{evidence}"
        "  Nothing was changed.\n"
        "  Stop at an earlier revision:  flask db downgrade REVISION\n"
        "  Where it is meant, say why in the revision, and run it again:\n"
        f"    consents = {{{consents}}}\n"
    )


@pytest.mark.parametrize("arguments", [[], ["base"], ["-1"]], ids=["one", "base", "minus one"])
def test_rows_in_a_table_of_the_baseline(project, arguments):
    """It is refused, and everything is as it was."""
    execute(project.database_url, ROW)
    before = everything(project.database_url)

    said = project.flask("db", "downgrade", *(["--"] if arguments == ["-1"] else []), *arguments, expect=1)

    assert said.endswith(message(project, ("first.py:27", "drop-table:users"))), said
    assert everything(project.database_url) == before


@pytest.mark.parametrize("arguments", [[], ["base"]], ids=["one", "base"])
def test_no_rows_in_the_tables_of_the_baseline(project, arguments):
    """It goes through, and back."""
    project.flask("db", "downgrade", *arguments)

    assert everything(project.database_url)["rows"] == {"alembic_version": []}
    project.flask("db", "upgrade")


def test_later_revision_would_be_undone_before_the_baseline(project):
    """It is refused before the later revision runs: MySQL could not take that back."""
    write_revision(
        project,
        "second",
        "first",
        "op.add_column('users', sa.Column('phone', sa.String(20)))",
        "print('undoes second')\nwith op.batch_alter_table('users') as batch_op:\n    batch_op.drop_column('phone')",
    )
    project.flask("db", "upgrade")
    execute(project.database_url, ROW)
    before = everything(project.database_url)

    for arguments in (["base"], ["--", "-2"]):
        said = project.flask("db", "downgrade", *arguments, expect=1)

        assert said.endswith(message(project, ("first.py:27", "drop-table:users"))), said
        assert "undoes second" not in said
        assert everything(project.database_url) == before


def test_downgrade_that_stops_at_the_baseline(project):
    """Rows are no reason to refuse what drops no table of the baseline."""
    write_revision(
        project,
        "second",
        "first",
        "op.add_column('users', sa.Column('phone', sa.String(20)))",
        "with op.batch_alter_table('users') as batch_op:\n    batch_op.drop_column('phone')",
    )
    execute(project.database_url, ROW)
    before = everything(project.database_url)
    project.flask("db", "upgrade")

    project.flask("db", "downgrade")

    assert everything(project.database_url) == before


def test_rows_in_a_table_that_a_later_revision_has_made(project):
    """A downgrade to base drops it with the others, so it counts as well."""
    project.add("\n\nclass Order(db.Model):\n    __tablename__ = 'orders'\n    id = db.Column(db.Integer, primary_key=True)\n")
    write_revision(
        project,
        "second",
        "first",
        "op.create_table('orders', sa.Column('id', sa.Integer(), primary_key=True))",
        "op.drop_table('orders')",
    )
    project.flask("db", "upgrade")
    execute(project.database_url, "INSERT INTO orders (id) VALUES (7)")
    before = everything(project.database_url)

    said = project.flask("db", "downgrade", "base", expect=1)

    assert said.endswith(message(project, ("second.py:20", "drop-table:orders"))), said
    assert everything(project.database_url) == before


def test_stamp_goes_past_the_baseline(project):
    """`flask db stamp base` drops nothing, and is not refused."""
    execute(project.database_url, ROW)

    project.flask("db", "stamp", "base")

    assert stamped(project.database_url) == []
    assert everything(project.database_url)["rows"]["users"] == ["(1, 'a@b.c', None)"]


def test_sql_of_a_downgrade(project):
    """With --sql nothing is asked of a database, and nothing is refused."""
    execute(project.database_url, ROW)
    before = everything(project.database_url)

    assert "DROP TABLE users" in project.flask("db", "downgrade", "first:base", "--sql")
    assert everything(project.database_url) == before
