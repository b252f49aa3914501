"""A URL that begins with `postgres://`, as Heroku and others give it: newer SQLAlchemy refuses it in words that do not tell why."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from sqlalchemy import exc

from ..base.errors import OldScheme

if TYPE_CHECKING:
    from collections.abc import Iterator


REFUSED = re.compile(r"sqlalchemy\.dialects:postgres\b")


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Code of the application that makes an engine inside the block and is refused one for such a URL raises OldScheme."""
    try:
        yield
    except exc.NoSuchModuleError as error:
        if not REFUSED.search(str(error)):
            raise
        raise OldScheme() from error
