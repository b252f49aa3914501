"""Run what is pending in one database, as `flask db upgrade` does: through env.py, with all that guards an upgrade there."""

from alembic import command
from alembic.script import ScriptDirectory

from ..server import engines
from . import replay


def upgrade(database, target="heads"):
    """Bring one Database to `target`.

    Raises:
        RevisionFailed: a revision raised; PostgreSQL has undone it, other servers keep what ran before the error.
    """
    config = replay.alembic_config()
    with replay.ENVIRONMENT, engines.engine(database.url, database.connect_args).connect() as connection:
        config.attributes.update(connection=connection, bind_keys=database.keys)
        try:
            command.upgrade(config, target)
        except Exception as error:  # whatever somebody's revision raises
            raise replay.failed(error, ScriptDirectory.from_config(config)) from error
