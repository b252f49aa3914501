"""Run what is pending in one database, as `flask db upgrade` does: through env.py, with all that guards an upgrade there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from ..base.errors import RiskyRevision
from ..server import engines
from . import replay

if TYPE_CHECKING:
    from alembic.config import Config

    from .loading import Database


def upgrade(database: Database, target: Any = "heads") -> None:
    """Bring one Database to `target`.

    Raises:
        RiskyRevision: one of them would lose values that are there; nothing was changed.
        RevisionFailed: a revision raised; PostgreSQL has undone it, other servers keep what ran before the error.
    """
    made = engines.engine(database.url, database.connect_args, runs_revisions=True)
    with replay.ENVIRONMENT, made.connect() as connection:
        config = replay.alembic_config(connection=connection, bind_keys=database.keys, counts_rows=True)
        try:
            command.upgrade(config, target)
        except CommandError as error:
            raise error.__cause__ if isinstance(error.__cause__, RiskyRevision) else failed(error, config) from error
        except Exception as error:  # whatever somebody's revision raises
            raise failed(error, config) from error


def failed(error: BaseException, config: Config) -> Any:
    return replay.failed(error, ScriptDirectory.from_config(config))
