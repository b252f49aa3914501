"""python -m migrations.adopt check: what CI asks of the migrations, on an empty database."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopt.base import urls
from adopt.rows import locks, operations
from tests.servers import databases
from tests.template.project import Project
from tests.template.test_adopt import write_baseline


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a baseline, and no database."""
    project = Project(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.db")
    write_baseline(project)
    return project


def add_revision(project: Project, name: str, follows: str, upgrade: str, downgrade: str) -> None:
    project.write(
        f"migrations/versions/{name}.py",
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision, down_revision, branch_labels, depends_on = {name!r}, {follows!r}, None, None\n"
        f"def upgrade():\n    {upgrade}\ndef downgrade():\n    {downgrade}\n",
    )


def baseline_of(project: Project) -> str:
    return project.revisions()[0].name.split("_")[1]


ADD_PHONE, DROP_PHONE = "op.add_column('users', sa.Column('phone', sa.String(20)))", "op.drop_column('users', 'phone')"


def test_all_is_well(database_url, tmp_path):
    """Each thing that was proven has its line; no database of the application's is made, and none is left behind."""
    project = Project(tmp_path / "project", database_url)
    baseline = write_baseline(project)
    add_revision(project, "later", baseline, ADD_PHONE, DROP_PHONE)
    project.add("\nUser.phone = db.Column(db.String(20))\n")

    output = project.adopt("check")

    assert output.splitlines() == [
        "verified  one head, later",
        "verified  2 revisions from nothing build what the models say",
        "verified  2 revisions downgraded, each with nothing left over, and upgraded again",
    ]
    if urls.backend(database_url) == "sqlite":
        assert not Path(urls.sqlite_path(database_url)).exists()
    else:
        dialect = "mariadb" if urls.backend(database_url) == "mysql" else "postgresql"
        assert not [name for name in databases(dialect) if name.startswith(scratch_prefix(project))]


def scratch_prefix(project: Project) -> str:
    from adopt.server.scratch import prefix

    return prefix(project.folder)


def test_two_newest_revisions(project):
    """Both are named with their files, and how they are merged."""
    baseline = baseline_of(project)
    add_revision(project, "phone", baseline, ADD_PHONE, DROP_PHONE)
    add_revision(project, "fax", baseline, "pass", "pass")

    assert project.adopt("check", expect=1) == (
        "error: several-heads\n"
        "  There are 2 heads, so `flask db upgrade` does not know which one to go to.\n"
        "    fax            migrations/versions/fax.py\n"
        "    phone          migrations/versions/phone.py\n"
        "  Merge them:  flask db merge heads\n"
    )


def test_models_that_are_ahead(project):
    """The next migration is shown as it would be."""
    project.add("\nUser.phone = db.Column(db.String(20))\n")

    assert project.adopt("check", expect=1).splitlines()[1:] == [
        "verified  1 revision downgraded, each with nothing left over, and upgraded again",
        "error: models-differ",
        "  The models and the revisions differ. The next migration would be:",
        "    with op.batch_alter_table('users', schema=None) as batch_op:",
        "        batch_op.add_column(sa.Column('phone', sa.String(length=20), nullable=True))",
        '  Write it, and commit it with the models:  flask db migrate -m "..."',
    ]


def test_revision_that_fails_on_an_empty_database(project):
    """Its line is named."""
    add_revision(project, "later", baseline_of(project), "op.execute('DROP TABLE nowhere')", "pass")

    assert project.adopt("check", expect=1).splitlines()[1:] == [
        "error: revision-failed",
        "  The upgrade of an empty database failed: migrations/versions/later.py:5: OperationalError: no such table: nowhere.",
        "  Let it run on an empty database: CI, colleagues and new servers begin with one.",
        "note      migrations/versions/later.py:5: drop-table:nowhere: an upgrade stops where there are rows in it",
    ]


def test_downgrade_that_leaves_something_behind(project):
    """The revision is named, with what it leaves; nothing after it is blamed."""
    add_revision(project, "later", baseline_of(project), "op.create_table('notes', sa.Column('id', sa.Integer()))", "pass")
    project.add("\ndb.Table('notes', db.Column('id', db.Integer))\n")

    assert project.adopt("check", expect=1).splitlines()[2:] == [
        "error: downgrade-differs",
        "  migrations/versions/later.py: undoing the revision later does not bring back what was before it:",
        "    notes   is left over",
        "  Mend its downgrade(), or let it raise NotImplementedError.",
    ]


def test_downgrade_that_fails(project):
    """The line that failed is named."""
    add_revision(project, "later", baseline_of(project), "pass", "op.drop_table('nowhere')")

    assert project.adopt("check", expect=1).splitlines()[2:] == [
        "error: downgrade-failed",
        "  migrations/versions/later.py:7: undoing the revision later failed: OperationalError: no such table: nowhere",
        "  Mend its downgrade(), or let it raise NotImplementedError.",
    ]


def test_revision_without_a_way_back(project):
    """A downgrade that raises NotImplementedError is a decision, not a mistake."""
    add_revision(project, "later", baseline_of(project), "pass", "raise NotImplementedError('no way back')")

    assert project.adopt("check").splitlines()[2:] == ["note      later cannot be downgraded, as its downgrade() says"]


def test_only_the_newest_are_undone_where_asked(project):
    """`--down 1` leaves the downgrades of old revisions alone."""
    baseline = baseline_of(project)
    add_revision(project, "old", baseline, "op.create_table('notes', sa.Column('id', sa.Integer()))", "pass")
    add_revision(project, "new", "old", ADD_PHONE, DROP_PHONE)
    project.add("\ndb.Table('notes', db.Column('id', db.Integer))\nUser.phone = db.Column(db.String(20))\n")

    assert "  migrations/versions/old.py: undoing the revision old" in project.adopt("check", expect=1)
    assert project.adopt("check", "--down", "1").splitlines()[-1] == (
        "verified  1 revision downgraded, each with nothing left over, and upgraded again"
    )


def test_branches_that_were_merged(project):
    """All of it runs twice; single revisions are not undone, and that is said."""
    baseline = baseline_of(project)
    add_revision(project, "phone", baseline, ADD_PHONE, DROP_PHONE)
    add_revision(project, "fax", baseline, "pass", "pass")
    project.write(
        "migrations/versions/merged.py",
        "revision, down_revision, branch_labels, depends_on = 'merged', ('phone', 'fax'), None, None\n"
        "def upgrade():\n    pass\ndef downgrade():\n    pass\n",
    )
    project.add("\nUser.phone = db.Column(db.String(20))\n")

    assert project.adopt("check").splitlines() == [
        "verified  one head, merged",
        "verified  4 revisions from nothing build what the models say",
        "note      branches were merged, so no revision was downgraded by itself",
    ]


def test_database_is_not_opened(project):
    """An existing database that nobody could adopt does not matter to CI."""
    path = Path(urls.sqlite_path(project.database_url))
    path.write_bytes(b"not a database" * 100)

    project.adopt("check")

    assert path.read_bytes() == b"not a database" * 100


def test_server_that_does_not_answer(tmp_path):
    """It could not be checked, which is another exit status than what is wrong."""
    project = Project(tmp_path / "project", "postgresql://nobody@127.0.0.1:1/shop")
    write_baseline(project)

    assert project.adopt("check", expect=2).splitlines()[1] == "error: database-unreachable"


def test_newest_revision_loses_values(project):
    """A note for one that has no line `consents`, as those of earlier versions; they have run by now, or are let through there."""
    phones = "op.add_column('users', sa.Column('phone', sa.String(20)))"
    add_revision(project, "later", baseline_of(project), phones, DROP_PHONE)
    add_revision(project, "last", "later", DROP_PHONE, ADD_PHONE)
    place = "migrations/versions/last.py:5: drop-column:users.phone"
    note = f"note      {place}: an upgrade stops where there are rows with a value in it"

    assert note in project.adopt("check").splitlines()
    path = project.folder / "migrations/versions/last.py"
    path.write_text(path.read_text() + "consents = {'drop-column:users.phone': 'nobody calls'}\n")
    assert "note" not in project.adopt("check")


RISKY = """\
error: risky-revision
  migrations/versions/last.py loses values, or fails, where there are such rows:
    line 5   drop-column:users.phone   rows with a value in it
      Copy the values first: op.execute('UPDATE users SET ... = phone')
      SELECT COUNT(*) FROM users WHERE phone IS NOT NULL
  Write it so, or say in the revision why it is meant:  consents = {"drop-column:users.phone": "why"}
"""


def test_newest_revision_without_consent(project):
    """It ends with 1 where the revision has that line, as each that is written from now on, and names what it may lose."""
    add_revision(project, "later", baseline_of(project), ADD_PHONE, DROP_PHONE)
    add_revision(project, "last", "later", DROP_PHONE, ADD_PHONE)
    path = project.folder / "migrations/versions/last.py"
    text = path.read_text()
    path.write_text(text + "consents = None\n")

    assert project.adopt("check", expect=1).endswith(RISKY)

    path.write_text(text + "consents: 'dict[str, str]' = {'drop-column:users.phone': 'nobody calls', 'drop-table:users': 'gone'}\n")
    said = project.adopt("check")
    assert said.endswith("note      migrations/versions/last.py: consents to drop-table:users, which it does not do\n")
    assert said.count("note") == 1

    path.write_text(text + "consents = None\n")
    add_revision(project, "after", "last", "pass", "pass")
    assert "drop-column" not in project.adopt("check")


LOCKS = (
    "op.create_index('ix', 'users', ['email'])",
    "op.create_index('iy', 'users', ['email'], postgresql_concurrently=True)",
    "op.create_check_constraint('ck', 'users', 'id > 0')",
    "op.create_check_constraint('cl', 'users', 'id > 0', postgresql_not_valid=True)",
    "op.alter_column('users', 'id', existing_type=sa.Integer(), type_=sa.BigInteger())",
    "op.alter_column('users', 'email', existing_type=sa.String(80), type_=sa.String(120))",
    "op.add_column('users', sa.Column('key', sa.UUID(), server_default=sa.text('gen_random_uuid()')))",
    "op.add_column('users', sa.Column('at', sa.DateTime(), server_default=sa.text('now()')))",
    "op.create_foreign_key('fk', 'users', 'users', ['id'], ['id'])",
    "op.create_table('other', sa.Column('id', sa.Integer()))",
    "op.create_index('iz', 'other', ['id'])",
)


@pytest.mark.parametrize(
    ("dialect", "told"),
    [
        (
            "postgresql",
            [
                (
                    2,
                    "writes on users wait while the index is built: "
                    "postgresql_concurrently=True in `with op.get_context().autocommit_block():`",
                ),
                (
                    4,
                    "reads and writes on users wait while each row is checked: "
                    "add it with postgresql_not_valid=True, and VALIDATE CONSTRAINT in a later revision",
                ),
                (6, "reads and writes on users wait while the table is rewritten"),
                (8, "reads and writes on users wait while the table is rewritten to fill key"),
                (
                    10,
                    "writes on users wait while each row is checked: "
                    "add it with postgresql_not_valid=True, and VALIDATE CONSTRAINT in a later revision",
                ),
            ],
        ),
        (
            "mysql",
            [
                (6, "writes on users wait while the table is copied"),
                (10, "writes on users wait while the table is copied"),
            ],
        ),
        ("sqlite", []),
    ],
)
def test_locks(dialect, told, tmp_path):
    """What keeps others from a large table is told, and what does not is not."""
    (tmp_path / "last.py").write_text("def upgrade():\n    " + "\n    ".join(LOCKS))

    made, _ = operations.read(tmp_path / "last.py", {"upgrade"})

    assert list(locks.of(made, dialect)) == told
