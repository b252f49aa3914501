"""Whether the existing databases are what they were, seen by a process in which nothing of the project is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base.adopted import adopted
from .base.messages import Compared
from .places import Places

if TYPE_CHECKING:
    from .base.messages import Request
    from .base.pipe import Pipe


def compare(pipe: Pipe, request: Request) -> int:
    """Emit "compared": whether the databases of the request are what their fingerprints say. Nothing of the project is run."""
    places = Places(adopted)
    places.hear(request.databases)
    changed, compared = places.compared()
    pipe.emit(Compared(compared, changed))
    pipe.send({"event": "done"})
    return 0
