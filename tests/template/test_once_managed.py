"""Which tables the revisions have made."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from adopt.autogenerate.once_managed import once_managed

CASES = {
    "operations": (
        """
        def upgrade():
            op.create_table("users", sa.Column("id", sa.Integer()))
            op.create_table("posts", sa.Column("id", sa.Integer()), schema="blog")
        def downgrade():
            op.drop_table("users")
            op.create_table("before")
        """,
        {"users", "blog.posts"},
    ),
    "a table that was dropped or renamed": (
        """
        def upgrade():
            op.create_table("a")
            op.create_table("b")
            op.drop_table("a")
            op.rename_table("b", "c")
            op.rename_table(old_table_name="c", new_table_name="d")
        """,
        {"d"},
    ),
    "SQL": (
        '''
        PLAN = """
            -- two of them
            CREATE TABLE IF NOT EXISTS plans (id INTEGER); CREATE UNLOGGED TABLE "Big" (id INTEGER);
            CREATE TABLE gone (id INTEGER);
        """
        def upgrade():
            """A docstring that says CREATE TABLE nothing."""
            op.execute(PLAN)
            op.get_bind().execute(sa.text("create table Other.Notes (id integer)"))
            op.execute("DROP TABLE IF EXISTS x, gone CASCADE")
            op.execute("ALTER TABLE plans RENAME TO programmes")
            op.execute("ALTER TABLE programmes RENAME COLUMN id TO number")
            op.execute("ALTER TABLE programmes RENAME number TO id")
            op.execute("CREATE TEMPORARY TABLE work (id INTEGER)")
            op.execute("CREATE INDEX ix ON elsewhere (id)")
        ''',
        {"programmes", "Big", "other.notes", "Other.Notes"},
    ),
    "partitions, which go with their table": (
        """
        def upgrade():
            op.execute("CREATE TABLE m (at date) PARTITION BY RANGE (at)")
            op.execute("CREATE TABLE m_2024 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
            op.execute("CREATE TABLE old.m_2023 PARTITION OF m DEFAULT")
        """,
        {"m"},
    ),
    "names in variables": (
        """
        TABLE = "users"
        def upgrade():
            op.create_table(TABLE)
            for name in ("a", "b"):
                op.create_table(name, sa.Column("id", sa.Integer()))
            op.create_table("part_%d" % 1)
        """,
        {"users", "a", "b"},
    ),
    "functions of the revision": (
        """
        def upgrade():
            make()
            make()
        def make():
            op.create_table("users")
            upgrade()
        def downgrade():
            unmake()
        def unmake():
            op.create_table("never")
        """,
        {"users"},
    ),
    "a Table that is created": (
        """
        def upgrade():
            users = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer()))
            users.create(op.get_bind())
        """,
        {"users"},
    ),
    "a Table whose rows are changed": (
        """
        def upgrade():
            users = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer()))
            op.get_bind().execute(users.delete())
        """,
        set(),
    ),
    "something that this Python cannot read": ("def upgrade(:", set()),
}


def managed(folder: Path, *texts: str, name: str = "") -> set[str]:
    """The tables of revisions with these texts."""
    paths = [folder / f"{number}.py" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return once_managed(map(str, paths), name)


@pytest.mark.parametrize("case", CASES)
def test_tables_of_one_revision(case: str, tmp_path):
    """What the upgrade makes counts, and what only the downgrade makes does not."""
    text, expected = CASES[case]

    assert managed(tmp_path, dedent(text)) == expected


def test_the_order_of_revisions_counts(tmp_path):
    """A table that was dropped, and that somebody else made again, is not the migrations' any more."""
    made = 'def upgrade():\n    op.create_table("sessions")\n'
    dropped = 'def upgrade():\n    op.drop_table("sessions")\n'

    assert managed(tmp_path, made, dropped) == set()
    assert managed(tmp_path, dropped, made) == {"sessions"}


def test_several_databases(tmp_path):
    """Each has its own function; a plain `upgrade()` of the time before is of the default database."""
    before = 'def upgrade():\n    op.create_table("users")\n'
    after = dedent(
        """
        def upgrade(engine_name):
            globals()["upgrade_%s" % engine_name]()
        def upgrade_():
            op.create_table("posts")
        def upgrade_archive():
            op.create_table("old_posts")
        """
    )

    assert managed(tmp_path, before, after) == {"users", "posts"}
    assert managed(tmp_path, before, after, name="archive") == {"old_posts"}
