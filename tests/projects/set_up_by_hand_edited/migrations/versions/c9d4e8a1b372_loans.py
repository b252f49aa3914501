"""loans

Revision ID: c9d4e8a1b372
Revises: 8be2d71f4a05
Create Date: 2023-06-20 08:15:00.000000+00:00

"""
from alembic import op
import sqlalchemy as sa
import app


# revision identifiers, used by Alembic.
revision = 'c9d4e8a1b372'
down_revision = '8be2d71f4a05'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('loan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('book_id', sa.Integer(), nullable=False),
    sa.Column('reader', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['book_id'], ['book.id'], ),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade():
    op.drop_table('loan')
