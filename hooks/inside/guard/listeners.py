"""Keep the listeners that an application has on all engines, pools and dialects from what our own connections do.

SQLAlchemy keeps what is listened for on a class in one collection for each class, which every object of it looks at; there is no
public way to leave it out for one engine.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sqlalchemy import pool
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.default import DefaultDialect

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Nobody hears of what engines do meanwhile; what listens to a single engine still does."""
    by_class = [
        getattr(owner.dispatch, name)._clslevel
        for owner in (Engine, Connection, pool.Pool, DefaultDialect)
        for name in owner.dispatch._event_names
    ]
    before = [{cls: list(listened) for cls, listened in one.items()} for one in by_class]
    for one in by_class:
        for listened in one.values():
            listened.clear()
    try:
        yield
    finally:
        for one, listened_before in zip(by_class, before):  # noqa: B905 - Python 3.7
            for cls in set(one) - set(listened_before):
                del one[cls]  # a copy of what was empty meanwhile
            for cls, listened in listened_before.items():
                one[cls].extend(listened)
