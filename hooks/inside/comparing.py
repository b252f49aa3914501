"""Whether the existing databases are what they were, seen by a process in which nothing of the project is run."""

from __future__ import annotations

from .base.adopted import adopted
from .base.messages import Compared
from .places import Places


def compare(pipe, request):
    """Emit "compared": whether the databases of the request are what their fingerprints say. Nothing of the project is run."""
    places = Places(adopted)
    places.hear(request.databases)
    changed, compared = places.compared()
    pipe.emit(Compared(compared, changed))
    pipe.send({"event": "done"})
    return 0
