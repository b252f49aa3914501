"""A generated revision is laid out as black would, and means the same."""

from __future__ import annotations

import pytest

from hooks.edit.python.revision_style import in_style

HEAD = '''"""baseline

Revision ID: ab12
Revises:{space}
Create Date: 2026-11-28 23:22:17

"""{empty}
from alembic import op
import sqlalchemy as sa
'''
BEFORE = (
    HEAD.format(space=" ", empty="")
    + '''

# revision identifiers, used by Alembic.
revision = 'ab12'
down_revision = None


def upgrade():
    op.create_table('item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("name <> ''"),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('one',
    sa.Column('id', sa.Integer(), nullable=False)
    )
    # op.drop_column('item',
    #     'name')
    op.execute(  # needed
        'x')
    op.execute("""create view v as
        select 'a'""")


def downgrade():
    for table in ('item',):
        if op.get_bind().execute('x'):
            raise RuntimeError(table + ' holds rows, and this downgrade would drop it; nothing was dropped')
'''
)
AFTER = '''"""baseline

Revision ID: ab12
Revises:
Create Date: 2026-11-28 23:22:17

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "ab12"
down_revision = None


def upgrade():
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("name <> ''"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table("one", sa.Column("id", sa.Integer(), nullable=False))
    # op.drop_column('item',
    #     'name')
    op.execute(  # needed
        "x")
    op.execute("""create view v as
        select 'a'""")


def downgrade():
    for table in ("item",):
        if op.get_bind().execute("x"):
            raise RuntimeError(
                table
                + " holds rows, and this downgrade would drop it; nothing was dropped"
            )
'''


def test_revision():
    """Quotes, brackets, imports and empty lines are black's and isort's; statements with comments stay as they are."""
    assert in_style(BEFORE) == AFTER


def test_second_time():
    """What is in style stays."""
    assert in_style(AFTER) == AFTER


def test_longer_lines():
    """Where the project lets lines be longer, as black and ruff then do."""
    call = "op.create_index('ix_customers_name', 'customers', ['first_name', 'last_name'], unique=True)"
    inside = call[call.index("(") + 1 : -1].replace("'", '"')

    assert in_style(f"def upgrade():\n    {call}\n", 100) == f"def upgrade():\n    op.create_index({inside})\n"
    assert in_style(f"def upgrade():\n    {call}\n") == f"def upgrade():\n    op.create_index(\n        {inside}\n    )\n"


@pytest.mark.parametrize(
    "code",
    ['x = "%s" % {"a": 1}["a"]\n', "x = f'{a!r:>{width}}'\n", "this is no Python\n", "op.f('a' 'b')\n", "op.f(*a, **b)\n", ""],
    ids=["subscript", "f-string", "no Python", "joined", "stars", "empty"],
)
def test_meaning_stays(code):
    """Whatever it is given, it gives back what means the same."""
    done = in_style(code)

    assert done == code or compile(done, "a", "exec").co_code == compile(code, "b", "exec").co_code


def test_quotes_of_other_statements():
    """Literals in what is not laid out anew, and none in comments, docstrings or other literals."""
    before = """if x == 'a' or y in ('', r'b', 'it"s'):  # it's 'c'
    \'\'\'It's 'd'.\'\'\'
    z = "'e'"
"""
    assert in_style(before) == before.replace("'a'", '"a"').replace("('',", '("",')


def test_f_strings():
    """They are in double quotes as well, but where they hold quotes themselves."""
    before = "def f(a):\n    raise ValueError(f'{a} is no number')\n    print(f'\"{a}\"')\n"

    assert in_style(before) == before.replace("f'{a} is no number'", 'f"{a} is no number"')
