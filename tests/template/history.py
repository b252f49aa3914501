"""Revisions written by hand into a project, oldest first, without a process for each."""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.template.project import Project

TEXT = '''\
"""{name}

Revision ID: {name}
Revises: {down}
"""
from alembic import op
import sqlalchemy as sa

revision = {name!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
{up}


def downgrade():
{down_body}
'''


def write_revision(
    project: Project, name: str, down: str | None, up: str = "pass", downgrade: str = "pass", more: str = ""
) -> Path:
    """A revision called `name` with these two bodies; `more` stands after them."""
    path = project.folder / "migrations" / "versions" / f"{name}.py"
    bodies = {key: textwrap.indent(body, "    ") for key, body in (("up", up), ("down_body", downgrade))}
    path.write_text(TEXT.format(name=name, down=down, **bodies) + more)
    return path


BASELINE = """\
op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('email')
)"""
