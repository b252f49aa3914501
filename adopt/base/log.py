"""Where all that this package says to a person goes; project/logs.py lets it be seen."""

from __future__ import annotations

import contextlib
import logging

log = logging.getLogger("alembic.env")


def quiet() -> contextlib.ExitStack:
    """Until it is left, Alembic tells of no step: "Running upgrade" of a scratch database reads like one of the person's own."""
    left, logger = contextlib.ExitStack(), logging.getLogger("alembic")
    left.callback(logger.setLevel, logger.level)
    logger.setLevel(logging.WARNING)
    return left
