"""Run what is pending in one database, as `flask db upgrade` does: through env.py, revision by revision."""

from . import engines, replay


def upgrade(database, target="heads"):
    """Bring one Database to `target`.

    Raises:
        RevisionFailed: a revision raised; PostgreSQL has undone it, other servers keep what ran before the error.
    """
    with engines.engine(database.url, database.connect_args).connect() as connection:
        replay.upgrade(connection, target, bind_keys=database.keys)
