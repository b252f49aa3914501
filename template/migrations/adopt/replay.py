"""Run the revisions on a scratch database, through env.py as `flask db upgrade` does, and look at what they build."""

import os

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from . import snapshot
from .errors import RevisionFailed
from .urls import hide_password

MIGRATIONS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def alembic_config():
    """The configuration that Flask-Migrate would use, except that env.py leaves logging alone."""
    config = Config(os.path.join(MIGRATIONS, "alembic.ini"))
    config.set_main_option("script_location", MIGRATIONS.replace("%", "%%"))  # this also reads the file
    config.config_file_name = None
    return config


def history():
    """The ids of all revisions, the oldest first."""
    script = ScriptDirectory.from_config(alembic_config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


def upgrade(connection, revision, bind_keys=(None,)):
    """Bring the database of this connection to `revision`, as far as these binds go; the caller closes the connection.

    Raises:
        RevisionFailed: a revision raised, or env.py did.
    """
    config = alembic_config()
    config.attributes.update(connection=connection, bind_keys=bind_keys)
    try:
        command.upgrade(config, revision)
    except Exception as error:  # whatever somebody's revision raises
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise RevisionFailed("upgrading an empty database to {} failed: {}".format(revision, hide_password(words[0]))) from error


def schema(scratch, revision, *, ignore, schemas=(), bind_keys=(None,)):
    """Bring `scratch` to `revision` and return the snapshot of it; None where that revision is not the only one it is at."""
    with scratch.engine().connect() as connection:
        upgrade(connection, revision, bind_keys)
    with scratch.engine().connect() as connection:
        if MigrationContext.configure(connection, opts={"version_table": ignore[0]}).get_current_heads() != (revision,):
            return None
        return snapshot.take(connection, ignore=ignore, schemas=schemas)
