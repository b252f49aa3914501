"""Where all that this package says to a person goes; project/logs.py lets it be seen."""

import logging

log = logging.getLogger("alembic.env")
