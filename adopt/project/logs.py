"""What the commands say reaches the person who runs them, and the application's own logging stays as it is.

`alembic.ini` says how to log, for a command in a terminal whose application has not set up logging itself. Everywhere else (a
server that upgrades its database as it starts, tests, an application with handlers of its own) it would replace the handlers of the
root logger and its level, so only the loggers of the tools themselves get a handler, and only where nothing shows them.
"""

from __future__ import annotations

import logging
import os
import sys
from logging.config import fileConfig
from typing import TYPE_CHECKING

from ..base import redaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config


NAMES = ("alembic", "flask_migrate")
OWN = "alembic.env"  # what env.py and the modules beside this one say
FORMAT = "%(levelname)-5.5s [%(name)s] %(message)s"


class Masking(logging.Filter):
    """Takes the secrets out of the messages of one logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redaction.masked(record.getMessage()), ()
        return True


def configure(config: Config) -> None:
    """Set up logging as far as nobody has; `config` is Alembic's. What this package says is masked, wherever it is logged."""
    own = logging.getLogger(OWN)
    if not any(isinstance(one, Masking) for one in own.filters):
        own.addFilter(Masking())
    if config.config_file_name is None or not os.path.exists(config.config_file_name):
        return
    root = logging.getLogger()
    has_own = root.handlers or root.level != logging.WARNING  # which are what `alembic.ini` would change
    if is_command(config) and not has_own:
        fileConfig(config.config_file_name, disable_existing_loggers=False)
        return
    for name in NAMES:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
        if not any(shows(handler, is_command(config)) for handler in handlers(logger)):
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter(FORMAT))
            logger.addHandler(handler)


def is_command(config: Config) -> bool:
    """Whether this process is a command about migrations in a terminal: `flask db ...`, or Alembic's own."""
    if getattr(config.cmd_opts, "cmd", None) is not None:
        return True
    if "click" not in sys.modules:
        return False
    context = sys.modules["click"].get_current_context(silent=True)
    return context is not None and getattr(context.command.callback, "__module__", "") == "flask_migrate.cli"


def handlers(logger: logging.Logger | None) -> Iterator[logging.Handler]:
    """All that receive what this logger is told."""
    while logger is not None:
        for handler in logger.handlers:
            if not isinstance(handler, logging.NullHandler):  # Alembic's own
                yield handler
        logger = logger.parent if logger.propagate else None


def shows(handler: logging.Handler, is_command: bool) -> bool:
    """Whether what is told here is seen: by whoever reads the application's logs, or by a person at the terminal."""
    is_console = isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler)
    return not is_command or (is_console and handler.level <= logging.INFO)
