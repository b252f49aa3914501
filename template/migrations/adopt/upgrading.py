"""Run what is pending in one database, as `flask db upgrade` does: through env.py, revision by revision."""

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from . import replay


def upgrade(database, target="heads"):
    """Bring one Database to `target`.

    Raises:
        RevisionFailed: a revision raised; PostgreSQL has undone it, other servers keep what ran before the error.
    """
    engine = create_engine(database.url, poolclass=NullPool, connect_args=dict(database.connect_args))
    with engine.connect() as connection:
        replay.upgrade(connection, target, bind_keys=database.keys)
