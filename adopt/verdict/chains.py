"""The chains that databases are compared with: replayed once for all databases of one kind of server, whoever asks first.

Two threads that need the same one wait for each other; two that need different ones do so only while Alembic runs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ..base.urls import backend, make_url
from ..history import replay
from ..history.chain import Chain
from . import verdict

if TYPE_CHECKING:
    from ..history.chain import Graph
    from ..history.loading import Database
    from .look import Seen


class Chains:
    """Chains of one history. `graph` is that of the revisions."""

    def __init__(self, graph: Graph | None = None) -> None:
        self.graph = replay.graph() if graph is None else graph
        self._lock = threading.Lock()
        self._locks: dict[Any, threading.Lock]
        self._found: dict[Any, Chain]
        self._locks, self._found = {}, {}

    def enough(self, database: Database, seen: Seen) -> Chain:
        """The chain with all positions that it takes to judge what was seen; without any where a look is enough.

        Raises:
            HistoryUnreadable, NotPermitted, ScratchRefused, DatabaseUnreachable: those of replay.chain, for this database only.
        """
        if not verdict.needs_positions(seen):
            return Chain(self.graph)
        return self.replayed(database, seen)

    def replayed(self, database: Database, seen: Seen) -> Chain:
        """The chain of the server of `database`, which need not exist, with the position that it is stamped with."""
        place = make_url(database.url)
        kind = (database.keys, seen.server or (backend(place), place.host, place.port))
        with self._lock:
            lock = self._locks.setdefault(kind, threading.Lock())
        with lock:
            chain = self._found.get(kind) or replay.chain(database, self.graph)
            if seen.stamped and not self.graph.unknown(seen.stamped):
                applied = self.graph.applied(seen.stamped)
                if chain.position(applied) is None and chain.failure(applied) is None:
                    chain = replay.extended(chain, database, seen.stamped)
            self._found[kind] = chain
            return chain
