"""A URL that begins with `postgres://`, as Heroku and others give it: newer SQLAlchemy refuses it in words that do not tell why."""

import contextlib
import re

from sqlalchemy import exc

from ..base.errors import OldScheme

REFUSED = re.compile(r"sqlalchemy\.dialects:postgres\b")


@contextlib.contextmanager
def explained():
    """Code of the application that makes an engine inside the block and is refused one for such a URL raises OldScheme."""
    try:
        yield
    except exc.NoSuchModuleError as error:
        if not REFUSED.search(str(error)):
            raise
        raise OldScheme() from error
