"""Empty databases for benchmarks."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from tests.servers import new_database


def empty_database(dialect: str, folder: Path, stack: ExitStack) -> str:
    """The URL of an empty database, with the driver that the application uses; dropped when the stack is closed."""
    url = sa.make_url(stack.enter_context(new_database(dialect, folder)))
    driver = "postgresql+psycopg2" if dialect == "postgresql" else url.drivername
    return url.set(drivername=driver).render_as_string(hide_password=False)
