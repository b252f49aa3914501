"""The stamp is taken out again, and nothing else of the database with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import execute
from tests.template.history import write_revision
from tests.template.project import Project
from tests.template.states import everything, shown, stamped

TABLE = "op.create_table('people', sa.Column('id', sa.String(8), nullable=False), sa.PrimaryKeyConstraint('id'))"


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """Its database was there before its revision."""
    result = Project(tmp_path / "project", database_url)
    write_revision(result, "first", None, TABLE, "op.drop_table('people')")
    execute(database_url, "CREATE TABLE people (id VARCHAR(8) PRIMARY KEY)", "INSERT INTO people (id) VALUES ('ada')")
    return result


def test_forget(project):
    """What adopt has written is gone, so that the database is byte for byte in its dump what it was; adopt does it again."""
    before = everything(project.database_url)
    project.adopt()
    assert stamped(project.database_url) == ["first"]

    said = project.adopt("forget", "--yes")

    where = shown(project.database_url)
    assert said == (
        f"{where} is at first. alembic_version goes; its tables stay.\nforgotten {where}; take the code back with git, too\n"
    )
    assert everything(project.database_url) == before
    assert project.adopt("forget", "--yes") == f"forgotten {where} is not stamped\n"
    project.adopt()
    assert stamped(project.database_url) == ["first"]


def test_nobody_says_yes(project):
    """Nothing is taken out, and the line says how to; it is followed to the letter."""
    project.adopt()
    before = everything(project.database_url)

    said = project.adopt("forget", expect=3)

    where = shown(project.database_url)
    assert said.endswith(f"kept      {where}; to take the stamp out:  python -m migrations.adopt forget --yes\n")
    assert everything(project.database_url) == before
    project.adopt(*said.split("migrations.adopt ")[-1].split())
    assert stamped(project.database_url) is None


def test_a_later_revision_was_run(project):
    """What it has changed stays, and that is said."""
    project.adopt()
    write_revision(project, "second", "first", "op.add_column('people', sa.Column('name', sa.String(20)))", "pass")
    project.flask("db", "upgrade")

    said = project.adopt("forget", "--yes")

    assert "is at second. alembic_version goes; its tables stay, and what 1 later revision changed in them.\n" in said
    assert stamped(project.database_url) is None


def test_a_revision_of_nobody(project):
    """The stamp of a checkout that is gone is taken out, too."""
    project.adopt()
    execute(project.database_url, "UPDATE alembic_version SET version_num = 'theirs'")

    said = project.adopt("forget", "--yes")

    assert "is at theirs. alembic_version goes; its tables stay.\n" in said
    assert stamped(project.database_url) is None
