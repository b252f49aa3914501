"""results"""
revision = "1f0a2c3d4e5b"
down_revision = None

import sqlalchemy as sa
from alembic import op


def upgrade():
    op.create_table(
        "result",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("outcome", sa.String(10), nullable=False),
    )


def downgrade():
    op.drop_table("result")
