"""The binds that a new revision has functions for, asked by script.py.mako, also where no env.py has run (`flask db revision`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.script import ScriptDirectory

from ..project import application, project, targets
from . import replay

if TYPE_CHECKING:
    from alembic.config import Config


def names(config: Config) -> list[str]:
    """The names of the binds, the default one being ""; [""] alone means one database, and functions without a name.

    `config` is Alembic's, or None where a script makes a revision file by itself.
    """
    script = ScriptDirectory.from_config(config or replay.alembic_config())
    with application.context():
        project.import_models()
        return [bind.name for bind in targets.binds(script)]
